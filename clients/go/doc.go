// Package hfbeam runs Hugging Face models in Beam pipelines written in Go.
//
// A pipeline names a model in a small config, passes a PCollection of structs, strings or bytes, and gets back a
// PCollection of its own struct type:
//
//	type Embedded struct {
//		Term   string    `beam:"term"`
//		Vector []float32 `beam:"inference"`
//	}
//
//	func init() { beam.RegisterType(reflect.TypeFor[Embedded]()) }
//
//	vectors, err := hfbeam.Infer[Embedded](s,
//		hfbeam.Embedding{Model: "sentence-transformers/all-MiniLM-L6-v2"},
//		"localhost:8097", definitions)
//
// While the pipeline is built, an expansion service (`hf-beam serve`) checks the config and returns the schema of the
// output rows. If the struct does not match the schema, that is an error at this point. The model itself runs in Python
// workers, next to the Go workers.
//
// # Input
//
// Structs can have fields of type string, []byte, bool, uint8, int32, int64, float32 and float64, and slices, maps,
// pointers and structs of these. Other types are an error, because Beam encodes them in a way that only Go can decode. The
// config's Inputs map arguments of the model to fields, if their names differ.
//
// # Output
//
// An output row has all fields of the input (a plain string or []byte is the field example, the key of a KV the field
// key), then inference with the model's result, then model_id with the model and the commit that produced the result. The
// struct receives the fields that it declares, by the names in their beam tags, at any depth; `hf-beam describe` lists the
// results of all tasks. Slices, maps and nested structs receive arrays, maps and rows. A field that may be null must be a
// pointer, slice or map. An embedded struct receives fields of the outer row.
//
// # Errors
//
// Infer and InferWithErrors return an *Error if the config, input and struct do not match, or if the service does not
// answer. An element that fails while the pipeline runs makes its bundle fail, as usual in Beam. InferWithErrors sends it
// to a separate output instead.
//
// # TLS
//
// By default, the connection to the service is plaintext. WithTLS uses TLS.
package hfbeam

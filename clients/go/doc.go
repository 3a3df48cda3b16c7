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
// Structs can have fields of type string, []byte, bool, uint8, int32, int64, float32 and float64, of named types based on
// these, and slices, arrays, maps, pointers and structs of these. Other types are an error, because Beam encodes them in a way
// that only Go can decode. A nil slice or map is an empty one, and a nil pointer is null. The fields of an embedded struct are
// fields of the row, unless it has a beam tag. The config's Inputs map arguments of the model to fields, if their names
// differ.
//
// A key of a KV can be a string, []byte, a bool, a float64, or an integer that fits in 64 bits; integers become int64.
//
// # Output
//
// An output row has all fields of the input (a plain string or []byte is the field example, the key of a KV the field
// key), then inference with the model's result, then model_id with the model and the commit that produced the result. The
// struct receives the fields that it declares, by the names in their beam tags, at any depth; `hf-beam describe` lists the
// results of all tasks. Slices, maps and nested structs receive arrays, maps and rows. A field that may be null must be a
// pointer, slice or map. As in the input, an embedded struct without a beam tag stands for its fields. The positions start and
// end in results count Unicode code points; use Slice.
//
// # Errors
//
// Infer and InferWithErrors return an *Error if the config, input and struct do not match, or if the service does not
// answer. If you run the pipeline in spite of an error, beam.Run returns it too. An element that fails while the pipeline runs makes its bundle fail, as usual in Beam. InferWithErrors sends it
// to a separate output instead.
//
// # TLS
//
// By default, the connection to the service is plaintext. WithTLS uses TLS.
package hfbeam

// Package hfbeam brings Hugging Face models into Beam pipelines written in Go.
//
// A pipeline names a model in a small config, gives a PCollection of structs, strings or bytes, and gets a PCollection
// of its own struct type back:
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
// While the pipeline is built, an expansion service (`hf-beam serve`) checks the config and says what the rows that
// come back look like; a struct that does not fit them is an error there and then. The model itself runs in Python
// workers, next to the Go ones.
//
// # What goes in
//
// Structs of strings, bytes, booleans, uint8, int32, int64, float32, float64, and of slices, maps, pointers and structs
// of these. Other types are an error: Beam writes them in ways that only Go reads. The config's Inputs say which fields
// the model reads, where its own names do not.
//
// # What comes back
//
// A row with all fields of the input (a plain string or bytes is the field example, the key of a KV the field key), then
// inference with the model's answer, then model_id, which says which commit of the model answered. The struct takes
// what it has fields for, by the names in their beam tags, and at all depths: `hf-beam describe` lists the answers of
// all tasks. Slices, maps and nested structs stand for arrays, maps and rows; a pointer, slice or map for what may be
// null. A struct that is embedded takes fields as if they were the outer struct's own.
//
// # Errors
//
// Infer and InferWithErrors return an *Error when config, input and struct do not go together, or the service does not
// answer. An element that fails while the pipeline runs fails its bundle, as everywhere in Beam, unless
// InferWithErrors gives it an output of its own.
//
// # Over a network
//
// An address alone means plaintext. WithTLS speaks TLS with the service.
package hfbeam

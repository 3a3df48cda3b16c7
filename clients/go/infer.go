package hfbeam

import (
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// Failed is an element that failed while the pipeline ran. In is a struct for the row that it was: the input's own type
// where that is a struct, else one with the field example, and key for a KV.
type Failed[In any] struct {
	FailedRow    In     `beam:"failed_row"`
	ErrorMessage string `beam:"error_message"`
	ErrorCode    string `beam:"error_code"`
	ModelID      string `beam:"model_id"`
}

// Infer asks a model about each element of a PCollection of structs, strings or bytes, or of KVs with one of these as
// their value. It gives a PCollection<Out>: see the package's documentation for what Out may be. The type Out must be
// registered, by beam.RegisterType or with a DoFn that takes it.
//
// The service is asked at its address, HOST:PORT, each time that Infer is called; WithTLS makes that safe in a network.
// Elements keep their windows and timestamps. An element that fails while the pipeline runs fails its bundle.
//
// The error is an *Error. The pipeline cannot be run after one.
func Infer[Out any](s beam.Scope, config Config, service string, in beam.PCollection, options ...Option) (
	beam.PCollection, error,
) {
	document, err := config.toDocument()
	if err != nil {
		return beam.PCollection{}, err
	}
	out, err := target[Out]()
	if err != nil {
		return beam.PCollection{}, err
	}
	outputs, err := infer(s.Scope("hfbeam.Infer"), document, newConnection(service, options), in, map[string]reflect.Type{
		outputTag: out,
	})
	return outputs[outputTag], err
}

// InferWithErrors is Infer with an output of their own for the elements that fail, so that they fail nothing else: it
// gives a PCollection<Out> and a PCollection<Failed[In]>. Each element is in exactly one of the two. The types Out and
// Failed[In] must be registered.
func InferWithErrors[Out, In any](s beam.Scope, config Config, service string, in beam.PCollection, options ...Option) (
	good, failed beam.PCollection, err error,
) {
	document, err := config.toDocument()
	if err != nil {
		return beam.PCollection{}, beam.PCollection{}, err
	}
	out, err := target[Out]()
	if err != nil {
		return beam.PCollection{}, beam.PCollection{}, err
	}
	failure, err := target[Failed[In]]()
	if err != nil {
		return beam.PCollection{}, beam.PCollection{}, err
	}
	document, errors := document.withErrorOutput()
	outputs, err := infer(s.Scope("hfbeam.InferWithErrors"), document, newConnection(service, options), in,
		map[string]reflect.Type{outputTag: out, errors: failure})
	return outputs[outputTag], outputs[errors], err
}

package hfbeam

import (
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// Failed is an element that failed while the pipeline ran. In is a struct for the input row: the input's own type if it is
// a struct, otherwise a struct with the field example, and key for a KV.
type Failed[In any] struct {
	FailedRow    In     `beam:"failed_row"`
	ErrorMessage string `beam:"error_message"`
	ErrorCode    string `beam:"error_code"`
	ModelID      string `beam:"model_id"`
}

// Infer runs a model on each element of a PCollection of structs, strings or bytes, or of KVs with one of these as their
// value. It returns a PCollection<Out>; for the types that Out may have, see the documentation of the package. The type Out
// must be registered, with beam.RegisterType or with a DoFn that takes it.
//
// Each call of Infer calls the service at the address, HOST:PORT. On a network, use WithTLS. Elements keep their windows
// and timestamps. An element that fails while the pipeline runs makes its bundle fail.
//
// The error is an *Error. You cannot run the pipeline after an error.
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

// InferWithErrors is like Infer, but sends elements that fail to a separate output, so that they do not make anything else
// fail. It returns a PCollection<Out> and a PCollection<Failed[In]>. Each element appears in exactly one of the two. The
// types Out and Failed[In] must be registered.
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

package hfbeam

import (
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
// The error is an *Error. You cannot run the pipeline after an error: beam.Run returns the error again.
func Infer[Out any](s beam.Scope, config Config, service string, in beam.PCollection, options ...Option) (
	beam.PCollection, error,
) {
	c := call{scope: s, name: "hfbeam.Infer", config: config, service: service, in: in, options: options}
	outputs, err := c.infer(target[Out])
	return outputs[0], err
}

// InferWithErrors is like Infer, but sends elements that fail to a separate output, so that they do not make anything else
// fail. It returns a PCollection<Out> and a PCollection<Failed[In]>. Each element appears in exactly one of the two. The
// types Out and Failed[In] must be registered.
func InferWithErrors[Out, In any](s beam.Scope, config Config, service string, in beam.PCollection, options ...Option) (
	good, failed beam.PCollection, err error,
) {
	c := call{scope: s, name: "hfbeam.InferWithErrors", config: config, service: service, in: in, options: options}
	outputs, err := c.infer(target[Out], target[Failed[In]])
	return outputs[0], outputs[1], err
}

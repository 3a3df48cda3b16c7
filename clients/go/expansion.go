package hfbeam

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx/schema"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/xlangx"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/typex"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"google.golang.org/protobuf/proto"
)

const (
	payloadURN  = "beam:expansion:payload:schematransform:v1"
	rowCoderURN = "beam:coder:row:v1"
	inputTag    = "input"
	outputTag   = "output"
	errorsTag   = "errors"

	// handlerName is the NAME in an expansion address, NAME:TICKET. It makes Beam call expand.
	handlerName = "hfbeam"
)

// expansion is what expand needs of infer.
type expansion struct {
	service connection
	step    string // the name of the transform
}

// tickets maps the numbers of the current expansions to them, because Beam passes only a string from infer to expand.
var (
	tickets    sync.Map
	lastTicket atomic.Uint64
)

func init() {
	xlangx.RegisterHandler(handlerName, expand)
}

// infer asks the service to expand the transform, and applies the result to a collection. The argument outputs has the
// struct type of each output.
func infer(s beam.Scope, config document, service connection, in beam.PCollection, outputs map[string]reflect.Type) (
	map[string]beam.PCollection, error,
) {
	if err := service.check(); err != nil {
		return nil, err
	}
	if err := checkInput(in.Type()); err != nil {
		return nil, err
	}
	types := map[string]beam.FullType{}
	for tag, output := range outputs {
		types[tag] = typex.New(output)
	}
	payload, err := config.payload()
	if err != nil {
		return nil, err
	}
	ticket := strconv.FormatUint(lastTicket.Add(1), 10)
	tickets.Store(ticket, expansion{service, newStepName(s)})
	defer tickets.Delete(ticket)
	rows, err := beam.TryCrossLanguage(s, payloadURN, payload, xlangx.Require(handlerName+":"+ticket),
		map[string]beam.PCollection{inputTag: in}, types)
	if err != nil {
		return nil, asError(err)
	}
	structs := map[string]beam.PCollection{}
	for tag, output := range outputs {
		structs[tag] = toStructs(s, rows[tag], output)
	}
	return structs, nil
}

// asError extracts an error of this package from the errors that Beam wraps around it, which include the whole request.
func asError(err error) *Error {
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	root := err
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		root = cause
	}
	// Before Beam calls expand, it only encodes the input, so the input is the cause.
	return newError(InvalidInputSchema, fmt.Sprintf("expected an input with a schema, found one without (%v)", root),
		inputTag, "Use a PCollection of strings, bytes or structs of supported types.").causedBy(err)
}

// expand calls the service, and checks that the answer is what the pipeline expects. If it is not, Beam would panic later,
// or fail while the pipeline runs.
func expand(ctx context.Context, params *xlangx.HandlerParams) (*jobpb.ExpansionResponse, error) {
	ticket, _ := tickets.Load(params.Config)
	service := ticket.(expansion).service
	params.Req.Transform.UniqueName = ticket.(expansion).step
	response, err := service.ask(ctx, params.Req)
	if err != nil {
		return nil, err
	}
	outputs := response.GetTransform().GetOutputs()
	for _, expected := range params.Outputs() {
		id, found := outputs[expected.Local]
		if !found {
			return nil, notUnderstood(service.address, "no output "+expected.Local)
		}
		row, err := rowSchema(response.GetComponents(), id)
		if err != nil {
			return nil, notUnderstood(service.address, fmt.Sprintf("the output %s without one (%v)", expected.Local, err))
		}
		source, err := rowType(row)
		if err != nil {
			return nil, err
		}
		if _, err := newCopier(expected.Coder.T.Type(), source); err != nil {
			return nil, err
		}
	}
	if len(outputs) > len(params.Outputs()) {
		// Only a JSON config can name an error output here. Returning one output would lose rows.
		return nil, newError(InvalidConfig, "expected a config without an error output, found one", "error_handling",
			"Remove it from the config and call InferWithErrors.")
	}
	return response, nil
}

func rowSchema(components *pipepb.Components, pcollection string) (*pipepb.Schema, error) {
	spec := components.GetCoders()[components.GetPcollections()[pcollection].GetCoderId()].GetSpec()
	if spec.GetUrn() != rowCoderURN {
		return nil, fmt.Errorf("its coder is %q", spec.GetUrn())
	}
	schema := &pipepb.Schema{}
	return schema, proto.Unmarshal(spec.GetPayload(), schema)
}

// rowType returns the Go type that Beam decodes rows to.
func rowType(row *pipepb.Schema) (t reflect.Type, err error) {
	defer func() {
		// Beam capitalizes the names of the row for the Go fields, and panics if two of them become the same.
		if problem := recover(); problem != nil {
			err = newError(InvalidInputSchema, fmt.Sprintf("expected names that a Go struct can have, found others (%v)", problem),
				inputTag, "Rename the field before this transform; example, key, inference and model_id are taken.")
		}
	}()
	t, err = schema.ToType(row)
	if err != nil {
		err = newError(InvalidInputSchema, fmt.Sprintf("expected types that Go supports, found others (%v)", err),
			inputTag, "Drop the field before this transform.")
	}
	return t, err
}

func notUnderstood(service, found string) *Error {
	return newError(ServiceFailed, fmt.Sprintf("expected rows with a schema from %s, found %s", service, found), "",
		"Make sure that the client and the service have the same version.")
}

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

	// handlerName is the part of an expansion address, NAME:TICKET, that makes Beam call expand.
	handlerName = "hfbeam"
)

// tickets are the numbers of the expansions under way, each with its connection: Beam carries only a string from infer to
// expand.
var (
	tickets    sync.Map
	lastTicket atomic.Uint64
)

func init() {
	xlangx.RegisterHandler(handlerName, expand)
}

// infer puts the service's part of the pipeline behind a collection. Each output is a collection of the struct that
// outputs names for it.
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
	tickets.Store(ticket, service)
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

// asError frees an error of this package from what Beam wraps it in, the whole request among it.
func asError(err error) *Error {
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	root := err
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		root = cause
	}
	// All that Beam does before it calls expand is to write the input down.
	return newError(InvalidInputSchema, fmt.Sprintf("expected an input that has a schema, found one that has not (%v)", root),
		inputTag, "Give a PCollection of strings, bytes or structs of plain fields.").causedBy(err)
}

// expand asks the service, and makes sure that its answer is what the pipeline expects. Beam panics later where it is
// not, or fails while the pipeline runs.
func expand(ctx context.Context, params *xlangx.HandlerParams) (*jobpb.ExpansionResponse, error) {
	ticket, _ := tickets.Load(params.Config)
	service := ticket.(connection)
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
			return nil, notUnderstood(service.address, fmt.Sprintf("the output %s without (%v)", expected.Local, err))
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
		// Only a config from JSON comes here. Taking one output would lose the other's rows.
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

// rowType is the Go type that Beam decodes rows to.
func rowType(row *pipepb.Schema) (t reflect.Type, err error) {
	defer func() {
		// Beam makes Go fields of the row's names by a capital first letter, and panics where two become the same.
		if problem := recover(); problem != nil {
			err = newError(InvalidInputSchema, fmt.Sprintf("expected names that Go can have as fields, found others (%v)", problem),
				inputTag, "Rename the field before this transform; example, key, inference and model_id are taken.")
		}
	}()
	t, err = schema.ToType(row)
	if err != nil {
		err = newError(InvalidInputSchema, fmt.Sprintf("expected types that Go knows, found others (%v)", err),
			inputTag, "Drop the field before this transform.")
	}
	return t, err
}

func notUnderstood(service, found string) *Error {
	return newError(ServiceFailed, fmt.Sprintf("expected rows with a schema from %s, found %s", service, found), "",
		"See that client and service are of one version.")
}

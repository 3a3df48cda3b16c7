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

// tickets maps the numbers of the current expansions to what expand needs and returns, because Beam passes only a string
// from infer to expand.
var (
	tickets    sync.Map
	lastTicket atomic.Uint64
)

func init() {
	xlangx.RegisterHandler(handlerName, expand)
}

// call is a call of Infer or InferWithErrors.
type call struct {
	scope   beam.Scope
	name    string
	config  Config
	service string
	in      beam.PCollection
	options []Option
}

// infer returns a collection of each type, the rows with results first, then those of elements that failed.
func (c call) infer(types ...func() (reflect.Type, error)) ([]beam.PCollection, error) {
	none := make([]beam.PCollection, len(types))
	if !c.scope.IsValid() {
		return none, missing("a scope", "s", "Use the scope of beam.NewPipelineWithRoot.")
	}
	collections, err := c.apply(types)
	if err != nil {
		refuse(c.scope.Scope(c.name), err)
		return none, err
	}
	return collections, nil
}

func (c call) apply(types []func() (reflect.Type, error)) ([]beam.PCollection, error) {
	config, err := documentOf(c.config)
	if err != nil {
		return nil, err
	}
	if !c.in.IsValid() {
		return nil, missing("a collection", inputTag, "Pass a PCollection of this pipeline, and check the error of the call that made it.")
	}
	tags := []string{outputTag}
	if len(types) > 1 {
		var errors string
		config, errors = config.withErrorOutput()
		tags = append(tags, errors)
	}
	outputs := make([]reflect.Type, len(types))
	for i, typeOf := range types {
		if outputs[i], err = typeOf(); err != nil {
			return nil, err
		}
	}
	service, err := newConnection(c.service, c.options)
	if err != nil {
		return nil, err
	}
	return applyExternal(c.scope.Scope(c.name), config, service, c.in, tags, outputs)
}

// expansion is what expand needs and returns.
type expansion struct {
	service connection
	step    string // the name of the transform
	input   []*part
	refusal error
}

// applyExternal asks the service to expand the transform, and applies the result to a collection. It returns the collections
// with the given tags and struct types.
func applyExternal(s beam.Scope, config document, service connection, in beam.PCollection, tags []string, outputs []reflect.Type) (
	[]beam.PCollection, error,
) {
	payload, err := config.payload()
	if err != nil {
		return nil, err
	}
	in, parts, err := toPortable(s, in)
	if err != nil {
		return nil, err
	}
	types := map[string]beam.FullType{}
	for i, tag := range tags {
		types[tag] = typex.New(outputs[i])
	}
	e := &expansion{service: service, step: newStepName(s), input: parts}
	ticket := strconv.FormatUint(lastTicket.Add(1), 10)
	tickets.Store(ticket, e)
	defer tickets.Delete(ticket)
	rows, err := beam.TryCrossLanguage(s, payloadURN, payload, xlangx.Require(handlerName+":"+ticket),
		map[string]beam.PCollection{inputTag: in}, types)
	if err != nil {
		return nil, asError(err)
	}
	if e.refusal != nil {
		return nil, e.refusal
	}
	collections := make([]beam.PCollection, len(tags))
	for i, tag := range tags {
		collections[i] = toStructs(s, rows[tag], outputs[i])
	}
	return collections, nil
}

func missing(what, path, remedy string) *Error {
	return newError(InvalidConfig, "expected "+what+", found none", path, remedy)
}

// asError extracts the cause from the errors that Beam wraps around it, which include the whole request.
func asError(err error) *Error {
	root := err
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		root = cause
	}
	// Before Beam calls expand, it only encodes the input, so the input is the cause.
	return newError(InvalidInputSchema, fmt.Sprintf("expected an input with a schema, found one without (%v)", root),
		inputTag, "Use a PCollection of strings, bytes or structs of supported types.").causedBy(err)
}

// expand answers Beam, whatever the service says, because Beam's runners panic on a transform that was not expanded. The
// error of a refused request goes to infer by another way.
func expand(ctx context.Context, params *xlangx.HandlerParams) (*jobpb.ExpansionResponse, error) {
	ticket, _ := tickets.Load(params.Config)
	e := ticket.(*expansion)
	params.Req.Transform.UniqueName = e.step
	usePortableCoders(params.Req, e.input)
	response, err := e.ask(ctx, params)
	if err != nil {
		e.refusal = err
		tags := make([]string, 0, len(params.Outputs()))
		for _, output := range params.Outputs() {
			tags = append(tags, output.Local)
		}
		return standIn(params.Req, tags), nil
	}
	return response, nil
}

// usePortableCoders replaces the coder of the input, because Beam only knows the type that the values had before toPortable.
func usePortableCoders(request *jobpb.ExpansionRequest, parts []*part) {
	coders := request.GetComponents().GetCoders()
	collection := request.GetComponents().GetPcollections()[request.GetTransform().GetInputs()[inputTag]]
	ids := []string{collection.GetCoderId()}
	if len(parts) == 2 {
		ids = coders[collection.GetCoderId()].GetComponentCoderIds()
	}
	for i, part := range parts {
		if part.Row != nil {
			coders[ids[i]] = &pipepb.Coder{Spec: &pipepb.FunctionSpec{Urn: rowCoderURN, Payload: part.Row}}
		}
	}
}

// ask calls the service, and checks that the answer is what the pipeline expects. If it is not, Beam would panic later, or
// fail while the pipeline runs.
func (e *expansion) ask(ctx context.Context, params *xlangx.HandlerParams) (*jobpb.ExpansionResponse, error) {
	response, err := e.service.ask(ctx, params.Req)
	if err != nil {
		return nil, err
	}
	outputs := response.GetTransform().GetOutputs()
	for _, expected := range params.Outputs() {
		id, found := outputs[expected.Local]
		if !found {
			return nil, notUnderstood(e.service.address, "no output "+expected.Local)
		}
		row, err := rowSchema(response.GetComponents(), id)
		if err != nil {
			return nil, notUnderstood(e.service.address, fmt.Sprintf("the output %s without one (%v)", expected.Local, err))
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

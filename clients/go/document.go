package hfbeam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"

	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"google.golang.org/protobuf/proto"
)

const defaultTransform = "pipeline"

// textFields hold a JSON object as text, because its content has no fixed types. A config may also hold the object itself.
var textFields = []string{"load_args", "inference_args"}

// document is a config as JSON, the form that all configs are converted to: the transform that it is for, and its fields
// as decodeJSON returns them.
type document struct {
	transform string
	fields    map[string]any
}

// FromJSON reads a config from a JSON document, which is the same in all languages: an object with the fields of the config
// and, optionally, "transform", the transform that the config is for ("pipeline" by default).
func FromJSON(config string) (Config, error) {
	d, err := parseDocument([]byte(config))
	if err != nil {
		return nil, err
	}
	switch transform := d.fields["transform"].(type) {
	case nil:
	case string:
		d.transform = transform
	default:
		return nil, newError(InvalidConfig, "expected a string, found "+describe(transform), "transform",
			`Name a transform: "pipeline", "embedding" or "tensor".`)
	}
	delete(d.fields, "transform")
	return d, nil
}

func documentOf(config Config) (document, error) {
	if value := reflect.ValueOf(config); !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil() {
		return document{}, missing("a config", "config", "Pass a Pipeline, an Embedding, a Tensor or the result of FromJSON, and check its error.")
	}
	return config.toDocument()
}

func newDocument(transform string, config any) (document, error) {
	text, err := json.Marshal(config)
	if err != nil {
		what := fmt.Sprintf("expected values that JSON can represent, found one that it cannot (%v)", err)
		return document{}, newError(InvalidConfig, what, "", "Use strings, numbers, booleans, slices and maps of these.")
	}
	d, err := parseDocument(text)
	d.transform = transform
	return d, err
}

func parseDocument(text []byte) (document, error) {
	value, err := decodeJSON(text)
	if err != nil {
		return document{}, notAnObject("text that is not JSON, or that has a duplicate name").causedBy(err)
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return document{}, notAnObject(describe(value))
	}
	return document{defaultTransform, fields}, nil
}

func notAnObject(found string) *Error {
	return newError(InvalidConfig, "expected a JSON object, found "+found, "config", "Give the config as one JSON object.")
}

func (d document) toDocument() (document, error) { return d, nil }

// withErrorOutput returns a copy with an output for elements that fail, and the name of this output: the document's own
// name, if it has one.
func (d document) withErrorOutput() (document, string) {
	if handling := d.fields["error_handling"]; handling != nil {
		fields, _ := handling.(map[string]any)
		name, _ := fields["output"].(string)
		return d, name // the service rejects a document without a name
	}
	fields := maps.Clone(d.fields)
	fields["error_handling"] = map[string]any{"output": errorsTag}
	return document{d.transform, fields}, errorsTag
}

// payload returns the config in the form that an expansion service expects.
func (d document) payload() ([]byte, error) {
	fields := maps.Clone(d.fields)
	for _, name := range textFields {
		if object, ok := fields[name].(map[string]any); ok {
			fields[name] = jsonText(object)
		}
	}
	var row bytes.Buffer
	schema, err := encodeObject(&row, fields, "")
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&pipepb.SchemaTransformPayload{
		Identifier:          "beam:schematransform:hf_beam:" + d.transform + ":v1",
		ConfigurationSchema: schema,
		ConfigurationRow:    row.Bytes(),
	})
}

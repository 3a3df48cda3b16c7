package hfbeam

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/coder"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx/schema"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"google.golang.org/protobuf/proto"
)

// sent is what the service gets of a config: the identifier, and the row as Beam decodes it.
func sent(t *testing.T, config Config) (string, any) {
	t.Helper()
	document, err := config.toDocument()
	if err != nil {
		t.Fatal(err)
	}
	payload, err := document.payload()
	if err != nil {
		t.Fatal(err)
	}
	message := &pipepb.SchemaTransformPayload{}
	if err := proto.Unmarshal(payload, message); err != nil {
		t.Fatal(err)
	}
	rowType, err := schema.ToType(message.GetConfigurationSchema())
	if err != nil {
		t.Fatal(err)
	}
	decode, err := coder.RowDecoderForStruct(rowType)
	if err != nil {
		t.Fatal(err)
	}
	row, err := decode(bytes.NewReader(message.GetConfigurationRow()))
	if err != nil {
		t.Fatal(err)
	}
	return message.GetIdentifier(), row
}

func assertSent(t *testing.T, config Config, identifier, row string) {
	t.Helper()
	foundIdentifier, value := sent(t, config)
	found, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	// The decoded struct's names start with a capital.
	var expected, actual any
	if err := errors.Join(json.Unmarshal([]byte(row), &expected), json.Unmarshal(found, &actual)); err != nil {
		t.Fatal(err)
	}
	if foundIdentifier != identifier || !reflect.DeepEqual(actual, expected) {
		t.Errorf("expected %s %s, found %s %s", identifier, row, foundIdentifier, found)
	}
}

const (
	pipelineID  = "beam:schematransform:hf_beam:pipeline:v1"
	embeddingID = "beam:schematransform:hf_beam:embedding:v1"
)

func TestAConfigIsSentWithAllItsFields(t *testing.T) {
	assertSent(t, Embedding{
		Pooling: "cls", Normalize: new(false), Prompt: "query: ", Dimensions: 64, VectorEncoding: "bytes",
		Model: "m", Inputs: map[string]string{"text": "definition"},
		Options: Options{
			Revision: "r", Framework: "pt", Dtype: "bfloat16", Quantization: "int8", Device: "cpu",
			MaxLength: 128, Truncation: new(true),
			LoadArgs: Args{"attn_implementation": "sdpa"}, Token: "env:HF_TOKEN",
			Batching:  Batching{MaxBatchSize: 8, MaxTokensPerBatch: 4096, MaxWaitMS: 50},
			Resources: Resources{Accelerator: "type:nvidia-tesla-t4;count:1", MinRAM: "8GiB"},
			Update:    Update{WatchRevision: "main", IntervalS: 60},
		},
	}, embeddingID, `{
		"Pooling": "cls", "Normalize": false, "Prompt": "query: ", "Dimensions": 64, "Vector_encoding": "bytes",
		"Model": "m", "Revision": "r", "Framework": "pt", "Dtype": "bfloat16", "Quantization": "int8",
		"Device": "cpu", "Max_length": 128, "Truncation": true,
		"Load_args": "{\"attn_implementation\":\"sdpa\"}", "Token": "env:HF_TOKEN",
		"Batching": {"Max_batch_size": 8, "Max_tokens_per_batch": 4096, "Max_wait_ms": 50},
		"Update": {"Watch_revision": "main", "Interval_s": 60},
		"Resources": {"Accelerator": "type:nvidia-tesla-t4;count:1", "Min_ram": "8GiB"},
		"Inputs": {"Text": "definition"}
	}`)
}

func TestWhatAConfigLeavesOutIsNotSent(t *testing.T) {
	assertSent(t, Pipeline{Task: "fill-mask"}, pipelineID, `{"Task": "fill-mask"}`)
	assertSent(t, Pipeline{}, pipelineID, `{}`)
}

func TestADocumentIsSentAsItIs(t *testing.T) {
	document, err := FromJSON(`{"transform": "embedding", "a": 9007199254740993, "b": -1.5, "c": true, "d": null,
		"e": ["x", "y"], "f": [], "g": {"h": [{"i": 1}, {"i": 2}]}, "transform_": "1.0", "j": 2e3}`)
	if err != nil {
		t.Fatal(err)
	}
	assertSent(t, document, embeddingID, `{"A": 9007199254740993, "B": -1.5, "C": true, "E": ["x", "y"], "F": [],
		"G": {"H": [{"I": 1}, {"I": 2}]}, "Transform_": "1.0", "J": 2000}`)
	if _, row := sent(t, document); reflect.ValueOf(row).FieldByName("A").Int() != 9007199254740993 {
		t.Errorf("a large integer has lost digits: %v", row)
	}
}

func TestADocumentWithoutATransformIsForThePipeline(t *testing.T) {
	for _, text := range []string{`{"task": "fill-mask"}`, `{"transform": null, "task": "fill-mask"}`} {
		document, err := FromJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		assertSent(t, document, pipelineID, `{"Task": "fill-mask"}`)
	}
}

func TestAnErrorOutputHasTheDocumentsOwnNameWhereThereIsOne(t *testing.T) {
	for text, expected := range map[string]string{
		`{}`:                                     "errors",
		`{"error_handling": null}`:               "errors",
		`{"error_handling": {"output": "mine"}}`: "mine",
	} {
		config, err := FromJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		document, name := config.(document).withErrorOutput()
		if name != expected {
			t.Errorf("expected %q for %s, found %q", expected, text, name)
		}
		assertSent(t, document, pipelineID, `{"Error_handling": {"Output": "`+expected+`"}}`)
		if again, _ := FromJSON(text); !reflect.DeepEqual(config, again) {
			t.Errorf("expected %s as it was, found %v", text, config)
		}
	}
}

func TestWhatIsNoJSONObjectIsRefused(t *testing.T) {
	for text, found := range map[string]string{
		`["model"]`: `array ["model"]`,
		`"model"`:   `string "model"`,
		`3`:         "integer 3",
		`null`:      "null",
	} {
		_, err := FromJSON(text)
		assertRefused(t, err, "config", "expected a JSON object, found "+found)
	}
	for text, cause := range map[string]string{
		``:                     "it ends too early",
		`{"model": "m"`:        "it ends too early",
		`model`:                "invalid character",
		`{"model": "m",}`:      "invalid character",
		`{"model": "m"} {}`:    "more follows its end",
		`{"a": {"b":1,"b":2}}`: `it has the name "b" twice`,
	} {
		_, err := FromJSON(text)
		assertRefused(t, err, "config", "expected a JSON object, found text that is not JSON, or that has a duplicate name")
		if found := errors.Unwrap(err); found == nil || !strings.Contains(found.Error(), cause) {
			t.Errorf("expected a cause that says %q, found %v", cause, found)
		}
	}
}

func TestATransformThatIsNoStringIsRefused(t *testing.T) {
	_, err := FromJSON(`{"transform": 1}`)
	assertRefused(t, err, "transform", "expected a string, found integer 1")
}

func TestValuesThatARowCannotHoldAreRefused(t *testing.T) {
	for text, expected := range map[string]struct{ path, says string }{
		`{"a": {"b": 9223372036854775808}}`: {"a.b", "expected an integer of at most 64 bits"},
		`{"a": 1e400}`:                      {"a", "expected a number of at most 64 bits"},
		`{"a": [1, "x"]}`:                   {"a", `found integer 1 and string "x"`},
		`{"a": [null]}`:                     {"a.0", "expected a value, found null"},
	} {
		config, err := FromJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = config.(document).payload()
		assertRefused(t, err, expected.path, expected.says)
	}
}

func TestArgumentsThatJSONHasNotAreRefused(t *testing.T) {
	_, err := Pipeline{InferenceArgs: Args{"x": func() {}}}.toDocument()
	assertRefused(t, err, "", "unsupported type: func()")
}

func assertRefused(t *testing.T, err error, path, says string) {
	t.Helper()
	var refusal *Error
	if !errors.As(err, &refusal) {
		t.Fatalf("expected an *Error, found %v", err)
	}
	if refusal.Code != InvalidConfig || refusal.Path != path || !strings.Contains(refusal.Message, says) {
		t.Errorf("expected %s at %q that says %q, found %v", InvalidConfig, path, says, refusal)
	}
}

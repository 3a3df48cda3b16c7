package hfbeam_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

type number struct {
	Number int64 `beam:"number"`
}

type unregistered struct {
	Text string `beam:"example"`
}

type keyed struct {
	Key  int64
	Text string `beam:"text"`
}

type textOnly struct {
	Text string `beam:"example"`
}

type labelOnly struct {
	Label string `beam:"label"`
}

type wrongScore struct {
	Inference struct {
		Score float32 `beam:"score"`
	} `beam:"inference"`
}

func init() {
	for _, t := range []reflect.Type{
		reflect.TypeFor[number](), reflect.TypeFor[keyed](), reflect.TypeFor[textOnly](), reflect.TypeFor[labelOnly](),
		reflect.TypeFor[wrongScore](),
	} {
		beam.RegisterType(t)
	}
	register.Function1x2(keyByKey)
}

type unwritable struct{ Text any }

func toUnwritable(text string) unwritable { return unwritable{text} }

func keyByKey(row keyed) (int64, keyed) { return row.Key, row }

func fromJSON(t *testing.T, text string) hfbeam.Config {
	t.Helper()
	config, err := hfbeam.FromJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestEachMistakeInAConfigIsOneErrorWhileThePipelineIsBuilt(t *testing.T) {
	for name, test := range map[string]struct {
		config     hfbeam.Config
		code, path string
		says       string
	}{
		"an unknown transform": {
			fromJSON(t, `{"transform": "foo"}`), hfbeam.UnknownTransform, "transform", "expected one of pipeline, embedding, tensor, found foo",
		},
		"an unknown field": {
			fromJSON(t, `{"transform": "embedding", "model": "x", "pooling_mode": "cls"}`),
			hfbeam.InvalidConfig, "pooling_mode", "found the unknown field pooling_mode",
		},
		"an unknown field inside another": {
			fromJSON(t, `{"model": "x", "batching": {"size": 8}}`), hfbeam.InvalidConfig, "batching.size", "max_batch_size",
		},
		"a value of the wrong type": {
			fromJSON(t, `{"model": "x", "truncation": "yes"}`),
			hfbeam.InvalidConfig, "truncation", `expected true or false, found string "yes"`,
		},
		"a value that is out of range": {
			hfbeam.Embedding{Model: "x", Options: hfbeam.Options{MaxLength: -1}}, hfbeam.InvalidConfig, "max_length", "expected an integer of at least 1",
		},
		"arguments that are no JSON object": {
			fromJSON(t, `{"model": "x", "load_args": "[]"}`), hfbeam.InvalidConfig, "load_args", "expected a JSON object",
		},
		"neither task nor model": {
			hfbeam.Pipeline{}, hfbeam.InvalidConfig, "model", "expected a task, a model or both, found neither",
		},
		"a task that does not exist": {
			hfbeam.Pipeline{Task: "text-clasification"}, hfbeam.InvalidConfig, "task", "text-classification",
		},
		"a model that does not exist": {
			hfbeam.Embedding{Model: tinyModel("no-such-model")}, hfbeam.ModelNotFound, "model", "no-such-model",
		},
		"a model that the operator does not allow": {
			hfbeam.Embedding{Model: "/etc"}, hfbeam.ModelNotAllowed, "model", "/etc",
		},
		"arguments that run code": {
			hfbeam.Pipeline{Model: tinyModel("fill-mask"), Options: hfbeam.Options{LoadArgs: hfbeam.Args{"trust_remote_code": true}}},
			hfbeam.Unsafe, "load_args.trust_remote_code", "trust_remote_code",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, s := beam.NewPipelineWithRoot()
			_, err := hfbeam.Infer[vector](s, test.config, service.Address, beam.Create(s, "a text"))
			assertRefused(t, err, test.code, test.path, test.says)
		})
	}
}

func TestAnInputWithoutAUsableFieldIsRefusedWithItsFields(t *testing.T) {
	_, s := beam.NewPipelineWithRoot()
	_, err := hfbeam.Infer[vector](s, hfbeam.Embedding{Model: tinyModel("feature-extraction")}, service.Address,
		beam.Create(s, number{1}))
	assertRefused(t, err, hfbeam.InvalidInputSchema, "inputs.text", "number INT64")
}

func TestAnInputFieldThatDoesNotExistIsRefused(t *testing.T) {
	config := hfbeam.Embedding{
		Model:  tinyModel("feature-extraction"),
		Inputs: map[string]string{"text": "txt"},
	}
	_, s := beam.NewPipelineWithRoot()
	_, err := hfbeam.Infer[vector](s, config, service.Address, beam.Create(s, "a text"))
	assertRefused(t, err, hfbeam.InvalidInputSchema, "inputs.text", "example STRING")
}

func TestAnInputThatHasNoSchemaIsRefused(t *testing.T) {
	_, s := beam.NewPipelineWithRoot()
	config := hfbeam.Embedding{Model: tinyModel("feature-extraction")}

	_, err := hfbeam.Infer[vector](s, config, service.Address, beam.Create(s, []string{"a", "b"}))
	assertRefused(t, err, hfbeam.InvalidInputSchema, "input", "expected an element to be a string, bytes or a row")

	_, err = hfbeam.Infer[vector](s, config, service.Address, beam.ParDo(s, toUnwritable, beam.Create(s, "a text")))
	assertError(t, err, hfbeam.InvalidInputSchema, "Text", "found interface {} in hfbeam_test.unwritable")

	grouped := beam.GroupByKey(s, beam.ParDo(s, keyByLength, beam.Create(s, "a text")))
	_, err = hfbeam.Infer[vector](s, config, service.Address, grouped)
	assertError(t, err, hfbeam.InvalidInputSchema, "input", "found CoGBK<int64,string>")
}

func TestAnInputFieldWhoseNameIsTakenIsRefused(t *testing.T) {
	_, s := beam.NewPipelineWithRoot()
	rows := beam.ParDo(s, keyByKey, beam.Create(s, keyed{1, "a text"}))
	_, err := hfbeam.Infer[vector](s, hfbeam.Embedding{Model: tinyModel("feature-extraction")}, service.Address, rows)
	assertError(t, err, hfbeam.InvalidInputSchema, "input", "duplicate field Key")
}

func TestAStructThatDoesNotFitIsRefused(t *testing.T) {
	classify := hfbeam.Pipeline{Model: tinyModel("text-classification")}
	_, s := beam.NewPipelineWithRoot()
	texts := beam.Create(s, "a text")

	_, err := hfbeam.Infer[labelOnly](s, classify, service.Address, texts)
	assertError(t, err, hfbeam.InvalidOutputType, "label",
		"struct{example string; inference struct{label string; score float64}; model_id string}")

	_, err = hfbeam.Infer[wrongScore](s, classify, service.Address, texts)
	assertError(t, err, hfbeam.InvalidOutputType, "inference.score", "expected float64, found float32")

	_, err = hfbeam.Infer[unregistered](s, classify, service.Address, texts)
	assertError(t, err, hfbeam.InvalidOutputType, "", "beam.RegisterType(reflect.TypeFor[hfbeam_test.unregistered]())")

	_, err = hfbeam.Infer[struct{ Example string }](s, classify, service.Address, texts)
	assertError(t, err, hfbeam.InvalidOutputType, "", "expected a struct type with a name")
}

func TestAnErrorOutputThatNobodyTakesIsRefused(t *testing.T) {
	config := fromJSON(t, `{"model": "`+tinyModel("text-classification")+`", "error_handling": {"output": "mine"}}`)
	_, s := beam.NewPipelineWithRoot()
	_, err := hfbeam.Infer[textOnly](s, config, service.Address, beam.Create(s, "a text"))
	assertError(t, err, hfbeam.InvalidConfig, "error_handling", "InferWithErrors")
}

func TestAnErrorsOutputIsCheckedToo(t *testing.T) {
	_, s := beam.NewPipelineWithRoot()
	_, _, err := hfbeam.InferWithErrors[vector, note](s, hfbeam.Embedding{Model: tinyModel("feature-extraction")},
		service.Address, beam.Create(s, "a text"))
	assertError(t, err, hfbeam.InvalidOutputType, "failed_row.id", "struct{example string}")
}

// assertRefused is for what the service refuses, under an id that its log has.
func assertRefused(t *testing.T, err error, code, path, says string) {
	t.Helper()
	if refusal := assertError(t, err, code, path, says); refusal.RequestID == "" {
		t.Errorf("expected the id of the request, found none: %v", refusal)
	}
}

func assertError(t *testing.T, err error, code, path, says string) *hfbeam.Error {
	t.Helper()
	var refusal *hfbeam.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("expected an *Error, found %v", err)
	}
	if refusal.Code != code || refusal.Path != path || !strings.Contains(refusal.Message, says) {
		t.Errorf("expected %s at %q that says %q, found %v", code, path, says, refusal)
	}
	if strings.Contains(refusal.Message, "Traceback") || strings.Contains(refusal.Message, "caused by") {
		t.Errorf("expected one sentence, found %v", refusal)
	}
	return refusal
}

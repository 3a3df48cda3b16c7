package hfbeam_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

func TestAnArgumentThatIsMissingIsAnErrorWithItsName(t *testing.T) {
	_, s := beam.NewPipelineWithRoot()
	texts := beam.Create(s, "a text")
	model := hfbeam.Embedding{Model: tinyModel("feature-extraction")}
	for name, test := range map[string]struct {
		s       beam.Scope
		config  hfbeam.Config
		in      beam.PCollection
		options []hfbeam.Option
		path    string
		says    string
	}{
		"no config":                  {s, nil, texts, nil, "config", "expected a config, found none"},
		"a nil pointer to a config":  {s, (*hfbeam.Embedding)(nil), texts, nil, "config", "expected a config, found none"},
		"a PCollection that is zero": {s, model, beam.PCollection{}, nil, "input", "expected a collection, found none"},
		"a scope that is zero":       {beam.Scope{}, model, texts, nil, "s", "expected a scope, found none"},
		"a nil option":               {s, model, texts, []hfbeam.Option{nil}, "options", "expected an option, found none"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := hfbeam.Infer[vector](test.s, test.config, service.Address, test.in, test.options...)
			assertError(t, err, hfbeam.InvalidConfig, test.path, test.says)
			_, _, err = hfbeam.InferWithErrors[vector, sparse](test.s, test.config, service.Address, test.in, test.options...)
			assertError(t, err, hfbeam.InvalidConfig, test.path, test.says)
		})
	}
}

func TestAPointerToAConfigIsAConfig(t *testing.T) {
	_, s := beam.NewPipelineWithRoot()
	_, err := hfbeam.Infer[vector](s, &hfbeam.Embedding{Model: "/etc"}, service.Address, beam.Create(s, "a text"))
	assertRefused(t, err, hfbeam.ModelNotAllowed, "model", "/etc")
}

func TestAPipelineThatRunsAfterAnErrorFailsWithThisError(t *testing.T) {
	for name, test := range map[string]struct {
		config  hfbeam.Config
		address string
	}{
		"of the service":         {hfbeam.Embedding{Model: "/etc"}, service.Address},
		"of the connection":      {hfbeam.Embedding{Model: "x"}, "localhost:1"},
		"of this package":        {nil, service.Address},
		"of the output's struct": {hfbeam.Pipeline{Model: tinyModel("fill-mask")}, service.Address},
	} {
		t.Run(name, func(t *testing.T) {
			p, s := beam.NewPipelineWithRoot()
			_, err := hfbeam.Infer[vector](s, test.config, test.address, beam.Create(s, "a text"))
			if err == nil {
				t.Fatal("expected an error, found none")
			}
			_, failure := beam.Run(context.Background(), "universal", p)
			if !errors.Is(failure, err) {
				t.Errorf("expected %v to be because of %v", failure, err)
			}
			if failure == nil || !strings.Contains(failure.Error(), "the pipeline cannot run, because hfbeam returned an error") {
				t.Errorf("expected a sentence, found %v", failure)
			}
			t.Log(failure)
		})
	}
}

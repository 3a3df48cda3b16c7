package hfbeam_test

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

type review struct {
	ID   int64  `beam:"id"`
	Text string `beam:"text"`
}

type judged struct {
	ID       int64 `beam:"id"`
	Judgment struct {
		Label string  `beam:"label"`
		Score float64 `beam:"score"`
	} `beam:"inference"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[review]())
	beam.RegisterType(reflect.TypeFor[judged]())
	beam.RegisterType(reflect.TypeFor[hfbeam.Failed[review]]())
}

func ExampleInfer() {
	_, s := beam.NewPipelineWithRoot()
	reviews := beam.Create(s, review{1, "It works."})

	judgments, err := hfbeam.Infer[judged](s, hfbeam.Pipeline{Task: "sentiment-analysis"}, "localhost:8097", reviews)
	var refusal *hfbeam.Error
	if errors.As(err, &refusal) && refusal.Code == hfbeam.ServiceUnavailable {
		fmt.Println(refusal)
		return
	}
	fmt.Println(judgments.Type())
}

func ExampleInferWithErrors() {
	_, s := beam.NewPipelineWithRoot()
	reviews := beam.Create(s, review{1, "It works."})

	// good is a PCollection of judged, failed one of hfbeam.Failed[review].
	good, failed, err := hfbeam.InferWithErrors[judged, review](s, hfbeam.Pipeline{
		Task:    "text-classification",
		Model:   "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
		Options: hfbeam.Options{Truncation: new(false)}, // a text that is too long is an error, not cut
	}, "localhost:8097", reviews)
	fmt.Println(good, failed, err)
}

func ExampleFromJSON() {
	config, err := hfbeam.FromJSON(`{"transform": "embedding", "model": "sentence-transformers/all-MiniLM-L6-v2"}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, s := beam.NewPipelineWithRoot()
	vectors, err := hfbeam.Infer[vector](s, config, "localhost:8097", beam.Create(s, "a text"))
	fmt.Println(vectors, err)
}

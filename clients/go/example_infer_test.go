package hfbeam_test

import (
	"context"
	"fmt"
	"log"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

// address is where `hf-beam serve` listens.
var address = "localhost:8097"

// Review is an element of the input: a row with two fields.
type Review struct {
	ID   int64  `beam:"id"`
	Text string `beam:"text"`
}

// Judged has the output fields that this program needs: one of the input, and the model's result.
type Judged struct {
	ID       int64 `beam:"id"`
	Judgment struct {
		Label string  `beam:"label"`
		Score float64 `beam:"score"`
	} `beam:"inference"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[Review]())
	beam.RegisterType(reflect.TypeFor[Judged]())
	register.Function1x0(printJudged)
}

func printJudged(row Judged) { fmt.Println(row.ID, row.Judgment.Label) }

func ExampleInfer() {
	p, s := beam.NewPipelineWithRoot()
	reviews := beam.Create(s, Review{1, "I would buy it again."}, Review{2, "It broke after a day."})

	judged, err := hfbeam.Infer[Judged](s, hfbeam.Pipeline{
		Task:  "text-classification",
		Model: "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
	}, address, reviews)
	if err != nil {
		log.Fatal(err)
	}
	beam.ParDo0(s, printJudged, judged)

	if _, err := beam.Run(context.Background(), "universal", p); err != nil {
		log.Fatal(err)
	}
	// Unordered output:
	// 1 POSITIVE
	// 2 NEGATIVE
}

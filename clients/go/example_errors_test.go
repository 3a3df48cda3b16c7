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

// Comment has an optional text: the field is a pointer because it may be null.
type Comment struct {
	ID   int64   `beam:"id"`
	Text *string `beam:"text"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[Comment]())
	beam.RegisterType(reflect.TypeFor[hfbeam.Failed[Comment]]())
	register.Function1x0(printFailed)
}

func printFailed(row hfbeam.Failed[Comment]) {
	fmt.Println(row.FailedRow.ID, row.ErrorCode, row.ErrorMessage)
}

func ExampleInferWithErrors() {
	p, s := beam.NewPipelineWithRoot()
	comments := beam.Create(s, Comment{1, new("I would buy it again.")}, Comment{2, nil})

	judged, failed, err := hfbeam.InferWithErrors[Judged, Comment](s, hfbeam.Pipeline{
		Task:  "text-classification",
		Model: "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
	}, address, comments)
	if err != nil {
		log.Fatal(err)
	}
	beam.ParDo0(s, printJudged, judged)
	beam.ParDo0(s, printFailed, failed)

	if _, err := beam.Run(context.Background(), "universal", p); err != nil {
		log.Fatal(err)
	}
	// Unordered output:
	// 1 POSITIVE
	// 2 InvalidElement expected text, text_pair (optional), found no text - at text. Correct it, or leave the element out.
}

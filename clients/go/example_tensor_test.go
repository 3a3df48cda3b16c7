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

// Tokens is a tokenized text. Its field has the name of the model's argument.
type Tokens struct {
	ID       int64   `beam:"id"`
	InputIDs []int64 `beam:"input_ids"`
}

// Scored has one field for each output of the config, in a nested struct.
type Scored struct {
	ID      int64 `beam:"id"`
	Outputs struct {
		Logits []float32 `beam:"logits"`
	} `beam:"inference"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[Tokens]())
	beam.RegisterType(reflect.TypeFor[Scored]())
	register.Function1x0(printScored)
}

func printScored(row Scored) { fmt.Println(row.ID, len(row.Outputs.Logits)) }

func ExampleTensor() {
	p, s := beam.NewPipelineWithRoot()
	tokens := beam.Create(s, Tokens{1, []int64{101, 204, 102}}, Tokens{2, []int64{101, 102}})

	scored, err := hfbeam.Infer[Scored](s, hfbeam.Tensor{
		Model:          "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
		ModelClass:     "AutoModelForSequenceClassification",
		Outputs:        []string{"logits:float32[1]"}, // an array of one dimension
		TensorEncoding: "array",
	}, address, tokens)
	if err != nil {
		log.Fatal(err)
	}
	beam.ParDo0(s, printScored, scored)

	if _, err := beam.Run(context.Background(), "universal", p); err != nil {
		log.Fatal(err)
	}
	// Unordered output:
	// 1 2
	// 2 2
}

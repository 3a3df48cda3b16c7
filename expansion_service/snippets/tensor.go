package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

// tokens is a tokenized text.
type tokens struct {
	ID       int64   `beam:"id"`
	InputIDs []int64 `beam:"input_ids"`
}

// scores is the output row for each text.
type scores struct {
	ID     int64 `beam:"id"`
	Output struct {
		Logits []float32 `beam:"logits"`
	} `beam:"inference"`
}

func show(s scores) {
	fmt.Println(s.ID, s.Output.Logits)
}

func init() {
	beam.RegisterType(reflect.TypeFor[tokens]())
	register.Function1x0(show)
}

// Run with --endpoint=localhost:8099 --environment_type=LOOPBACK
func main() {
	flag.Parse()
	beam.Init()
	p, s := beam.NewPipelineWithRoot()
	texts := beam.Create(s, tokens{1, []int64{101, 2204, 102}}, tokens{2, []int64{101, 2919, 2154, 102}})
	logits, err := hfbeam.Infer[scores](s, hfbeam.Tensor{
		Model:          "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
		TensorEncoding: "array",
		Outputs:        []string{"logits:float32[1]"},
	}, "localhost:8097", texts)
	if err != nil {
		log.Fatal(err)
	}
	beam.ParDo0(s, show, logits)
	if _, err := beam.Run(context.Background(), "universal", p); err != nil {
		log.Fatal(err)
	}
}

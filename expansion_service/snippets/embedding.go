package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

// vector is the output row for each text.
type vector struct {
	Text   string    `beam:"example"`
	Values []float32 `beam:"inference"`
}

func show(v vector) {
	fmt.Println(v.Text, v.Values)
}

func init() {
	register.Function1x0(show)
}

// Run with --endpoint=localhost:8099 --environment_type=LOOPBACK
func main() {
	flag.Parse()
	beam.Init()
	p, s := beam.NewPipelineWithRoot()
	texts := beam.Create(s, "what a happy and good day", "a bad and sad end")
	vectors, err := hfbeam.Infer[vector](s, hfbeam.Embedding{
		Model: "sentence-transformers/all-MiniLM-L6-v2",
	}, "localhost:8097", texts)
	if err != nil {
		log.Fatal(err)
	}
	beam.ParDo0(s, show, vectors)
	if _, err := beam.Run(context.Background(), "universal", p); err != nil {
		log.Fatal(err)
	}
}

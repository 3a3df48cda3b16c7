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

// mood is the output row for each text.
type mood struct {
	Text   string `beam:"example"`
	Answer struct {
		Label string  `beam:"label"`
		Score float64 `beam:"score"`
	} `beam:"inference"`
}

func show(m mood) {
	fmt.Println(m.Text, m.Answer.Label, m.Answer.Score)
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
	moods, err := hfbeam.Infer[mood](s, hfbeam.Pipeline{
		Task:  "text-classification",
		Model: "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
	}, "localhost:8097", texts)
	if err != nil {
		log.Fatal(err)
	}
	beam.ParDo0(s, show, moods)
	if _, err := beam.Run(context.Background(), "universal", p); err != nil {
		log.Fatal(err)
	}
}

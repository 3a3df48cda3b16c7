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

// Ranked has fields for the key and the value of a KV, and a slice for the model's results.
type Ranked struct {
	Shop   string `beam:"key"`
	Text   string `beam:"example"`
	Labels []struct {
		Label string  `beam:"label"`
		Score float64 `beam:"score"`
	} `beam:"inference"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[Ranked]())
	register.Function1x2(byShop)
	register.Function1x0(printRanked)
}

func byShop(text string) (string, string) { return "north", text }

func printRanked(row Ranked) {
	fmt.Println(row.Shop, row.Text, row.Labels[0].Label, row.Labels[1].Label)
}

func ExamplePipeline() {
	p, s := beam.NewPipelineWithRoot()
	texts := beam.Create(s, "I would buy it again.")
	keyed := beam.ParDo(s, byShop, texts) // a PCollection<KV<string, string>>

	ranked, err := hfbeam.Infer[Ranked](s, hfbeam.Pipeline{
		Task:          "text-classification",
		Model:         "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
		InferenceArgs: hfbeam.Args{"top_k": 2},
	}, address, keyed)
	if err != nil {
		log.Fatal(err)
	}
	beam.ParDo0(s, printRanked, ranked)

	if _, err := beam.Run(context.Background(), "universal", p); err != nil {
		log.Fatal(err)
	}
	// Output: north I would buy it again. POSITIVE NEGATIVE
}

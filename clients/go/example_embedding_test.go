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

// Definition has two strings, so the config must say which of them the model reads.
type Definition struct {
	Term string `beam:"term"`
	Text string `beam:"definition"`
}

// Embedded is a definition's vector, with the model and the commit that computed it.
type Embedded struct {
	Term    string    `beam:"term"`
	Vector  []float32 `beam:"inference"`
	ModelID string    `beam:"model_id"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[Definition]())
	beam.RegisterType(reflect.TypeFor[Embedded]())
	register.Function1x0(printEmbedded)
}

func printEmbedded(row Embedded) { fmt.Println(row.Term, len(row.Vector)) }

func ExampleEmbedding() {
	p, s := beam.NewPipelineWithRoot()
	definitions := beam.Create(s, Definition{"heisenbug", "A bug that disappears when one looks for it."})

	embedded, err := hfbeam.Infer[Embedded](s, hfbeam.Embedding{
		Model:   "sentence-transformers/all-MiniLM-L6-v2",
		Inputs:  map[string]string{"text": "definition"},
		Options: hfbeam.Options{Batching: hfbeam.Batching{MaxTokensPerBatch: 4096}},
	}, address, definitions)
	if err != nil {
		log.Fatal(err)
	}
	beam.ParDo0(s, printEmbedded, embedded)

	if _, err := beam.Run(context.Background(), "universal", p); err != nil {
		log.Fatal(err)
	}
	// Output: heisenbug 384
}

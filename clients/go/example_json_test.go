package hfbeam_test

import (
	"context"
	"log"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

// document is a config in the form that all languages and the command line read.
const document = `{
	"transform": "embedding",
	"model": "sentence-transformers/all-MiniLM-L6-v2",
	"inputs": {"text": "definition"}
}`

func ExampleFromJSON() {
	config, err := hfbeam.FromJSON(document)
	if err != nil {
		log.Fatal(err)
	}
	p, s := beam.NewPipelineWithRoot()
	definitions := beam.Create(s, Definition{"heisenbug", "A bug that disappears when one looks for it."})
	embedded, err := hfbeam.Infer[Embedded](s, config, address, definitions)
	if err != nil {
		log.Fatal(err)
	}
	beam.ParDo0(s, printEmbedded, embedded)

	if _, err := beam.Run(context.Background(), "universal", p); err != nil {
		log.Fatal(err)
	}
	// Output: heisenbug 384
}

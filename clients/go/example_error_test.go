package hfbeam_test

import (
	"errors"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

// A mistake is reported while the pipeline is built, with a code and a path for programs and a message for people.
func ExampleError() {
	_, s := beam.NewPipelineWithRoot()
	reviews := beam.Create(s, Review{1, "I would buy it again."})
	_, err := hfbeam.Infer[Judged](s, hfbeam.Embedding{
		Model:   "sentence-transformers/all-MiniLM-L6-v2",
		Pooling: "middle",
	}, address, reviews)

	var refusal *hfbeam.Error
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Code, "at", refusal.Path)
	}
	// Output: InvalidConfig at pooling
}

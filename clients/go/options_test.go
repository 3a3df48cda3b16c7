package hfbeam_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

func TestElementsThatWaitForOthersComeOutOnceInTheirWindows(t *testing.T) {
	texts := make([]string, 20)
	for i := range texts {
		texts[i] = fmt.Sprintf("a good day %d", i)
	}
	p, s := beam.NewPipelineWithRoot()
	in := beam.WindowInto(s, window.NewFixedWindows(60_000_000_000), beam.ParDo(s, at70Seconds, beam.CreateList(s, texts)))
	vectors, err := hfbeam.Infer[vector](s, hfbeam.Embedding{
		Model:   tinyModel("feature-extraction"),
		Options: hfbeam.Options{Batching: hfbeam.Batching{MaxWaitMS: 50}},
	}, service.Address, in)
	if err != nil {
		t.Fatal(err)
	}
	rows := collect[seen](t, s, beam.ParDo(s, see, vectors))
	run(t, p)

	expected, found := map[seen]int{}, map[seen]int{}
	for _, text := range texts {
		expected[seen{text, 70, 120}] = 1
	}
	for _, row := range rows() {
		found[row]++
	}
	if !reflect.DeepEqual(found, expected) {
		t.Errorf("expected %v, found %v", expected, found)
	}
}

func TestAModelOfAWatchedBranchComputesInEightBitsWhereTheOptionsSaySo(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	text := beam.Create(s, Definition{"day", "a good day"})
	config := hfbeam.Embedding{
		Model:   "sentence-transformers/all-MiniLM-L6-v2",
		Inputs:  map[string]string{"text": "definition"},
		Options: hfbeam.Options{Framework: "pt", Update: hfbeam.Update{WatchRevision: "main", IntervalS: 60}},
	}
	exact, err := hfbeam.Infer[Embedded](s, config, service.Address, text)
	if err != nil {
		t.Fatal(err)
	}
	config.Quantization = "int8"
	quantized, err := hfbeam.Infer[Embedded](s, config, service.Address, text)
	if err != nil {
		t.Fatal(err)
	}
	rows := collect[Embedded](t, s, beam.Flatten(s, exact, quantized))
	run(t, p)

	if len(rows()) != 2 || reflect.DeepEqual(rows()[0].Vector, rows()[1].Vector) {
		t.Fatalf("expected two vectors that differ, found %v", rows())
	}
	var cosine float32
	for i, value := range rows()[0].Vector {
		cosine += value * rows()[1].Vector[i]
	}
	if cosine < 0.95 {
		t.Errorf("expected nearly the same vector, found a cosine of %v", cosine)
	}
	for _, row := range rows() {
		if !strings.HasPrefix(row.ModelID, "sentence-transformers/all-MiniLM-L6-v2@") {
			t.Errorf("expected a commit of the hub's model, found %s", row.ModelID)
		}
	}
}

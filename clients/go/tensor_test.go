package hfbeam_test

import (
	"encoding/binary"
	"math"
	"reflect"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

// encoded is a text as a tokenizer gives it.
type encoded struct {
	ID       int64   `beam:"id"`
	InputIDs []int64 `beam:"input_ids"`
}

// raw is a tensor as bytes.
type raw struct {
	Dtype string  `beam:"dtype"`
	Shape []int64 `beam:"shape"`
	Data  []byte  `beam:"data"`
}

type scored struct {
	ID     int64 `beam:"id"`
	Answer struct {
		Logits []float32 `beam:"logits"`
	} `beam:"inference"`
}

type hidden struct {
	ID     int64 `beam:"id"`
	Answer struct {
		State raw `beam:"last_hidden_state"`
	} `beam:"inference"`
}

func init() {
	for _, t := range []reflect.Type{reflect.TypeFor[encoded](), reflect.TypeFor[scored](), reflect.TypeFor[hidden]()} {
		beam.RegisterType(t)
	}
}

func TestSlicesOfNumbersAreTensors(t *testing.T) {
	texts := []encoded{{1, []int64{2, 40, 50, 3}}, {2, []int64{2, 60, 3}}}
	p, s := beam.NewPipelineWithRoot()
	logits, err := hfbeam.Infer[scored](s, hfbeam.Tensor{
		Model:          tinyModel("text-classification"),
		Outputs:        []string{"logits:float32[1]"},
		TensorEncoding: "array",
	}, service.Address, beam.CreateList(s, texts))
	if err != nil {
		t.Fatal(err)
	}
	states, err := hfbeam.Infer[hidden](s, hfbeam.Tensor{Model: tinyModel("feature-extraction")}, service.Address,
		beam.CreateList(s, texts))
	if err != nil {
		t.Fatal(err)
	}
	scores, vectors := collect[scored](t, s, logits), collect[hidden](t, s, states)
	run(t, p)

	seen := map[int64]bool{}
	for _, row := range scores() {
		seen[row.ID] = true
		if len(row.Answer.Logits) != 2 {
			t.Errorf("expected two logits, found %v", row)
		}
	}
	for _, row := range vectors() {
		state := row.Answer.State
		tokens := int64(len(texts[row.ID-1].InputIDs))
		if state.Dtype != "float32" || !reflect.DeepEqual(state.Shape, []int64{tokens, 32}) {
			t.Errorf("expected float32 [%d 32], found %s %v", tokens, state.Dtype, state.Shape)
		}
		if first := math.Float32frombits(binary.LittleEndian.Uint32(state.Data)); first == 0 || first != first {
			t.Errorf("expected a number, found %v", first)
		}
	}
	if len(seen) != 2 || len(vectors()) != 2 {
		t.Errorf("expected a row for each text, found %v and %v", scores(), vectors())
	}
}

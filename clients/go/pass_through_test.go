package hfbeam_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

type place struct {
	City  string   `beam:"city"`
	Names []string `beam:"other_names"`
}

type everything struct {
	Text    string           `beam:"text"`
	Small   uint8            `beam:"small"`
	Medium  int32            `beam:"medium_sized"`
	Large   int64            `beam:"large"`
	Single  float32          `beam:"single"`
	Double  float64          `beam:"double"`
	Yes     bool             `beam:"yes"`
	Bytes   []byte           `beam:"raw_bytes"`
	Maybe   *int64           `beam:"maybe"`
	Never   *string          `beam:"never"`
	Counts  map[string]int64 `beam:"counts"`
	Holes   []*string        `beam:"holes"`
	Place   place            `beam:"place"`
	Nowhere *place           `beam:"nowhere"`
	Places  []place          `beam:"places"`
	ByName  map[string]place `beam:"by_name"`
	Deep    [][]float32      `beam:"deep"`
}

type everythingJudged struct {
	everything
	Inference label `beam:"inference"`
}

type small struct {
	Text   string `beam:"text"`
	Levels []struct {
		Level *int16 `beam:"level"`
	} `beam:"levels"`
}

func init() {
	for _, t := range []reflect.Type{
		reflect.TypeFor[everything](), reflect.TypeFor[everythingJudged](), reflect.TypeFor[small](),
	} {
		beam.RegisterType(t)
	}
	register.Function1x2(keyByText)
}

func TestFieldsOfTheInputComeBackAsTheyWere(t *testing.T) {
	sent := everything{
		Text: "a cold night", Small: 200, Medium: -1 << 30, Large: -1 << 60, Single: 0.1, Double: 0.1, Yes: true,
		Bytes: []byte{0, 255}, Maybe: new(int64(7)), Counts: map[string]int64{"a": 1, "b": -2},
		Holes: []*string{new("x"), nil}, Place: place{"Köln", []string{"Colonia"}},
		Places: []place{{"Oslo", []string{}}}, ByName: map[string]place{"x": {"Rome", []string{"Roma"}}},
		Deep: [][]float32{{1}, {}, {2, 3}},
	}
	p, s := beam.NewPipelineWithRoot()
	judgments, err := hfbeam.Infer[everythingJudged](s,
		hfbeam.Pipeline{Model: tinyModel("text-classification")}, service.Address, beam.Create(s, sent))
	if err != nil {
		t.Fatal(err)
	}
	rows := collect[everythingJudged](t, s, judgments)
	run(t, p)

	if len(rows()) != 1 || !reflect.DeepEqual(rows()[0].everything, sent) {
		t.Errorf("expected %+v, found %+v", sent, rows())
	}
	if rows()[0].Inference.Label == "" {
		t.Errorf("expected a label, found none")
	}
}

func TestAnInputFieldOfATypeThatOnlyGoKnowsIsRefused(t *testing.T) {
	assertError(t, askWith[time.Time](), hfbeam.InvalidInputSchema, "extra", "found time.Time in ")
}

func TestAnIntegerOfATypeThatOnlyGoKnowsIsRefusedWithTheTypeToUse(t *testing.T) {
	for name, err := range map[string]error{
		"int": askWith[int](), "int8": askWith[int8](), "int16": askWith[int16](), "uint": askWith[uint](),
		"uint16": askWith[uint16](), "uint32": askWith[uint32](), "uint64": askWith[uint64](), "[]int": askWith[[]int](),
	} {
		t.Run(name, func(t *testing.T) {
			path := "extra" + strings.Repeat("[]", strings.Count(name, "[]"))
			assertError(t, err, hfbeam.InvalidInputSchema, path, "found "+strings.TrimPrefix(name, "[]")+" in ")
			assertError(t, err, hfbeam.InvalidInputSchema, path, "Use int64")
		})
	}
}

// extended is an input with a field of some type.
type extended[T any] struct {
	Text  string `beam:"text"`
	Extra T      `beam:"extra"`
}

func askWith[T any]() error {
	_, s := beam.NewPipelineWithRoot()
	_, err := hfbeam.Infer[vector](s, hfbeam.Embedding{Model: tinyModel("feature-extraction")}, service.Address,
		beam.Create(s, extended[T]{Text: "a text"}))
	return err
}

func keyByText(row small) (string, small) { return row.Text, row }

func TestAnInputFieldThatGoWritesInItsOwnWayIsRefused(t *testing.T) {
	config := hfbeam.Embedding{Model: tinyModel("feature-extraction")}
	_, s := beam.NewPipelineWithRoot()
	rows := beam.Create(s, small{Text: "a text"})
	for _, input := range []beam.PCollection{rows, beam.ParDo(s, keyByText, rows)} {
		_, err := hfbeam.Infer[vector](s, config, service.Address, input)
		assertError(t, err, hfbeam.InvalidInputSchema, "levels[].level", "found int16")
	}
}

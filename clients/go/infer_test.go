package hfbeam_test

import (
	"encoding/binary"
	"math"
	"reflect"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/typex"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

type label struct {
	Label string  `beam:"label"`
	Score float64 `beam:"score"`
}

type labelled struct {
	Key    int64   `beam:"key"`
	Text   string  `beam:"example"`
	Labels []label `beam:"inference"`
}

type vector struct {
	Text   string    `beam:"example"`
	Values []float32 `beam:"inference"`
}

type packedVector struct {
	Text   string `beam:"example"`
	Values []byte `beam:"inference"`
}

type seen struct {
	Text       string
	Seconds    int64
	WindowEnds int64
}

func init() {
	for _, t := range []reflect.Type{
		reflect.TypeFor[labelled](), reflect.TypeFor[vector](), reflect.TypeFor[packedVector](), reflect.TypeFor[seen](),
	} {
		beam.RegisterType(t)
	}
	register.Function1x2(keyByLength)
	register.Function2x0(at70Seconds)
	register.Emitter2[typex.EventTime, string]()
	register.Function3x1(see)
}

func keyByLength(text string) (int64, string) { return int64(len(text)), text }

func at70Seconds(text string, emit func(typex.EventTime, string)) {
	emit(mtime.FromMilliseconds(70_000), text)
}

func see(w typex.Window, time typex.EventTime, row vector) seen {
	return seen{row.Text, mtime.Time(time).Milliseconds() / 1000, (w.MaxTimestamp().Milliseconds() + 1) / 1000}
}

func TestTheValueOfAKVIsTheFieldExampleAndItsKeyTheFieldKey(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	texts := beam.ParDo(s, keyByLength, beam.Create(s, "good", "bad horse"))
	answers, err := hfbeam.Infer[labelled](s, hfbeam.Pipeline{
		Model:         tinyModel("text-classification"),
		InferenceArgs: hfbeam.Args{"top_k": 2},
	}, service.Address, texts)
	if err != nil {
		t.Fatal(err)
	}
	rows := collect[labelled](t, s, answers)
	run(t, p)

	if len(rows()) != 2 {
		t.Fatalf("expected 2 rows, found %+v", rows())
	}
	for _, row := range rows() {
		if row.Key != int64(len(row.Text)) {
			t.Errorf("expected the length of %q, found %d", row.Text, row.Key)
		}
		if len(row.Labels) != 2 || math.Abs(row.Labels[0].Score+row.Labels[1].Score-1) > 1e-6 {
			t.Errorf("expected both labels with probabilities, found %+v", row.Labels)
		}
	}
}

func TestAVectorIsASliceOfFloatsOrTheirBytes(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	texts := beam.Create(s, "a cold night", "")
	config := hfbeam.Embedding{Model: tinyModel("feature-extraction"), Dimensions: 8, Normalize: new(true)}
	vectors, err := hfbeam.Infer[vector](s, config, service.Address, texts)
	if err != nil {
		t.Fatal(err)
	}
	config.VectorEncoding = "bytes"
	packed, err := hfbeam.Infer[packedVector](s, config, service.Address, texts)
	if err != nil {
		t.Fatal(err)
	}
	vectorRows, packedRows := collect[vector](t, s, vectors), collect[packedVector](t, s, packed)
	run(t, p)

	found := map[string][]float32{}
	for _, row := range packedRows() {
		values := make([]float32, len(row.Values)/4)
		if _, err := binary.Decode(row.Values, binary.LittleEndian, values); err != nil {
			t.Fatal(err)
		}
		found[row.Text] = values
	}
	for _, row := range vectorRows() {
		var squares float64
		for _, value := range row.Values {
			squares += float64(value) * float64(value)
		}
		if len(row.Values) != 8 || math.Abs(squares-1) > 1e-6 {
			t.Errorf("expected a vector of 8 values and length 1, found %v", row.Values)
		}
		if !reflect.DeepEqual(row.Values, found[row.Text]) {
			t.Errorf("expected the same values in both encodings, found %v and %v", row.Values, found[row.Text])
		}
	}
	if len(vectorRows()) != 2 || len(found) != 2 {
		t.Errorf("expected 2 rows in both encodings, found %d and %d", len(vectorRows()), len(found))
	}
}

func TestElementsKeepTheirWindowsAndTimestamps(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	texts := beam.ParDo(s, at70Seconds, beam.Create(s, "a cold night"))
	texts = beam.WindowInto(s, window.NewFixedWindows(60_000_000_000), texts)
	vectors, err := hfbeam.Infer[vector](s,
		hfbeam.Embedding{Model: tinyModel("feature-extraction")}, service.Address, texts)
	if err != nil {
		t.Fatal(err)
	}
	rows := collect[seen](t, s, beam.ParDo(s, see, vectors))
	run(t, p)

	if expected := []seen{{"a cold night", 70, 120}}; !reflect.DeepEqual(rows(), expected) {
		t.Errorf("expected %+v, found %+v", expected, rows())
	}
}

package hfbeam_test

import (
	"reflect"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

// sparse has a slice, a map or bytes wherever a row can have one.
type sparse struct {
	Text     string             `beam:"text"`
	Bytes    []byte             `beam:"raw_bytes"`
	Names    []string           `beam:"names"`
	Counts   map[string]int64   `beam:"counts"`
	Deep     [][]float32        `beam:"deep"`
	Chunks   [][]byte           `beam:"chunks"`
	Optional *[]string          `beam:"optional"`
	Maybe    *int64             `beam:"maybe"`
	Holes    []*string          `beam:"holes"`
	Place    place              `beam:"place"`
	Nowhere  *place             `beam:"nowhere"`
	Places   []place            `beam:"places"`
	ByName   map[string]place   `beam:"by_name"`
	ByPlace  map[string][]int64 `beam:"by_place"`
}

type sparseJudged struct {
	sparse
	Inference label `beam:"inference"`
}

type sparseKeyed struct {
	Key string `beam:"key"`
	sparse
}

func init() {
	for _, t := range []reflect.Type{
		reflect.TypeFor[sparse](), reflect.TypeFor[sparseJudged](), reflect.TypeFor[sparseKeyed](),
		reflect.TypeFor[hfbeam.Failed[sparse]](),
	} {
		beam.RegisterType(t)
	}
	register.Function1x2(keySparse)
}

func keySparse(row sparse) (string, sparse) { return "the key", row }

// noValues has nil at the top, and inside whatever holds values.
var noValues = []sparse{
	{Text: "nil at the top"},
	{
		Text: "nil inside", Deep: [][]float32{nil, {1}}, Chunks: [][]byte{nil, {1}}, Optional: new([]string(nil)),
		Holes: []*string{nil}, Place: place{City: "Köln"}, Nowhere: &place{}, Places: []place{{}, {"Oslo", []string{"Christiania"}}},
		ByName: map[string]place{"x": {}}, ByPlace: map[string][]int64{"x": nil},
	},
}

// emptyValues are noValues with empty slices and maps. Only a nil pointer is null, and stays nil.
var emptyValues = []sparse{
	{
		Text: "nil at the top", Bytes: []byte{}, Names: []string{}, Counts: map[string]int64{}, Deep: [][]float32{}, Chunks: [][]byte{},
		Holes: []*string{}, Place: place{Names: []string{}}, Places: []place{}, ByName: map[string]place{}, ByPlace: map[string][]int64{},
	},
	{
		Text: "nil inside", Bytes: []byte{}, Names: []string{}, Counts: map[string]int64{}, Deep: [][]float32{{}, {1}},
		Chunks: [][]byte{{}, {1}}, Optional: &[]string{}, Holes: []*string{nil}, Place: place{"Köln", []string{}},
		Nowhere: &place{Names: []string{}}, Places: []place{{Names: []string{}}, {"Oslo", []string{"Christiania"}}},
		ByName: map[string]place{"x": {Names: []string{}}}, ByPlace: map[string][]int64{"x": {}},
	},
}

func TestNilSlicesAndMapsAreEmptyAndNilPointersAreNull(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	judged, err := hfbeam.Infer[sparseJudged](s, hfbeam.Pipeline{Model: tinyModel("text-classification")}, service.Address,
		beam.CreateList(s, noValues))
	if err != nil {
		t.Fatal(err)
	}
	rows := collect[sparseJudged](t, s, judged)
	run(t, p)
	found := map[string]sparse{}
	for _, row := range rows() {
		found[row.Text] = row.sparse
	}
	for _, expected := range emptyValues {
		if !reflect.DeepEqual(found[expected.Text], expected) {
			t.Errorf("expected %+v, found %+v", expected, found[expected.Text])
		}
	}
}

func TestNilInTheValueOfAKVAndInARowThatFailsIsEmptyToo(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	long := beam.Create(s, noValues[0])
	keyed, err := hfbeam.Infer[sparseKeyed](s, hfbeam.Pipeline{Model: tinyModel("text-classification")}, service.Address,
		beam.ParDo(s, keySparse, long))
	if err != nil {
		t.Fatal(err)
	}
	_, failed, err := hfbeam.InferWithErrors[sparseJudged, sparse](s, hfbeam.Pipeline{
		Model: tinyModel("text-classification"), Options: hfbeam.Options{MaxLength: 3, Truncation: new(false)},
	}, service.Address, long)
	if err != nil {
		t.Fatal(err)
	}
	rows, failures := collect[sparseKeyed](t, s, keyed), collect[hfbeam.Failed[sparse]](t, s, failed)
	run(t, p)
	if len(rows()) != 1 || rows()[0].Key != "the key" || !reflect.DeepEqual(rows()[0].sparse, emptyValues[0]) {
		t.Errorf("expected %+v, found %+v", emptyValues[0], rows())
	}
	if len(failures()) != 1 || !reflect.DeepEqual(failures()[0].FailedRow, emptyValues[0]) {
		t.Errorf("expected %+v, found %+v", emptyValues[0], failures())
	}
}

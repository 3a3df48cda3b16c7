package hfbeam_test

import (
	"reflect"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

type (
	mood    string
	level   int32
	digest  []byte
	scores  []float32
	moods   []mood
	byMood  map[mood]level
	checked bool
)

// ofNamedTypes has fields of the program's own types.
type ofNamedTypes struct {
	Text    mood             `beam:"text"`
	Level   level            `beam:"level"`
	Digest  digest           `beam:"digest"`
	Scores  scores           `beam:"scores"`
	Moods   moods            `beam:"moods"`
	ByMood  byMood           `beam:"by_mood"`
	Maybe   *mood            `beam:"maybe"`
	Checked checked          `beam:"checked"`
	Deep    []ofMood         `beam:"deep"`
	Lists   map[string]moods `beam:"lists"`
}

type ofMood struct{ Mood mood }

type moodVector struct {
	Example mood      `beam:"example"`
	Values  []float32 `beam:"inference"`
}

// numbered has an embedded struct, whose fields are fields of the row.
type numbered struct {
	ID    int64    `beam:"id"`
	Names []string `beam:"names"`
}

type Signed struct {
	Author string `beam:"author"`
}

type review struct {
	numbered
	Text   string `beam:"text"`
	Signed `beam:"signature"`
	memo   int
}

type judgedReview struct {
	review
	Inference label `beam:"inference"`
}

type flatReview struct {
	Author struct {
		Author string `beam:"author"`
	} `beam:"signature"`
	Text string `beam:"text"`
	ID   int64  `beam:"id"`
}

type hiddenInput struct {
	Text string `beam:"text"`
	note string `beam:"note"`
}

type hiddenOutput struct {
	text string `beam:"example"`
}

type ambiguous struct {
	numbered
	Other
}

type Other struct {
	ID   int64  `beam:"id"`
	Text string `beam:"text"`
}

// ofArrays has arrays, which rows of other languages have as lists.
type ofArrays struct {
	Text   string      `beam:"text"`
	Scores [2]float32  `beam:"scores"`
	Digest [2]uint8    `beam:"digest"`
	Grid   [1][2]int64 `beam:"grid"`
	Bits   []bit       `beam:"bits"`
}

type bit uint8

type ofSlices struct {
	Text   string    `beam:"text"`
	Scores []float32 `beam:"scores"`
	Digest []byte    `beam:"digest"`
	Grid   [][]int64 `beam:"grid"`
	Bits   []byte    `beam:"bits"`
}

type endless struct {
	Text string
	Next []*endless
}

type keyedBy[K any] struct {
	Key    K         `beam:"key"`
	Text   string    `beam:"example"`
	Values []float32 `beam:"inference"`
}

func init() {
	for _, t := range []reflect.Type{
		reflect.TypeFor[ofNamedTypes](), reflect.TypeFor[mood](), reflect.TypeFor[moodVector](), reflect.TypeFor[review](),
		reflect.TypeFor[judgedReview](), reflect.TypeFor[flatReview](), reflect.TypeFor[hiddenInput](), reflect.TypeFor[hiddenOutput](),
		reflect.TypeFor[ambiguous](), reflect.TypeFor[ofArrays](), reflect.TypeFor[ofSlices](), reflect.TypeFor[keyedBy[int64]](), reflect.TypeFor[keyedBy[string]](), reflect.TypeFor[keyedBy[[]byte]](),
	} {
		beam.RegisterType(t)
	}
	register.Function1x1(toMood)
	register.Function1x1(toPointer)
	register.Function1x2(keyByInt)
	register.Function1x2(keyByInt32)
	register.Function1x2(keyByUint8)
	register.Function1x2(keyByMood)
	register.Function1x2(keyByBytes)
	register.Function1x2(keyByUint64)
	register.Function1x2(keyByFloat32)
}

func toMood(text string) mood { return mood(text) }

func toPointer(row ofArrays) *ofArrays { return &row }

func toEndless(text string) endless { return endless{Text: text} }

func keyByInt(text string) (int, string)         { return -len(text) << 40, text }
func keyByInt32(text string) (int32, string)     { return -1 << 31, text }
func keyByUint8(text string) (uint8, string)     { return 255, text }
func keyByMood(text string) (mood, mood)         { return "Köln", mood(text) }
func keyByBytes(text string) ([]byte, string)    { return []byte{0, 255}, text }
func keyByUint64(text string) (uint64, string)   { return 1, text }
func keyByFloat32(text string) (float32, string) { return 1, text }

func TestFieldsOfNamedTypesComeBackAsTheyWere(t *testing.T) {
	sent := ofNamedTypes{
		Text: "calm", Level: -7, Digest: digest{0, 255}, Scores: scores{0.5}, Moods: moods{"a", "b"}, ByMood: byMood{"a": 1},
		Maybe: new(mood("x")), Checked: true, Deep: []ofMood{{"c"}}, Lists: map[string]moods{"k": {"v"}},
	}
	p, s := beam.NewPipelineWithRoot()
	embedded, err := hfbeam.Infer[ofNamedTypes](s, hfbeam.Embedding{
		Model: tinyModel("feature-extraction"), Inputs: map[string]string{"text": "text"},
	}, service.Address, beam.Create(s, sent))
	if err != nil {
		t.Fatal(err)
	}
	rows := collect[ofNamedTypes](t, s, embedded)
	run(t, p)
	if expected := []ofNamedTypes{sent}; !reflect.DeepEqual(rows(), expected) {
		t.Errorf("expected %+v, found %+v", expected, rows())
	}
}

func TestAnElementOfANamedTypeIsTheFieldExample(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	embedded, err := hfbeam.Infer[moodVector](s, hfbeam.Embedding{Model: tinyModel("feature-extraction")}, service.Address,
		beam.ParDo(s, toMood, beam.Create(s, "calm")))
	if err != nil {
		t.Fatal(err)
	}
	rows := collect[moodVector](t, s, embedded)
	run(t, p)
	if len(rows()) != 1 || rows()[0].Example != "calm" {
		t.Errorf("expected calm, found %+v", rows())
	}
}

func TestArraysAndPointersToStructsAreSentAsSlicesAndRows(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	rows := beam.Create(s, ofArrays{"calm", [2]float32{1, 2}, [2]uint8{0, 255}, [1][2]int64{{3, 4}}, []bit{5}})
	embedded, err := hfbeam.Infer[ofSlices](s, hfbeam.Embedding{
		Model: tinyModel("feature-extraction"), Inputs: map[string]string{"text": "text"},
	}, service.Address, beam.ParDo(s, toPointer, rows))
	if err != nil {
		t.Fatal(err)
	}
	found := collect[ofSlices](t, s, embedded)
	run(t, p)
	expected := []ofSlices{{"calm", []float32{1, 2}, []byte{0, 255}, [][]int64{{3, 4}}, []byte{5}}}
	if !reflect.DeepEqual(found(), expected) {
		t.Errorf("expected %+v, found %+v", expected, found())
	}
}

func TestATypeThatContainsItselfIsRefused(t *testing.T) {
	_, s := beam.NewPipelineWithRoot()
	_, err := hfbeam.Infer[vector](s, hfbeam.Embedding{Model: tinyModel("feature-extraction")}, service.Address,
		beam.ParDo(s, toEndless, beam.Create(s, "a text")))
	assertError(t, err, hfbeam.InvalidInputSchema, "Next[]", "expected a type that does not contain itself")
}

func TestAnEmbeddedStructHasItsFieldsInTheRowOnBothSides(t *testing.T) {
	sent := review{numbered: numbered{7, nil}, Text: "a cold night", Signed: Signed{"Zoë"}, memo: 1}
	p, s := beam.NewPipelineWithRoot()
	reviews := beam.Create(s, sent)
	config := hfbeam.Pipeline{Model: tinyModel("text-classification"), Inputs: map[string]string{"text": "text"}}
	judged, err := hfbeam.Infer[judgedReview](s, config, service.Address, reviews)
	if err != nil {
		t.Fatal(err)
	}
	flat, err := hfbeam.Infer[flatReview](s, config, service.Address, reviews)
	if err != nil {
		t.Fatal(err)
	}
	rows, flatRows := collect[judgedReview](t, s, judged), collect[flatReview](t, s, flat)
	run(t, p)
	expected := review{numbered: numbered{7, []string{}}, Text: "a cold night", Signed: Signed{"Zoë"}}
	if len(rows()) != 1 || !reflect.DeepEqual(rows()[0].review, expected) {
		t.Errorf("expected %+v, found %+v", expected, rows())
	}
	if len(flatRows()) != 1 || flatRows()[0].ID != 7 || flatRows()[0].Author.Author != "Zoë" {
		t.Errorf("expected the same in a flat struct, found %+v", flatRows())
	}
}

func TestAFieldThatCannotBeReadIsRefusedByName(t *testing.T) {
	config := hfbeam.Embedding{Model: tinyModel("feature-extraction")}
	_, s := beam.NewPipelineWithRoot()

	_, err := hfbeam.Infer[vector](s, config, service.Address, beam.Create(s, hiddenInput{"a", "b"}))
	assertError(t, err, hfbeam.InvalidInputSchema, "note", "expected an exported field, found hfbeam_test.hiddenInput.note")

	_, err = hfbeam.Infer[hiddenOutput](s, config, service.Address, beam.Create(s, "a text"))
	assertError(t, err, hfbeam.InvalidOutputType, "example", "expected an exported field, found hfbeam_test.hiddenOutput.text")

	_, err = hfbeam.Infer[vector](s, config, service.Address, beam.Create(s, ambiguous{}))
	assertError(t, err, hfbeam.InvalidInputSchema, "id", "expected fields with different names")
}

func TestAKeyComesBackAsTheTypeThatOtherLanguagesRead(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	texts := beam.Create(s, "calm")
	check := func(name string, verify func()) { t.Run(name, func(*testing.T) { verify() }) }
	ints := inferKeyed[int64](t, s.Scope("int"), beam.ParDo(s, keyByInt, texts))
	int32s := inferKeyed[int64](t, s.Scope("int32"), beam.ParDo(s, keyByInt32, texts))
	uint8s := inferKeyed[int64](t, s.Scope("uint8"), beam.ParDo(s, keyByUint8, texts))
	named := inferKeyed[string](t, s.Scope("named"), beam.ParDo(s, keyByMood, texts))
	bytes := inferKeyed[[]byte](t, s.Scope("bytes"), beam.ParDo(s, keyByBytes, texts))
	run(t, p)
	check("int", func() { assertKey(t, ints(), -4<<40) })
	check("int32", func() { assertKey(t, int32s(), -1<<31) })
	check("uint8", func() { assertKey(t, uint8s(), 255) })
	check("a named string", func() { assertKey(t, named(), "Köln") })
	check("bytes", func() { assertKey(t, bytes(), []byte{0, 255}) })
}

func TestAKeyThatOnlyGoReadsIsRefusedWithTheTypeToUse(t *testing.T) {
	config := hfbeam.Embedding{Model: tinyModel("feature-extraction")}
	_, s := beam.NewPipelineWithRoot()
	texts := beam.Create(s, "calm")
	_, err := hfbeam.Infer[vector](s, config, service.Address, beam.ParDo(s, keyByUint64, texts))
	assertError(t, err, hfbeam.InvalidInputSchema, "", "found uint64 in uint64. Use int64")
	_, err = hfbeam.Infer[vector](s, config, service.Address, beam.ParDo(s, keyByFloat32, texts))
	assertError(t, err, hfbeam.InvalidInputSchema, "", "found float32 outside a struct. Use float64")
}

func inferKeyed[K any](t *testing.T, s beam.Scope, texts beam.PCollection) func() []keyedBy[K] {
	t.Helper()
	embedded, err := hfbeam.Infer[keyedBy[K]](s, hfbeam.Embedding{Model: tinyModel("feature-extraction")}, service.Address, texts)
	if err != nil {
		t.Fatal(err)
	}
	key := s.String()
	beam.ParDo0(s, &collectFn{Key: key}, embedded)
	return func() []keyedBy[K] { return collectedAs[keyedBy[K]](key) }
}

func assertKey[K any](t *testing.T, rows []keyedBy[K], expected K) {
	t.Helper()
	if len(rows) != 1 || rows[0].Text != "calm" || !reflect.DeepEqual(rows[0].Key, expected) {
		t.Errorf("expected the key %v, found %+v", expected, rows)
	}
}

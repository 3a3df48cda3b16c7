package hfbeam_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

// tokens has the positions of tokens as null, if the tokenizer gives none.
type tokens struct {
	Text     string `beam:"example"`
	Entities []struct {
		Word  string `beam:"word"`
		Start *int64 `beam:"start"`
		End   *int64 `beam:"end"`
	} `beam:"inference"`
}

type asked struct {
	Question string `beam:"question"`
	Context  string `beam:"context"`
}

type answered struct {
	asked
	Answer struct {
		Start int64  `beam:"start"`
		End   int64  `beam:"end"`
		Text  string `beam:"answer"`
	} `beam:"inference"`
}

func init() {
	for _, t := range []reflect.Type{reflect.TypeFor[tokens](), reflect.TypeFor[asked](), reflect.TypeFor[answered]()} {
		beam.RegisterType(t)
	}
}

// answerIn returns the part of the context that the model found.
func answerIn(row answered) (string, error) {
	return hfbeam.Slice(row.Context, row.Answer.Start, row.Answer.End)
}

func TestASliceIsTheTextThatAResultPointsTo(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	const accents = "Zoë 🌊🌊 lives in the house of my mother"
	found, err := hfbeam.Infer[tokens](s, hfbeam.Pipeline{
		Task: "token-classification", Model: tinyModel("token-classification"), InferenceArgs: hfbeam.Args{"ignore_labels": []string{}},
	}, service.Address, beam.Create(s, accents))
	if err != nil {
		t.Fatal(err)
	}
	answers, err := hfbeam.Infer[answered](s, hfbeam.Pipeline{
		Task: "question-answering", Model: tinyModel("question-answering"),
	}, service.Address, beam.Create(s, asked{"who laughs ?", "🌊 É my old friend laughs at the king"}))
	if err != nil {
		t.Fatal(err)
	}
	tokenRows, answerRows := collect[tokens](t, s, found), collect[answered](t, s, answers)
	run(t, p)

	words := map[string]bool{}
	for _, entity := range tokenRows()[0].Entities {
		part, err := hfbeam.Slice(accents, entity.Start, entity.End)
		if err != nil {
			t.Fatal(err)
		}
		words[part] = true
	}
	if !words["house"] || !words["mother"] {
		t.Errorf("expected the words of the text, found %v", words)
	}
	for _, row := range answerRows() {
		part, err := answerIn(row)
		if err != nil || part != row.Answer.Text || part == "" {
			t.Errorf("expected %q, found %q and %v", row.Answer.Text, part, err)
		}
	}
}

func TestASliceCountsCodePoints(t *testing.T) {
	const text = "e\u0301🌊ë!"
	for _, test := range []struct {
		start, end int64
		expected   string
	}{{0, 0, ""}, {0, 2, "e\u0301"}, {2, 3, "🌊"}, {3, 5, "ë!"}, {5, 5, ""}, {0, 5, text}} {
		if part, err := hfbeam.Slice(text, test.start, test.end); err != nil || part != test.expected {
			t.Errorf("expected %q from %d to %d, found %q and %v", test.expected, test.start, test.end, part, err)
		}
	}
}

func TestASliceOutsideTheTextIsASentence(t *testing.T) {
	for _, positions := range [][2]int64{{-1, 1}, {2, 1}, {0, 4}, {4, 4}} {
		_, err := hfbeam.Slice("🌊ab", positions[0], positions[1])
		assertError(t, err, hfbeam.InvalidElement, "",
			fmt.Sprintf("expected positions within a text of 3 characters, found %d to %d", positions[0], positions[1]))
	}
	_, err := hfbeam.Slice("a text", nil, new(int64(1)))
	assertError(t, err, hfbeam.InvalidElement, "", "expected a start and an end, found null")
}

func ExampleSlice() {
	word, err := hfbeam.Slice("Zoë lives in Köln 🌊.", int64(13), int64(17))
	fmt.Println(word, err)
	// Output: Köln <nil>
}

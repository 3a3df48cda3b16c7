package hfbeam_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

type note struct {
	ID   int64   `beam:"id"`
	Text *string `beam:"note_text"`
}

type entity struct {
	Group string  `beam:"entity_group"`
	Score float64 `beam:"score"`
	Word  string  `beam:"word"`
	Start *int64  `beam:"start"`
	End   *int64  `beam:"end"`
}

type tagged struct {
	note
	Entities []entity `beam:"inference"`
	ModelID  string   `beam:"model_id"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[note]())
	beam.RegisterType(reflect.TypeFor[tagged]())
	beam.RegisterType(reflect.TypeFor[hfbeam.Failed[note]]())
}

func TestTwoBadElementsOfAHundredGoToTheErrorsAndTheOthersToNestedStructs(t *testing.T) {
	notes := make([]note, 100)
	for i := range notes {
		notes[i] = note{ID: int64(i), Text: new(fmt.Sprintf("horse %d went home through the cold night", i))}
	}
	notes[13].Text, notes[77].Text = nil, nil

	p, s := beam.NewPipelineWithRoot()
	good, failed, err := hfbeam.InferWithErrors[tagged, note](s, hfbeam.Pipeline{
		Task:          "token-classification",
		Model:         tinyModel("token-classification"),
		InferenceArgs: hfbeam.Args{"aggregation_strategy": "simple"},
	}, service.Address, beam.CreateList(s, notes))
	if err != nil {
		t.Fatal(err)
	}
	goodRows, failedRows := collect[tagged](t, s, good), collect[hfbeam.Failed[note]](t, s, failed)
	run(t, p)

	seen := map[int64]bool{}
	entities := 0
	for _, row := range goodRows() {
		seen[row.ID] = true
		if row.Text == nil || *row.Text != *notes[row.ID].Text {
			t.Errorf("row %d has another text", row.ID)
		}
		assertModelID(t, row.ModelID)
		for _, found := range row.Entities {
			assertEntity(t, *row.Text, found)
		}
		entities += len(row.Entities)
	}
	if len(goodRows()) != 98 || len(seen) != 98 || entities < 98 {
		t.Errorf("expected 98 rows with entities, found %d rows, %d of them different, %d entities",
			len(goodRows()), len(seen), entities)
	}

	for _, row := range failedRows() {
		seen[row.FailedRow.ID] = true
		if row.FailedRow.ID != 13 && row.FailedRow.ID != 77 || row.FailedRow.Text != nil {
			t.Errorf("expected the row 13 or 77 without a text, found %+v", row.FailedRow)
		}
		if row.ErrorCode != hfbeam.InvalidElement || !strings.Contains(row.ErrorMessage, "expected text") {
			t.Errorf("expected an %s, found %s: %s", hfbeam.InvalidElement, row.ErrorCode, row.ErrorMessage)
		}
		assertModelID(t, row.ModelID)
	}
	if len(failedRows()) != 2 || len(seen) != 100 {
		t.Errorf("expected 2 failed rows and 100 in all, found %d and %d", len(failedRows()), len(seen))
	}
}

func assertEntity(t *testing.T, text string, found entity) {
	t.Helper()
	if found.Group != "PER" && found.Group != "LOC" || found.Score <= 0 || found.Score > 1 {
		t.Errorf("expected a group of the model and a probability, found %+v", found)
	}
	if found.Start == nil || found.End == nil {
		t.Fatalf("expected a place in the text, found none: %+v", found)
	}
	if part := text[*found.Start:*found.End]; !strings.HasPrefix(part, strings.TrimPrefix(found.Word, "##")[:1]) {
		t.Errorf("expected %q where %q stands", found.Word, part)
	}
}

func assertModelID(t *testing.T, id string) {
	t.Helper()
	if !strings.HasPrefix(id, "token-classification@sha256:") {
		t.Errorf("expected the model and its content, found %q", id)
	}
}

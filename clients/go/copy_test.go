package hfbeam

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// row is what Beam decodes a row to: an anonymous struct whose fields have the row's names, or a tag with them.
type row = struct {
	Term      string
	Model_id  string `beam:"model_id"`
	Vector    []float32
	Content   []byte
	Counts    map[string]int64
	Note      *string
	Tags      *[]string
	Inference []struct {
		Entity_group string `beam:"entity_group"`
		Start        *int64 `beam:"start"`
	} `beam:"inference"`
	Failed_row struct {
		Deep struct {
			Text *string `beam:"the_text"`
		} `beam:"deep"`
	} `beam:"failed_row"`
}

func copied[T any](t *testing.T, source any) T {
	t.Helper()
	var target T
	copy, err := newCopier(reflect.TypeFor[T](), reflect.TypeOf(source))
	if err != nil {
		t.Fatal(err)
	}
	copy(reflect.ValueOf(&target).Elem(), reflect.ValueOf(source))
	return target
}

func assertCopied[T any](t *testing.T, source any, expected T) {
	t.Helper()
	if found := copied[T](t, source); !reflect.DeepEqual(found, expected) {
		t.Errorf("expected %+v, found %+v", expected, found)
	}
}

func TestFieldsGoByTheirTagsInAnyOrder(t *testing.T) {
	type target struct {
		Model string `beam:"model_id"`
		Term  string
	}
	assertCopied(t, row{Term: "foo", Model_id: "m@1"}, target{Model: "m@1", Term: "foo"})
}

func TestValuesOfTheSameTypeAreTakenAsTheyAre(t *testing.T) {
	type target struct {
		Vector  []float32
		Content []byte
		Counts  map[string]int64
	}
	source := row{Vector: []float32{1, 2}, Content: []byte("x"), Counts: map[string]int64{"a": 1}}
	assertCopied(t, source, target{source.Vector, source.Content, source.Counts})
}

func TestValuesOfNamedTypesAreConverted(t *testing.T) {
	type (
		name   string
		vector []float32
		target struct {
			Term    name
			Vector  vector
			Content []byte
			Counts  map[name]int64
		}
	)
	source := row{Term: "foo", Vector: []float32{1}, Content: []byte("x"), Counts: map[string]int64{"a": 1}}
	assertCopied(t, source, target{"foo", vector{1}, []byte("x"), map[name]int64{"a": 1}})
}

func TestNestedRowsAreCopiedAtAllDepths(t *testing.T) {
	type (
		entity struct {
			Start *int64 `beam:"start"`
			Group string `beam:"entity_group"`
		}
		deep struct {
			Text *string `beam:"the_text"`
		}
		failed struct {
			Deep deep `beam:"deep"`
		}
		target struct {
			Entities []entity `beam:"inference"`
			Failed   *failed  `beam:"failed_row"`
		}
	)
	source := row{}
	source.Inference = make([]struct {
		Entity_group string `beam:"entity_group"`
		Start        *int64 `beam:"start"`
	}, 2)
	source.Inference[0].Entity_group = "PER"
	source.Inference[1].Start = new(int64(7))
	source.Failed_row.Deep.Text = new("text")
	assertCopied(t, source, target{
		Entities: []entity{{Group: "PER"}, {Start: new(int64(7))}},
		Failed:   &failed{deep{new("text")}},
	})
}

func TestNullIsNilInPointersSlicesAndMaps(t *testing.T) {
	type target struct {
		Note *string
		Tags []string
	}
	assertCopied(t, row{}, target{})
	assertCopied(t, row{Note: new("n"), Tags: &[]string{"a"}}, target{new("n"), []string{"a"}})
}

func TestWhatIsNeverNullMayBeAPointer(t *testing.T) {
	type target struct{ Term *string }
	assertCopied(t, row{Term: "foo"}, target{new("foo")})
}

type Base struct{ Term string }

type base struct{ Term string }

func TestAnEmbeddedStructTakesFieldsOfTheSameRow(t *testing.T) {
	type target struct {
		Base
		Model string `beam:"model_id"`
	}
	assertCopied(t, row{Term: "foo", Model_id: "m@1"}, target{Base{"foo"}, "m@1"})
}

func TestAnEmbeddedStructWithATagTakesTheFieldOfThatName(t *testing.T) {
	type target struct {
		Base `beam:"Base"`
	}
	assertCopied(t, struct{ Base struct{ Term string } }{struct{ Term string }{"foo"}}, target{Base{"foo"}})
}

func TestAFieldHidesTheFieldOfAnEmbeddedStructWithItsName(t *testing.T) {
	type target struct {
		Base
		Term string
	}
	assertCopied(t, row{Term: "foo"}, target{Term: "foo"})
}

func TestUnexportedFieldsAreLeftAlone(t *testing.T) {
	type target struct {
		Term string
		memo int
	}
	assertCopied(t, row{Term: "foo"}, target{"foo", 0})
}

func TestAStructThatDoesNotFitIsAnErrorThatSaysWhatTheRowHas(t *testing.T) {
	for name, test := range map[string]struct {
		target any
		path   string
		says   string
	}{
		"a field that the row has not": {
			struct{ Label string }{}, "Label", "Term string; model_id string; Vector []float32",
		},
		"another kind": {
			struct{ Vector []float64 }{}, "Vector[]", "expected float32, found float64",
		},
		"an interface": {
			struct{ Term any }{}, "Term", "expected string, found interface {}",
		},
		"an embedded pointer that reflection cannot set": {
			struct{ *base }{}, "base", "expected no embedded pointer to an unexported type",
		},
		"a smaller integer": {
			struct{ Counts map[string]int32 }{}, "Counts[]", "expected int64, found int32",
		},
		"a value where a list comes": {
			struct {
				Inference string `beam:"inference"`
			}{}, "inference", "expected []struct{entity_group string; start *int64}",
		},
		"no place for null": {
			struct{ Note string }{}, "Note", "expected *string, found string",
		},
		"no place for null, deep inside": {
			struct {
				Inference []struct {
					Start int64 `beam:"start"`
				} `beam:"inference"`
			}{}, "inference[].start", "expected *int64, found int64",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newCopier(reflect.TypeOf(test.target), reflect.TypeFor[row]())
			var refusal *Error
			if !errors.As(err, &refusal) {
				t.Fatalf("expected an *Error, found %v", err)
			}
			if refusal.Code != InvalidOutputType || refusal.Path != test.path || !strings.Contains(refusal.Message, test.says) {
				t.Errorf("expected %s at %s that says %q, found %s at %s: %v",
					InvalidOutputType, test.path, test.says, refusal.Code, refusal.Path, refusal)
			}
		})
	}
}

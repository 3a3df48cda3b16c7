package hfbeam_test

import (
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn1x0[beam.X](&collectFn{})
}

func run(t *testing.T, p *beam.Pipeline) {
	t.Helper()
	if _, err := service.Run(p); err != nil {
		t.Fatal(err)
	}
}

// collect gives a function that, once the pipeline has run, gives the elements of a collection.
func collect[T any](t *testing.T, s beam.Scope, elements beam.PCollection) func() []T {
	key := fmt.Sprintf("%s %v", t.Name(), reflect.TypeFor[T]())
	beam.ParDo0(s, &collectFn{Key: key}, elements)
	return func() []T { return collectedAs[T](key) }
}

func collectedAs[T any](key string) []T {
	collected.Lock()
	defer collected.Unlock()
	var typed []T
	for _, element := range collected.elements[key] {
		typed = append(typed, element.(T))
	}
	return typed
}

// collectFn keeps elements in this process, where the runner runs the Go part of a pipeline under test.
type collectFn struct{ Key string }

func (fn *collectFn) ProcessElement(element beam.X) {
	collected.Lock()
	defer collected.Unlock()
	collected.elements[fn.Key] = append(collected.elements[fn.Key], element)
}

var collected = struct {
	sync.Mutex
	elements map[string][]any
}{elements: map[string][]any{}}

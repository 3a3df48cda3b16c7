package contract

import (
	"bytes"
	"encoding/json"
	"reflect"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn1x2[beam.X, beam.Y, beam.Z](&keyedFn{})
	register.DoFn1x0[beam.X](&writtenFn{})
}

// Collection returns a collection of the elements of a slice. If keyed, the elements are structs of two fields, and each
// becomes a KV.
func Collection(s beam.Scope, elements reflect.Value, keyed bool) beam.PCollection {
	created := beam.CreateList(s, elements.Interface())
	if !keyed {
		return created
	}
	pair := elements.Type().Elem()
	return beam.ParDo(s, &keyedFn{}, created, beam.TypeDefinition{Var: beam.YType, T: pair.Field(0).Type},
		beam.TypeDefinition{Var: beam.ZType, T: pair.Field(1).Type})
}

// keyedFn converts structs of two fields to KVs.
type keyedFn struct{}

// ProcessElement returns the two fields.
func (*keyedFn) ProcessElement(pair beam.X) (beam.Y, beam.Z) {
	value := reflect.ValueOf(pair)
	return value.Field(0).Interface(), value.Field(1).Interface()
}

// writtenFn stores rows as JSON in this process, where the runner runs the Go part of the pipeline.
type writtenFn struct {
	Case   int
	Output string
}

// ProcessElement stores a row.
func (fn *writtenFn) ProcessElement(row beam.X) {
	var text bytes.Buffer
	WriteJSON(&text, reflect.ValueOf(row))
	written.Lock()
	defer written.Unlock()
	written.rows[*fn] = append(written.rows[*fn], text.Bytes())
}

var written = struct {
	sync.Mutex
	rows map[writtenFn][]json.RawMessage
}{rows: map[writtenFn][]json.RawMessage{}}

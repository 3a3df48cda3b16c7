package hfbeam

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx/schema"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/typex"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"google.golang.org/protobuf/proto"
)

func init() {
	register.DoFn1x2[beam.X, beam.Y, error](&portableFn{})
	register.DoFn2x3[beam.W, beam.X, beam.Y, beam.Z, error](&portableKVFn{})
}

// toPortable converts the elements of a collection to values that other languages read as the user means them: a nil slice
// or map is an empty one, values of named types are plain, and the fields of embedded structs are fields of the row. It also
// returns how: one part for an element, two for a KV.
func toPortable(s beam.Scope, in beam.PCollection) (beam.PCollection, []*part, error) {
	parts, err := partsOf(in.Type())
	if err != nil {
		return in, nil, err
	}
	if _, err := (beam.EncodedCoder{Coder: in.Coder()}).MarshalJSON(); err != nil {
		return in, nil, newError(InvalidInputSchema, fmt.Sprintf("expected elements that Beam can encode, found %v", in.Type()),
			inputTag, "Register the type with beam.RegisterType in an init function, or convert the elements before.").causedBy(err)
	}
	switch {
	case !slices.ContainsFunc(parts, (*part).changes):
		return in, parts, nil
	case len(parts) == 2:
		return beam.ParDo(s, &portableKVFn{Key: parts[0], Value: parts[1]}, in,
			beam.TypeDefinition{Var: beam.YType, T: parts[0].Type.T},
			beam.TypeDefinition{Var: beam.ZType, T: parts[1].Type.T}), parts, nil
	default:
		return beam.ParDo(s, &portableFn{Value: parts[0]}, in, beam.TypeDefinition{Var: beam.YType, T: parts[0].Type.T}), parts, nil
	}
}

func partsOf(t beam.FullType) ([]*part, error) {
	if !typex.IsKV(t) {
		value, err := newPart(t, false)
		return []*part{value}, err
	}
	key, err := newPart(t.Components()[0], true)
	if err != nil {
		return nil, err
	}
	value, err := newPart(t.Components()[1], false)
	return []*part{key, value}, err
}

// part is an element, or the key or the value of one.
type part struct {
	// Type is the type that Beam knows for the converted values.
	Type beam.EncodedType
	// Row is the encoded schema, if the part is a struct. The converted values are structs of the type that Beam decodes rows
	// of this schema to, which Beam cannot always encode in a pipeline.
	Row []byte

	original       reflect.Type
	source, target reflect.Type
	copy           copier
}

func newPart(full beam.FullType, isKey bool) (*part, error) {
	if full.Class() == typex.Composite {
		return nil, newError(InvalidInputSchema, fmt.Sprintf("expected a string, bytes or a struct, or a KV of these, found %v", full),
			inputTag, "Convert the elements before this transform.")
	}
	t := full.Type()
	original, root := t, describer{root: t}
	if t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		row, err := root.row(t, "")
		if err != nil {
			return nil, err
		}
		if _, err := rowType(row); err != nil {
			return nil, err
		}
		encoded, err := proto.Marshal(row)
		return &part{Type: beam.EncodedType{T: t}, Row: encoded, original: original}, err
	case reflect.String:
		t = reflect.TypeFor[string]()
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			t = reflect.TypeFor[[]byte]()
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		if !isKey {
			return nil, root.integer(t, "")
		}
		t = reflect.TypeFor[int64]() // the only integer that Beam's Go SDK encodes as other languages do, outside rows
	case reflect.Uint, reflect.Uint64:
		return nil, root.integer(t, "")
	case reflect.Bool:
		t = reflect.TypeFor[bool]()
	case reflect.Float64:
		t = reflect.TypeFor[float64]()
	case reflect.Float32:
		return nil, newError(InvalidInputSchema,
			fmt.Sprintf("expected types that Go encodes as other languages do, found %v outside a struct", t), "", "Use float64.")
	}
	return &part{Type: beam.EncodedType{T: t}, original: original}, nil
}

// changes says whether convert changes values or their type.
func (p *part) changes() bool { return p.Row != nil || p.Type.T != p.original }

// convert creates the copier for the first value, because workers may decode values to a type other than the user's own.
func (p *part) convert(value any) (any, error) {
	source := reflect.ValueOf(value)
	if p.Row == nil {
		return source.Convert(p.Type.T).Interface(), nil
	}
	source = reflect.Indirect(source)
	if p.source != source.Type() {
		row := &pipepb.Schema{}
		if err := proto.Unmarshal(p.Row, row); err != nil {
			return nil, err
		}
		target, err := schema.ToType(row)
		if err != nil {
			return nil, err
		}
		copy, err := newCopier(target, source.Type())
		if err != nil {
			return nil, err
		}
		p.source, p.target, p.copy = source.Type(), target, copy
	}
	target := reflect.New(p.target).Elem()
	p.copy(target, source)
	return target.Interface(), nil
}

type portableFn struct{ Value *part }

// ProcessElement converts an element.
func (fn *portableFn) ProcessElement(value beam.X) (beam.Y, error) { return fn.Value.convert(value) }

type portableKVFn struct{ Key, Value *part }

// ProcessElement converts the key and the value of an element.
func (fn *portableKVFn) ProcessElement(key beam.W, value beam.X) (beam.Y, beam.Z, error) {
	k, err := fn.Key.convert(key)
	if err != nil {
		return nil, nil, err
	}
	v, err := fn.Value.convert(value)
	return k, v, err
}

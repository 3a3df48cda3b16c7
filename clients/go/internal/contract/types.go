package contract

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
)

// Type is a type in the cases' notation: ROW{id INT64, text STRING?}, ARRAY<ROW{…}>, MAP<STRING, INT64>, KV<…>.
type Type struct {
	// Name is ROW, ARRAY, MAP, KV or the name of an atomic type.
	Name     string
	Nullable bool
	// Parts are the fields of a row, the element of an array, or the key and value. Only fields of rows have names.
	Parts []Part
}

// Part is a type inside another.
type Part struct {
	Name string
	Type Type
}

// String returns the type in the notation.
func (t Type) String() string {
	text := t.Name
	if len(t.Parts) > 0 || t.Name == "ROW" {
		parts := make([]string, len(t.Parts))
		for i, part := range t.Parts {
			parts[i] = strings.TrimPrefix(part.Name+" "+part.Type.String(), " ")
		}
		brackets := bracketsOf(t.Name)
		text += brackets[:1] + strings.Join(parts, ", ") + brackets[1:]
	}
	if t.Nullable {
		text += "?"
	}
	return text
}

func bracketsOf(name string) string {
	if name == "ROW" {
		return "{}"
	}
	return "<>"
}

// Unsupported says, in one sentence, why Beam's Go SDK does not support a type.
type Unsupported string

func (u Unsupported) Error() string { return string(u) }

var atomicTypes = map[string]reflect.Type{
	"BYTE":    reflect.TypeFor[uint8](),
	"INT32":   reflect.TypeFor[int32](),
	"INT64":   reflect.TypeFor[int64](),
	"FLOAT":   reflect.TypeFor[float32](),
	"DOUBLE":  reflect.TypeFor[float64](),
	"STRING":  reflect.TypeFor[string](),
	"BOOLEAN": reflect.TypeFor[bool](),
	"BYTES":   reflect.TypeFor[[]byte](),
}

// Go returns the Go type that has this type as its Beam schema. Rows and KVs are unnamed structs. The error is Unsupported.
func (t Type) Go() (reflect.Type, error) {
	parts := make([]reflect.Type, len(t.Parts))
	for i, part := range t.Parts {
		var err error
		if parts[i], err = part.Type.Go(); err != nil {
			return nil, err
		}
	}
	made, err := t.goTypeOf(parts)
	if err == nil && t.Nullable {
		made = reflect.PointerTo(made)
	}
	return made, err
}

func (t Type) goTypeOf(parts []reflect.Type) (reflect.Type, error) {
	switch {
	case t.Name == "INT16":
		return nil, Unsupported("Beam's Go SDK writes an int16 as a varint, where rows of other languages have two bytes.")
	case t.Name == "ARRAY" && parts[0].Kind() == reflect.Uint8:
		return nil, Unsupported("Go's []uint8 is BYTES, so Beam's Go SDK has no ARRAY<BYTE>.")
	case t.Name == "MAP" && !parts[0].Comparable():
		return nil, Unsupported(fmt.Sprintf("Go has no maps whose keys are %s.", t.Parts[0].Type))
	case t.Name == "ARRAY":
		return reflect.SliceOf(parts[0]), nil
	case t.Name == "MAP":
		return reflect.MapOf(parts[0], parts[1]), nil
	case t.Name == "ROW" || t.Name == "KV":
		fields := make([]reflect.StructField, len(parts))
		for i, part := range parts {
			tag := reflect.StructTag("beam:" + strconv.Quote(t.Parts[i].Name))
			fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: part, Tag: tag}
		}
		return reflect.StructOf(fields), nil
	}
	if atomic, found := atomicTypes[t.Name]; found {
		return atomic, nil
	}
	return nil, Unsupported(fmt.Sprintf("Beam's Go SDK has no type for %s.", t.Name))
}

// TypeOf returns the type that a schema describes.
func TypeOf(schema *pipepb.Schema) Type {
	row := Type{Name: "ROW"}
	for _, field := range schema.GetFields() {
		row.Parts = append(row.Parts, Part{field.GetName(), typeOf(field.GetType())})
	}
	return row
}

func typeOf(field *pipepb.FieldType) Type {
	var t Type
	switch info := field.GetTypeInfo().(type) {
	case *pipepb.FieldType_AtomicType:
		t = Type{Name: info.AtomicType.String()}
	case *pipepb.FieldType_ArrayType:
		t = Type{Name: "ARRAY", Parts: []Part{{Type: typeOf(info.ArrayType.GetElementType())}}}
	case *pipepb.FieldType_IterableType:
		t = Type{Name: "ITERABLE", Parts: []Part{{Type: typeOf(info.IterableType.GetElementType())}}}
	case *pipepb.FieldType_MapType:
		t = Type{Name: "MAP", Parts: []Part{
			{Type: typeOf(info.MapType.GetKeyType())}, {Type: typeOf(info.MapType.GetValueType())},
		}}
	case *pipepb.FieldType_RowType:
		t = TypeOf(info.RowType.GetSchema())
	default:
		t = Type{Name: field.GetLogicalType().GetUrn()}
	}
	t.Nullable = field.GetNullable()
	return t
}

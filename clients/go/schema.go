package hfbeam

import (
	"fmt"
	"reflect"
	"slices"

	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
)

var atomicTypes = map[reflect.Kind]pipepb.AtomicType{
	reflect.Bool:    pipepb.AtomicType_BOOLEAN,
	reflect.Uint8:   pipepb.AtomicType_BYTE,
	reflect.Int32:   pipepb.AtomicType_INT32,
	reflect.Int64:   pipepb.AtomicType_INT64,
	reflect.Float32: pipepb.AtomicType_FLOAT,
	reflect.Float64: pipepb.AtomicType_DOUBLE,
	reflect.String:  pipepb.AtomicType_STRING,
}

// describer describes types as other languages read them, as parts of a root type, which errors name. Beam's own schemas have
// logical types that only Go knows for named types, and nest embedded structs.
type describer struct {
	root   reflect.Type
	within []reflect.Type // the structs around the current type
}

func (d describer) row(t reflect.Type, path string) (*pipepb.Schema, error) {
	if slices.Contains(d.within, t) {
		return nil, d.unsupported(t, path, "expected a type that does not contain itself")
	}
	d.within = append(slices.Clip(d.within), t)
	fields, err := fieldsOf(t, InvalidInputSchema, path)
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 && t.NumField() > 0 {
		return nil, d.unsupported(t, path, "expected a struct with exported fields")
	}
	schema := &pipepb.Schema{}
	for _, f := range fields {
		fieldType, err := d.value(f.t, join(path, f.name))
		if err != nil {
			return nil, err
		}
		schema.Fields = append(schema.Fields, &pipepb.Field{Name: f.name, Type: fieldType})
	}
	return schema, nil
}

func (d describer) value(t reflect.Type, path string) (*pipepb.FieldType, error) {
	switch t.Kind() {
	case reflect.Struct:
		row, err := d.row(t, path)
		return &pipepb.FieldType{TypeInfo: &pipepb.FieldType_RowType{RowType: &pipepb.RowType{Schema: row}}}, err
	case reflect.Pointer:
		value, err := d.value(t.Elem(), path)
		if err != nil {
			return nil, err
		}
		if value.Nullable {
			return nil, d.unsupported(t, path, "expected at most one pointer")
		}
		value.Nullable = true
		return value, nil
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return atomicType(pipepb.AtomicType_BYTES), nil
		}
		element, err := d.value(t.Elem(), path+"[]")
		return &pipepb.FieldType{TypeInfo: &pipepb.FieldType_ArrayType{ArrayType: &pipepb.ArrayType{ElementType: element}}}, err
	case reflect.Map:
		key, err := d.value(t.Key(), path+"[]")
		if err != nil {
			return nil, err
		}
		value, err := d.value(t.Elem(), path+"[]")
		return &pipepb.FieldType{TypeInfo: &pipepb.FieldType_MapType{MapType: &pipepb.MapType{KeyType: key, ValueType: value}}}, err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil, d.integer(t, path)
	}
	if atomic, found := atomicTypes[t.Kind()]; found {
		return atomicType(atomic), nil
	}
	return nil, d.unsupported(t, path, "expected a type that other languages have")
}

// integer rejects integers that only Go reads. The service would reject most of them, but could not name the Go type to use.
// It could not detect int16: Beam's row coder encodes an INT16 in two bytes, but the Go SDK 2.77 writes a varint, so other
// languages would read garbage after it.
func (d describer) integer(t reflect.Type, path string) *Error {
	return newError(InvalidInputSchema,
		fmt.Sprintf("expected types that Go encodes as other languages do, found %v in %v", t, d.root), path,
		"Use int64, or drop the field before this transform.")
}

func (d describer) unsupported(t reflect.Type, path, expected string) *Error {
	return newError(InvalidInputSchema, fmt.Sprintf("%s, found %v in %v", expected, t, d.root), path,
		"Convert the value before this transform, or drop the field.")
}

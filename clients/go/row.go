package hfbeam

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/coder"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"google.golang.org/protobuf/proto"
)

// encodeObject writes a JSON object as a Beam row and returns the row's schema, which follows from the values. Null values
// are left out.
func encodeObject(w io.Writer, object map[string]any, path string) (*pipepb.Schema, error) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(object)), func(name string) bool { return object[name] == nil })
	if err := coder.WriteSimpleRowHeader(len(names), w); err != nil {
		return nil, err
	}
	schema := &pipepb.Schema{}
	for _, name := range names {
		fieldType, err := encodeValue(w, object[name], join(path, name))
		if err != nil {
			return nil, err
		}
		schema.Fields = append(schema.Fields, &pipepb.Field{Name: name, Type: fieldType})
	}
	return schema, nil
}

func encodeValue(w io.Writer, value any, path string) (*pipepb.FieldType, error) {
	switch v := value.(type) {
	case string:
		return atomicType(pipepb.AtomicType_STRING), coder.EncodeStringUTF8(v, w)
	case bool:
		return atomicType(pipepb.AtomicType_BOOLEAN), coder.EncodeBool(v, w)
	case json.Number:
		return encodeNumber(w, v, path)
	case []any:
		return encodeArray(w, v, path)
	case map[string]any:
		schema, err := encodeObject(w, v, path)
		return &pipepb.FieldType{TypeInfo: &pipepb.FieldType_RowType{RowType: &pipepb.RowType{Schema: schema}}}, err
	default: // null, which only objects may have
		return nil, invalidValue("expected a value, found "+describe(value), path)
	}
}

func encodeNumber(w io.Writer, number json.Number, path string) (*pipepb.FieldType, error) {
	if strings.ContainsAny(number.String(), ".eE") {
		fraction, err := number.Float64()
		if err != nil {
			return nil, invalidValue("expected a number of at most 64 bits, found "+describe(number), path)
		}
		return atomicType(pipepb.AtomicType_DOUBLE), coder.EncodeDouble(fraction, w)
	}
	integer, err := number.Int64()
	if err != nil {
		return nil, invalidValue("expected an integer of at most 64 bits, found "+describe(number), path)
	}
	return atomicType(pipepb.AtomicType_INT64), coder.EncodeVarInt(integer, w)
}

func encodeArray(w io.Writer, array []any, path string) (*pipepb.FieldType, error) {
	if err := coder.EncodeInt32(int32(len(array)), w); err != nil {
		return nil, err
	}
	// An empty array has no element type, so strings are as good a choice as any.
	first := atomicType(pipepb.AtomicType_STRING)
	for i, element := range array {
		elementType, err := encodeValue(w, element, join(path, strconv.Itoa(i)))
		if err != nil {
			return nil, err
		}
		if i == 0 {
			first = elementType
		} else if !proto.Equal(first, elementType) {
			what := fmt.Sprintf("expected elements of one type, found %s and %s", describe(array[0]), describe(element))
			return nil, invalidValue(what, path)
		}
	}
	return &pipepb.FieldType{TypeInfo: &pipepb.FieldType_ArrayType{ArrayType: &pipepb.ArrayType{ElementType: first}}}, nil
}

func atomicType(t pipepb.AtomicType) *pipepb.FieldType {
	return &pipepb.FieldType{TypeInfo: &pipepb.FieldType_AtomicType{AtomicType: t}}
}

func invalidValue(what, path string) *Error {
	return newError(InvalidConfig, what, path, "Correct the value.")
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

package hfbeam

import (
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// checkInput rejects int16, a mistake that the service cannot detect: Beam's row coder encodes an INT16 in two bytes, but
// the Go SDK 2.77 writes a varint, so other languages would read garbage after it.
func checkInput(t beam.FullType) error {
	for _, component := range t.Components() {
		if err := checkInput(component); err != nil {
			return err
		}
	}
	if path, found := findInt16(t.Type(), ""); found {
		return newError(InvalidInputSchema,
			fmt.Sprintf("expected types that Go encodes as other languages do, found int16 in %v", t), path,
			"Use int32, or drop the field before this transform.")
	}
	return nil
}

// findInt16 returns the path of the first int16 in a type.
func findInt16(t reflect.Type, path string) (string, bool) {
	switch t.Kind() {
	case reflect.Int16:
		return path, true
	case reflect.Pointer:
		return findInt16(t.Elem(), path)
	case reflect.Slice, reflect.Array:
		return findInt16(t.Elem(), path+"[]")
	case reflect.Map:
		if key, found := findInt16(t.Key(), path+"[]"); found {
			return key, true
		}
		return findInt16(t.Elem(), path+"[]")
	case reflect.Struct:
		for i := range t.NumField() {
			if field, found := findInt16(t.Field(i).Type, join(path, fieldName(t.Field(i)))); found {
				return field, true
			}
		}
	}
	return "", false
}

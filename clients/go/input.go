package hfbeam

import (
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// checkInput refuses what the service cannot know to be wrong: Beam's coder of rows has two bytes for an INT16, and the
// Go SDK 2.77 writes a varint, so that other languages read garbage from there on.
func checkInput(t beam.FullType) error {
	for _, component := range t.Components() {
		if err := checkInput(component); err != nil {
			return err
		}
	}
	if path, found := findInt16(t.Type(), ""); found {
		return newError(InvalidInputSchema,
			fmt.Sprintf("expected types that Go writes as other languages do, found int16 in %v", t), path,
			"Use int32, or drop the field before this transform.")
	}
	return nil
}

// findInt16 gives the path of an int16 in a type that is, or holds, a struct.
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

package hfbeam

import (
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// checkInput rejects integers that only Go reads. The service would reject most of them, but could not name the Go type to
// use. It could not detect int16: Beam's row coder encodes an INT16 in two bytes, but the Go SDK 2.77 writes a varint, so
// other languages would read garbage after it.
func checkInput(t beam.FullType) error {
	for _, component := range t.Components() {
		if err := checkInput(component); err != nil {
			return err
		}
	}
	if path, found := findInteger(t.Type(), ""); found != nil {
		return newError(InvalidInputSchema,
			fmt.Sprintf("expected types that Go encodes as other languages do, found %v in %v", found, t), path,
			"Use int64, or drop the field before this transform.")
	}
	return nil
}

// findInteger returns the path and the type of the first integer in a type that only Go reads.
func findInteger(t reflect.Type, path string) (string, reflect.Type) {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return path, t
	case reflect.Pointer:
		return findInteger(t.Elem(), path)
	case reflect.Slice, reflect.Array:
		return findInteger(t.Elem(), path+"[]")
	case reflect.Map:
		if key, found := findInteger(t.Key(), path+"[]"); found != nil {
			return key, found
		}
		return findInteger(t.Elem(), path+"[]")
	case reflect.Struct:
		for i := range t.NumField() {
			if !t.Field(i).IsExported() && !t.Field(i).Anonymous {
				continue
			}
			if field, found := findInteger(t.Field(i).Type, join(path, fieldName(t.Field(i)))); found != nil {
				return field, found
			}
		}
	}
	return "", nil
}

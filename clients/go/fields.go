package hfbeam

import (
	"fmt"
	"reflect"
	"strings"
)

// field is a field of a struct, as a row has it.
type field struct {
	name  string
	index []int // for reflect.Value.FieldByIndex
	t     reflect.Type
}

// fieldsOf returns the fields that a struct type has as a row. It is the only place that decides this, so that a struct has
// the same fields as an input and as an output.
//
// As in encoding/json, the fields of an embedded struct without a tag are fields of the outer struct, and a field of the
// outer struct hides an embedded one with the same name. Unexported fields are left alone, because reflection cannot set
// them; a beam tag on one is an error with the given code.
func fieldsOf(t reflect.Type, code, path string) ([]field, error) {
	all, err := appendFields(nil, t, nil, code, path)
	if err != nil {
		return nil, err
	}
	depths := map[string]int{}
	for _, f := range all {
		if depth, found := depths[f.name]; !found || len(f.index) < depth {
			depths[f.name] = len(f.index)
		}
	}
	var fields []field
	seen := map[string]bool{}
	for _, f := range all {
		if len(f.index) > depths[f.name] {
			continue
		}
		if seen[f.name] {
			return nil, newError(code, fmt.Sprintf("expected fields with different names in %v, found two", t), join(path, f.name),
				"Change the beam tag of one, or remove it.")
		}
		seen[f.name] = true
		fields = append(fields, f)
	}
	return fields, nil
}

func appendFields(fields []field, t reflect.Type, outer []int, code, path string) ([]field, error) {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(append([]int{}, outer...), i)
		_, tagged := f.Tag.Lookup("beam")
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct && !tagged:
			var err error
			if fields, err = appendFields(fields, f.Type, index, code, path); err != nil {
				return nil, err
			}
		case f.IsExported():
			fields = append(fields, field{fieldName(f), index, f.Type})
		case f.Anonymous && f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct:
			return nil, newError(code, fmt.Sprintf("expected no embedded pointer to an unexported type, found %v.%s", t, f.Name),
				join(path, fieldName(f)), "Embed the struct itself, or export its type.")
		case tagged:
			return nil, newError(code, fmt.Sprintf("expected an exported field, found %v.%s", t, f.Name), join(path, fieldName(f)),
				"Start its name with an upper-case letter, or remove the beam tag.")
		}
	}
	return fields, nil
}

// fieldName returns the name of a field in a row.
func fieldName(field reflect.StructField) string {
	if name, _, _ := strings.Cut(field.Tag.Get("beam"), ","); name != "" {
		return name
	}
	return field.Name
}

package hfbeam

import (
	"fmt"
	"reflect"
	"strings"
)

// copier copies the second value to the first.
type copier func(target, source reflect.Value)

// newCopier returns a copier from a struct to another: from rows, as Beam decodes them, to the user's, or back. It matches
// fields by the names in their beam tags.
//
// It is called while the pipeline is built, to report a struct that does not match, and again on the workers.
func newCopier(target, source reflect.Type) (copier, error) {
	return copierOf(target, source, target, "")
}

// copierOf is newCopier for a nested value: in is the struct that has the target as a field, and path leads to the source.
func copierOf(target, source, in reflect.Type, path string) (copier, error) {
	switch {
	case isFlat(source) && source.AssignableTo(target) && target.Kind() != reflect.Interface: // Beam has no schema for interfaces
		return reflect.Value.Set, nil
	case source.Kind() == reflect.Pointer:
		return copierOfNullable(target, source, in, path)
	case target.Kind() == reflect.Pointer:
		copyElement, err := copierOf(target.Elem(), source, in, path)
		return func(target, source reflect.Value) {
			target.Set(reflect.New(target.Type().Elem()))
			copyElement(target.Elem(), source)
		}, err
	case target.Kind() == reflect.Slice && (source.Kind() == reflect.Slice || source.Kind() == reflect.Array):
		return copierOfSlice(target, source, in, path)
	case target.Kind() != source.Kind():
		return nil, mismatch(target, source, in, path)
	}
	switch target.Kind() {
	case reflect.Struct:
		return copierOfFields(target, source, path)
	case reflect.Map:
		return copierOfMap(target, source, in, path)
	default: // numbers, strings and booleans of the user's own named types
		return func(target, source reflect.Value) { target.Set(source.Convert(target.Type())) }, nil
	}
}

// isFlat says whether values of a type have no slices, maps or structs inside, so that a copy may share them.
func isFlat(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	_, atomic := atomicTypes[t.Kind()]
	return atomic
}

func copierOfNullable(target, source, in reflect.Type, path string) (copier, error) {
	var copyPresent copier
	var err error
	switch target.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map: // nil stands for null
		copyPresent, err = copierOf(target, source.Elem(), in, path)
	default:
		return nil, mismatch(target, source, in, path)
	}
	return func(target, source reflect.Value) {
		if source.IsNil() {
			target.SetZero()
		} else {
			copyPresent(target, source.Elem())
		}
	}, err
}

// copierOfSlice makes an empty slice of a nil one, as only a pointer is null in Beam's rows.
func copierOfSlice(target, source, in reflect.Type, path string) (copier, error) {
	copyElement, err := copierOf(target.Elem(), source.Elem(), in, path+"[]")
	shares := isFlat(source.Elem()) && source.AssignableTo(target)
	return func(target, source reflect.Value) {
		if shares && !source.IsNil() {
			target.Set(source)
			return
		}
		target.Set(reflect.MakeSlice(target.Type(), source.Len(), source.Len()))
		for i := range source.Len() {
			copyElement(target.Index(i), source.Index(i))
		}
	}, err
}

// copierOfMap makes an empty map of a nil one.
func copierOfMap(target, source, in reflect.Type, path string) (copier, error) {
	copyKey, err := copierOf(target.Key(), source.Key(), in, path+"[]")
	if err != nil {
		return nil, err
	}
	copyElement, err := copierOf(target.Elem(), source.Elem(), in, path+"[]")
	return func(target, source reflect.Value) {
		target.Set(reflect.MakeMapWithSize(target.Type(), source.Len()))
		for entries := source.MapRange(); entries.Next(); {
			key, element := reflect.New(target.Type().Key()).Elem(), reflect.New(target.Type().Elem()).Elem()
			copyKey(key, entries.Key())
			copyElement(element, entries.Value())
			target.SetMapIndex(key, element)
		}
	}, err
}

func copierOfFields(target, source reflect.Type, path string) (copier, error) {
	fields, err := fieldsOf(target, InvalidOutputType, path)
	if err != nil {
		return nil, err
	}
	sources, err := fieldsOf(source, InvalidInputSchema, path)
	if err != nil {
		return nil, err
	}
	positions := map[string]int{}
	for i, f := range sources {
		positions[f.name] = i
	}
	copies := make([]copier, len(fields))
	for i, f := range fields {
		position, found := positions[f.name]
		if !found {
			return nil, newError(InvalidOutputType,
				fmt.Sprintf("expected one of the fields of %s, found %v.%s", shape(source), target, target.FieldByIndex(f.index).Name),
				join(path, f.name), "Set the name of a field in a beam tag, or remove this one.")
		}
		from := sources[position]
		copyField, err := copierOf(f.t, from.t, target, join(path, f.name))
		if err != nil {
			return nil, err
		}
		copies[i] = func(target, source reflect.Value) {
			copyField(target.FieldByIndex(f.index), source.FieldByIndex(from.index))
		}
	}
	return func(target, source reflect.Value) {
		for _, copyField := range copies {
			copyField(target, source)
		}
	}, nil
}

func mismatch(target, source, in reflect.Type, path string) *Error {
	return newError(InvalidOutputType, fmt.Sprintf("expected %s, found %v in %v", shape(source), target, in), path,
		"Change the type in Go, or convert the values in a DoFn after this transform.")
}

// shape returns a type as a user would write it, with the names that beam tags must have.
func shape(t reflect.Type) string {
	switch {
	case t.Name() != "":
		return t.String()
	case t.Kind() == reflect.Pointer:
		return "*" + shape(t.Elem())
	case t.Kind() == reflect.Slice:
		return "[]" + shape(t.Elem())
	case t.Kind() == reflect.Map:
		return "map[" + shape(t.Key()) + "]" + shape(t.Elem())
	case t.Kind() == reflect.Struct:
		fields := make([]string, t.NumField())
		for i := range fields {
			fields[i] = fieldName(t.Field(i)) + " " + shape(t.Field(i).Type)
		}
		return "struct{" + strings.Join(fields, "; ") + "}"
	default:
		return t.String()
	}
}

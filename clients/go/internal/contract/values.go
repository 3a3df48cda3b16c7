package contract

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Set sets a value of the type's Go type from a JSON value, as a decoder with UseNumber returns it.
func (t Type) Set(target reflect.Value, value any) error {
	if t.Nullable {
		if value == nil {
			target.SetZero()
			return nil
		}
		target.Set(reflect.New(target.Type().Elem()))
		target = target.Elem()
	}
	switch value := value.(type) {
	case map[string]any:
		return t.setObject(target, value)
	case []any:
		return t.setList(target, value)
	case string:
		return t.setString(target, value)
	case bool:
		if t.Name == "BOOLEAN" {
			target.SetBool(value)
			return nil
		}
	case json.Number:
		return t.setNumber(target, value.String())
	}
	return t.mismatch(value)
}

func (t Type) setObject(target reflect.Value, object map[string]any) error {
	switch t.Name {
	case "ROW":
		others := maps.Clone(object)
		for i, field := range t.Parts {
			if err := field.Type.Set(target.Field(i), object[field.Name]); err != nil {
				return fmt.Errorf("%s: %w", field.Name, err)
			}
			delete(others, field.Name)
		}
		if len(others) > 0 {
			return fmt.Errorf("expected the fields of %s, found others: %v", t, others)
		}
		return nil
	case "MAP":
		if len(object) == 0 {
			target.SetZero() // nil, as in a Go program that sets nothing
			return nil
		}
		target.Set(reflect.MakeMap(target.Type()))
		for key, value := range object {
			k, v := reflect.New(target.Type().Key()).Elem(), reflect.New(target.Type().Elem()).Elem()
			if err := t.Parts[0].Type.setKey(k, key); err != nil {
				return err
			}
			if err := t.Parts[1].Type.Set(v, value); err != nil {
				return err
			}
			target.SetMapIndex(k, v)
		}
		return nil
	}
	return t.mismatch(object)
}

// setKey is Set for the key of an object, which is always a string in JSON.
func (t Type) setKey(target reflect.Value, key string) error {
	if t.Name == "STRING" {
		target.SetString(key)
		return nil
	}
	return t.setNumber(target, key)
}

func (t Type) setList(target reflect.Value, list []any) error {
	switch {
	case t.Name == "ARRAY" && len(list) == 0:
		target.SetZero() // nil, as in a Go program that sets nothing
		return nil
	case t.Name == "ARRAY":
		target.Set(reflect.MakeSlice(target.Type(), len(list), len(list)))
		for i, value := range list {
			if err := t.Parts[0].Type.Set(target.Index(i), value); err != nil {
				return err
			}
		}
		return nil
	case t.Name == "KV" && len(list) == 2:
		return errors.Join(t.Parts[0].Type.Set(target.Field(0), list[0]), t.Parts[1].Type.Set(target.Field(1), list[1]))
	}
	return t.mismatch(list)
}

func (t Type) setString(target reflect.Value, text string) error {
	switch t.Name {
	case "STRING":
		target.SetString(text)
		return nil
	case "BYTES":
		if text == "" {
			target.SetZero() // nil, as in a Go program that sets nothing
			return nil
		}
		content, err := base64.StdEncoding.DecodeString(text)
		target.SetBytes(content)
		return err
	}
	return t.mismatch(text)
}

func (t Type) setNumber(target reflect.Value, number string) error {
	switch kind := target.Kind(); kind {
	case reflect.Uint8:
		value, err := strconv.ParseUint(number, 10, 8)
		target.SetUint(value)
		return err
	case reflect.Int32, reflect.Int64:
		value, err := strconv.ParseInt(number, 10, target.Type().Bits())
		target.SetInt(value)
		return err
	case reflect.Float32, reflect.Float64:
		value, err := strconv.ParseFloat(number, target.Type().Bits())
		target.SetFloat(value)
		return err
	}
	return t.mismatch(number)
}

func (t Type) mismatch(value any) error {
	return fmt.Errorf("expected a value of %s, found %v", t, value)
}

// WriteJSON writes a value of a Go type in the form of the cases. Fields keep their order, and floats have the shortest text
// that parses to the same float.
func WriteJSON(w *bytes.Buffer, value reflect.Value) {
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			w.WriteString("null")
			return
		}
		WriteJSON(w, value.Elem())
	case reflect.Struct:
		writeList(w, "{}", value.NumField(), func(i int) {
			writeText(w, value.Type().Field(i).Tag.Get("beam"))
			w.WriteByte(':')
			WriteJSON(w, value.Field(i))
		})
	case reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			writeText(w, base64.StdEncoding.EncodeToString(value.Bytes()))
			return
		}
		writeList(w, "[]", value.Len(), func(i int) { WriteJSON(w, value.Index(i)) })
	case reflect.Map:
		keys := value.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		writeList(w, "{}", len(keys), func(i int) {
			writeText(w, fmt.Sprint(keys[i]))
			w.WriteByte(':')
			WriteJSON(w, value.MapIndex(keys[i]))
		})
	case reflect.Float32, reflect.Float64:
		w.WriteString(floatText(value.Float(), value.Type().Bits()))
	case reflect.String:
		writeText(w, value.String())
	default: // integers and booleans
		fmt.Fprint(w, value)
	}
}

func writeList(w *bytes.Buffer, brackets string, length int, write func(i int)) {
	w.WriteByte(brackets[0])
	for i := range length {
		if i > 0 {
			w.WriteByte(',')
		}
		write(i)
	}
	w.WriteByte(brackets[1])
}

func writeText(w *bytes.Buffer, text string) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // strings never fail
	w.Truncate(w.Len() - 1)  // its newline
}

// floatText returns a number, or a string if JSON cannot represent the number.
func floatText(value float64, bits int) string {
	text := strconv.FormatFloat(value, 'g', -1, bits)
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return strconv.Quote(text)
	}
	return text
}

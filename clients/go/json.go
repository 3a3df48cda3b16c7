package hfbeam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// decodeJSON decodes a JSON text to map[string]any, []any, string, bool, json.Number or nil. Unlike json.Unmarshal, it
// keeps all digits of a number, and rejects duplicate names in an object.
func decodeJSON(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := decodeValue(decoder)
	if err == io.EOF {
		return nil, errors.New("it ends too early")
	}
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("more follows its end")
	}
	return value, nil
}

func decodeValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	switch token {
	case json.Delim('{'):
		return decodeObject(decoder)
	case json.Delim('['):
		return decodeArray(decoder)
	default:
		return token, err
	}
}

func decodeObject(decoder *json.Decoder) (any, error) {
	object := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name := token.(string) // the decoder accepts nothing else here
		if _, twice := object[name]; twice {
			return nil, fmt.Errorf("it has the name %q twice", name)
		}
		if object[name], err = decodeValue(decoder); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token() // the closing brace
	return object, err
}

func decodeArray(decoder *json.Decoder) (any, error) {
	array := []any{}
	for decoder.More() {
		element, err := decodeValue(decoder)
		if err != nil {
			return nil, err
		}
		array = append(array, element)
	}
	_, err := decoder.Token() // the closing bracket
	return array, err
}

// describe returns the type of a JSON value, and the value as the user wrote it, shortened.
func describe(value any) string {
	var kind string
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case json.Number:
		kind = "integer"
		if strings.ContainsAny(v.String(), ".eE") {
			kind = "number"
		}
	case []any:
		kind = "array"
	default:
		kind = "object"
	}
	runes := []rune(jsonText(value))
	if len(runes) > 80 {
		return kind + " " + string(runes[:77]) + "..."
	}
	return kind + " " + string(runes)
}

// jsonText encodes a value that was decoded from JSON. It does not escape <, > and &.
func jsonText(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // it came from JSON
	return strings.TrimSuffix(text.String(), "\n")
}

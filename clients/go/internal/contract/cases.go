package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
)

// The files and addresses that the programs use.
var (
	Service = os.Getenv("HFBEAM_CONTRACT_SERVICE")
	Runner  = os.Getenv("HFBEAM_CONTRACT_RUNNER")
	Cases   = os.Getenv("HFBEAM_CONTRACT_CASES")
	Results = os.Getenv("HFBEAM_CONTRACT_RESULTS")
)

// Case is the part of a case that a program needs.
type Case struct {
	Name   string
	Config json.RawMessage
	Input  struct {
		Type     string
		Elements []any
	}
}

// ReadCases reads all cases. Their numbers keep all digits.
func ReadCases() ([]Case, error) {
	text, err := os.ReadFile(Cases)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var cases []Case
	return cases, decoder.Decode(&cases)
}

// Document returns the config as a text. If the config is a JSON string, it is that string, even if it is not valid JSON.
func (c Case) Document() string {
	var text string
	if json.Unmarshal(c.Config, &text) == nil {
		return text
	}
	return string(c.Config)
}

// ErrorsOutput returns the name of the output for elements that fail, and whether the config has one.
func (c Case) ErrorsOutput() (string, bool) {
	var document struct {
		Handling json.RawMessage `json:"error_handling"`
	}
	if json.Unmarshal([]byte(c.Document()), &document) != nil || string(document.Handling) == "null" {
		return "", false
	}
	var handling struct{ Output string }
	_ = json.Unmarshal(document.Handling, &handling) // the service reports mistakes
	return handling.Output, document.Handling != nil
}

// elements returns the case's elements, as a slice of a type that Type.Go returns, or of a type with the same fields.
func (c Case) elements(of reflect.Type) (reflect.Value, error) {
	t, err := Parse(c.Input.Type)
	if err != nil {
		return reflect.Value{}, err
	}
	values := reflect.MakeSlice(reflect.SliceOf(of), len(c.Input.Elements), len(c.Input.Elements))
	for i, element := range c.Input.Elements {
		if err := t.Set(values.Index(i), element); err != nil {
			return values, fmt.Errorf("%s, element %d: %w", c.Name, i, err)
		}
	}
	return values, nil
}

// Result is the result of a case.
type Result struct {
	Name        string             `json:"name"`
	Unsupported string             `json:"unsupported,omitempty"`
	Error       *Refusal           `json:"error,omitempty"`
	Outputs     map[string]*Output `json:"outputs,omitempty"`
}

// Refusal is an error while the pipeline is built.
type Refusal struct {
	Code    string `json:"code"`
	Path    string `json:"path"`
	Message string `json:"message"`
}

// Output is one of the output collections.
type Output struct {
	Type string            `json:"type"`
	Rows []json.RawMessage `json:"rows"`
}

// WriteResults appends the results as JSON lines.
func WriteResults(results []Result) error {
	file, err := os.OpenFile(Results, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer file.Close()
	encoder := json.NewEncoder(file)
	encoder.SetEscapeHTML(false)
	for _, result := range results {
		if err := encoder.Encode(result); err != nil {
			return fmt.Errorf("%s: %w", result.Name, err)
		}
	}
	return nil
}

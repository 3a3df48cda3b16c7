package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx/schema"
)

const everything = "ROW{text STRING, b BYTE, i INT32?, l INT64, f FLOAT, d DOUBLE?, yes BOOLEAN, raw BYTES?, a ARRAY<FLOAT>, " +
	"n ARRAY<STRING?>?, m MAP<STRING, INT64?>, mi MAP<INT64, ROW{x_y DOUBLE?}>?, r ROW{a_b STRING, c ROW{}?}?, " +
	"deep ARRAY<ARRAY<BYTES>>}"

func TestATypeIsWrittenAsItWasRead(t *testing.T) {
	for _, notation := range []string{"STRING", "KV<STRING, ROW{text STRING?}>", "ROW{d beam:logical_type:datetime:v1?}", everything} {
		if read := parse(t, notation); read.String() != notation {
			t.Errorf("expected %s, found %s", notation, read)
		}
	}
}

func TestATypesGoTypeHasTheTypeAsItsSchema(t *testing.T) {
	made, err := parse(t, everything).Go()
	if err != nil {
		t.Fatal(err)
	}
	described, err := schema.FromType(made)
	if err != nil {
		t.Fatal(err)
	}
	if found := TypeOf(described).String(); found != everything {
		t.Errorf("expected %s, found %s", everything, found)
	}
}

func TestAValueIsWrittenAsItWasRead(t *testing.T) {
	const value = `{"text":"<ä>","b":200,"i":null,"l":9007199254740993,"f":0.1,"d":0.30000000000000004,"yes":true,"raw":"AP8=",` +
		`"a":[1,1e-08],"n":["x",null],"m":{"a":1,"b":null},"mi":{"-1":{"x_y":2.5}},"r":{"a_b":"","c":{}},"deep":[["AA=="],[]]}`
	var text bytes.Buffer
	WriteJSON(&text, set(t, everything, value))
	if text.String() != value {
		t.Errorf("expected %s, found %s", value, &text)
	}
}

func TestWhatGoHasNoTypeForIsUnsupported(t *testing.T) {
	for _, notation := range []string{
		"ROW{x INT16}", "ARRAY<BYTE>", "MAP<BYTES, STRING>", "ITERABLE<STRING>", "beam:logical_type:datetime:v1",
	} {
		_, err := parse(t, notation).Go()
		var unsupported Unsupported
		if !errors.As(err, &unsupported) {
			t.Errorf("expected %s to be unsupported, found %v", notation, err)
		}
	}
}

func TestWhatIsNoTypeIsAnError(t *testing.T) {
	for _, notation := range []string{
		"", "ROW", "ROW{", "ROW{a}", "ROW{a STRING", "ARRAY<>", "ARRAY<STRING, STRING>", "MAP<STRING>", "STRING??", "STRING>", "ROW{a STRING,b STRING}",
	} {
		if read, err := Parse(notation); err == nil {
			t.Errorf("expected an error for %q, found %s", notation, read)
		}
	}
}

func TestAValueOfAnotherTypeIsAnError(t *testing.T) {
	for notation, value := range map[string]string{
		"STRING": `1`, "INT32": `2147483648`, "BOOLEAN": `null`, "BYTES": `"?"`, "ROW{a STRING}": `{"a": "x", "b": "y"}`,
		"ARRAY<INT64>": `["x"]`, "KV<STRING, STRING>": `["x"]`,
	} {
		of, err := parse(t, notation).Go()
		if err != nil {
			t.Fatal(err)
		}
		if err := parse(t, notation).Set(reflect.New(of).Elem(), decode(t, value)); err == nil {
			t.Errorf("expected an error for %s as %s", value, notation)
		}
	}
}

func parse(t *testing.T, notation string) Type {
	t.Helper()
	read, err := Parse(notation)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func set(t *testing.T, notation, value string) reflect.Value {
	t.Helper()
	of, err := parse(t, notation).Go()
	if err != nil {
		t.Fatal(err)
	}
	made := reflect.New(of).Elem()
	if err := parse(t, notation).Set(made, decode(t, value)); err != nil {
		t.Fatal(err)
	}
	return made
}

func decode(t *testing.T, value string) (decoded any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(value))
	decoder.UseNumber()
	if err := decoder.Decode(&decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

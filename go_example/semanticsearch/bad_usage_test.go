package main

import (
	"strings"
	"testing"
)

func TestBadUsageIsOneSentenceAndExitCode2(t *testing.T) {
	const query = "--query=x"
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"no query":              {nil, `Expected at least one query, found none: give --query="…".`},
		"no terms wanted":       {[]string{query, "--nearest=0"}, "Expected --nearest of 1 or more, found 0."},
		"a number that is none": {[]string{query, "--nearest=x"}, `invalid value "x" for flag -nearest`},
		"an unknown option":     {[]string{query, "--nerest=5"}, "flag provided but not defined: -nerest"},
		"a word too many":       {[]string{query, "y"}, `Expected only options, found "y".`},
		"another runner":        {[]string{query, "--runner=direct"}, "Expected --runner=universal"},
		"no job service":        {[]string{query, "--endpoint="}, "give --endpoint=HOST:PORT."},
		"no such file":          {[]string{query, "--input=/no/such/file"}, "There is no file /no/such/file."},
		"a directory":           {[]string{query, "--input=."}, "is a directory"},
		"an empty file":         {[]string{query, "--input=" + write(t, "\n")}, "There are no definitions in "},
		"a line that is no JSON": {
			[]string{query, "--input=" + write(t, `{"term": "a", "text": "b"}`+"\n{")}, "definitions.jsonl, line 2.",
		},
		"a line without a text": {
			[]string{query, "--input=" + write(t, `{"term": "a"}`)}, `Expected the strings "term" and "text", found a line without them: `,
		},
	} {
		t.Run(name, func(t *testing.T) { assertFails(t, 2, test.says, test.args...) })
	}
}

func TestARefusalOfTheServiceIsItsSentenceAndExitCode1(t *testing.T) {
	assertFails(t, 1, "ModelNotAllowed: ", "--query=x", "--model=/etc")
}

func TestAServiceThatDoesNotRunIsASentenceAndExitCode1(t *testing.T) {
	assertFails(t, 1, "ServiceUnavailable: expected an hf-beam service at localhost:1, ", "--query=x", "--service=localhost:1")
}

func TestHelpListsTheOptions(t *testing.T) {
	code, stdout, stderr := runWith("--help")
	if code != 0 || stderr != "" || !strings.Contains(stdout, "-query for") {
		t.Errorf("expected the options, found exit code %d, %s%s", code, stdout, stderr)
	}
}

func assertFails(t *testing.T, expected int, says string, args ...string) {
	t.Helper()
	code, stdout, stderr := runWith(args...)
	if code != expected || stdout != "" || !strings.Contains(stderr, says) || strings.Count(stderr, "\n") != 1 {
		t.Errorf("expected exit code %d and one line that says %q, found %d, %s%s", expected, says, code, stdout, stderr)
	}
}

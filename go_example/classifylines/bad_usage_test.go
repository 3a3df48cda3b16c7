package main

import (
	"strings"
	"testing"
)

func TestBadUsageIsOneSentenceAndExitCode2(t *testing.T) {
	input := "--input=" + file(t, "a line")
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"no file":           {nil, "Expected a file to read, found none: give --input=FILE."},
		"no such file":      {[]string{"--input=/no/such/file"}, "There is no file /no/such/file."},
		"a directory":       {[]string{"--input=."}, "Expected a file, found the directory ."},
		"one file for both": {[]string{input, "--output=x", "--errors=x"}, "Expected two files for answers and errors, found x for both."},
		"an unknown option": {[]string{input, "--otput=x"}, "flag provided but not defined: -otput"},
		"a word too many":   {[]string{input, "y"}, `Expected only options, found "y".`},
		"another runner":    {[]string{input, "--runner=direct"}, "Expected --runner=universal"},
		"no job service":    {[]string{input, "--endpoint="}, "give --endpoint=HOST:PORT."},
		"the input as output": {
			[]string{input, "--output=" + strings.TrimPrefix(input, "--input=")}, "Expected output files that differ from the input, found ",
		},
	} {
		t.Run(name, func(t *testing.T) { assertFails(t, 2, test.says, test.args...) })
	}
}

func TestARefusalOfTheServiceIsItsSentenceAndExitCode1(t *testing.T) {
	assertFails(t, 1, "ModelNotAllowed: ", "--input="+file(t, "a line"), "--model=/etc")
}

func TestAServiceThatDoesNotRunIsASentenceAndExitCode1(t *testing.T) {
	assertFails(t, 1, "ServiceUnavailable: expected an hf-beam service at localhost:1, ", "--input="+file(t, "a line"),
		"--service=localhost:1")
}

func TestHelpListsTheOptions(t *testing.T) {
	code, stdout, stderr := runWith("--help")
	if code != 0 || stderr != "" || !strings.Contains(stdout, "-errors file") {
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

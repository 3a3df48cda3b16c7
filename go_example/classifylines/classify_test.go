package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Two lines are good; one is empty, one longer than the model reads, one not UTF-8, and the last has no newline.
var lines = "I would buy it again.\r\n\n" + strings.Repeat("again ", 100) + "\nIt broke \xff after a day.\nIt broke <after> a day."

func TestLinesAreClassifiedIntoATableAndBadLinesSaidWhy(t *testing.T) {
	code, stdout, stderr := runWith("--input=" + file(t, lines))
	if code != 0 {
		t.Fatalf("expected exit code 0, found %d: %s", code, stderr)
	}
	const label = `(?:POSITIVE|NEGATIVE)  +0\.\d{4}  `
	if !regexp.MustCompile(`^     1  ` + label + `I would buy it again\.\n     5  ` + label + `It broke <after> a day\.\n` +
		`2 lines classified, 2 errors, \d+\.\d s\n$`).MatchString(stdout) {
		t.Errorf("expected the lines 1 and 5 and a summary, found %s", stdout)
	}
	if !regexp.MustCompile(`^Line 3: InputTooLong: .*\nLine 4: InvalidElement: expected UTF-8, .*\n$`).MatchString(stderr) {
		t.Errorf("expected the lines 3 and 4, found %s", stderr)
	}
}

func TestAnswersAndBadLinesGoToFilesInTheOrderOfTheLines(t *testing.T) {
	output, errors := filepath.Join(t.TempDir(), "output.jsonl"), filepath.Join(t.TempDir(), "errors.jsonl")
	code, stdout, stderr := runWith("--input="+file(t, lines), "--output="+output, "--errors="+errors)
	if code != 0 || stderr != "" || !strings.HasPrefix(stdout, "2 lines classified, 2 errors, ") {
		t.Fatalf("expected a summary, found exit code %d, %s%s", code, stdout, stderr)
	}
	answers := read[Answer](t, output)
	if len(answers) != 2 || answers[0].Line != 1 || answers[1].Line != 5 || answers[1].Text != "It broke <after> a day." {
		t.Errorf("expected the lines 1 and 5, found %v", answers)
	}
	for _, answer := range answers {
		if answer.Label != "POSITIVE" && answer.Label != "NEGATIVE" || answer.Score < 0.5 || answer.Score > 1 {
			t.Errorf("expected the label that fits best, found %+v", answer)
		}
	}
	bad := read[BadLine](t, errors)
	if len(bad) != 2 || bad[0].Line != 3 || bad[0].Code != "InputTooLong" || bad[1].Line != 4 || bad[1].Code != "InvalidElement" {
		t.Errorf("expected the lines 3 and 4, found %v", bad)
	}
	if bad[1].Text != "It broke \uFFFD after a day." {
		t.Errorf("expected what can be read of the line, found %q", bad[1].Text)
	}
}

func TestAFileWithoutLinesGivesFilesWithoutLines(t *testing.T) {
	output := file(t, "an old answer")
	errors := file(t, "an old error")
	code, stdout, stderr := runWith("--input="+file(t, " \n"), "--output="+output, "--errors="+errors)
	if code != 0 || stderr != "" || !strings.HasPrefix(stdout, "0 lines classified, 0 errors, ") {
		t.Fatalf("expected a summary, found exit code %d, %s%s", code, stdout, stderr)
	}
	if answers, bad := read[Answer](t, output), read[BadLine](t, errors); len(answers)+len(bad) > 0 {
		t.Errorf("expected none, found %v and %v", answers, bad)
	}
}

func read[T any](t *testing.T, file string) (rows []T) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var row T
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

func file(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file.txt")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

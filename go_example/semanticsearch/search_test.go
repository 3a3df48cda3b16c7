package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestTheBundledDefinitionsAreSearchedByWhatTheyMean(t *testing.T) {
	if testing.Short() {
		t.Skip("embeds 2,173 definitions, which takes a minute: make test-corpus")
	}
	code, stdout, stderr := runWith(
		"--query=a program that looks harmless but attacks your computer",
		"--query=when a bug disappears, as soon as you look at it",
	)
	if code != 0 {
		t.Fatalf("expected exit code 0, found %d: %s", code, stderr)
	}
	t.Log(stdout)
	blocks := strings.Split(strings.TrimSpace(stdout), "\n\n")
	if len(blocks) != 3 {
		t.Fatalf("expected two blocks of answers and a summary, found %s", stdout)
	}
	assertAnswers(t, blocks[0], "a program that looks harmless but attacks your computer", "Trojan horse")
	assertAnswers(t, blocks[1], "when a bug disappears, as soon as you look at it", "schroedinbug")
	if !regexp.MustCompile(`^2,173 definitions searched, 0 errors, \d+\.\d s$`).MatchString(blocks[2]) {
		t.Errorf("expected a summary, found %q", blocks[2])
	}
}

func assertAnswers(t *testing.T, block, query, term string) {
	t.Helper()
	lines := strings.Split(block, "\n")
	if len(lines) != 6 || lines[0] != query {
		t.Fatalf("expected %q and 5 lines, found %q", query, lines)
	}
	if !regexp.MustCompile(`(?m)^   [1-5]  0\.\d{4}  ` + term + `$`).MatchString(block) {
		t.Errorf("expected %s among the answers, found %s", term, block)
	}
}

func TestOwnDefinitionsAreSearchedAndTheResultsKept(t *testing.T) {
	input := write(t, `{"term": "rain", "text": "water that falls from clouds"}

		{"term": "snow", "text": "frozen water that falls from clouds", "id": 7}
		{"term": "tea", "text": "a hot drink made of leaves"}`)
	output := filepath.Join(t.TempDir(), "results.jsonl")
	code, stdout, stderr := runWith("--input="+input, "--output="+output, "--nearest=2",
		"--query=hot drinks", "--query=hot drinks")
	if code != 0 {
		t.Fatalf("expected exit code 0, found %d: %s", code, stderr)
	}
	if strings.Count(stdout, "hot drinks\n   1  ") != 1 || !strings.Contains(stdout, "  tea\n   2  ") {
		t.Errorf("expected tea first of two, once, found %s", stdout)
	}
	kept, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(string(kept)), "\n"); len(lines) != 2 ||
		!strings.HasPrefix(lines[0], `{"query":"hot drinks","term":"tea","score":0.`) {
		t.Errorf("expected two lines, tea first, found %q", lines)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "definitions.jsonl")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

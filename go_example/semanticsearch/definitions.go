package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hf-beam/hf-beam/go_example/internal/command"
)

// bundled is the path in the checkout of the definitions that the examples share.
const bundled = "java_example/src/main/resources/jargon.jsonl"

// Definition is one text to search.
type Definition struct {
	Term string `beam:"term"`
	Text string `beam:"definition"`
}

// readDefinitions reads all definitions here, not on the workers: they fit into memory, and a bad line is reported before
// anything runs.
func readDefinitions(input string) ([]Definition, error) {
	if input == "" {
		var err error
		if input, err = findBundled(); err != nil {
			return nil, err
		}
	}
	file, err := os.Open(input)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, command.Usagef("There is no file %s.", input)
	}
	if err != nil {
		return nil, command.Usagef("Cannot read the definitions: %v.", err)
	}
	defer file.Close()

	var definitions []Definition
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for number := 1; lines.Scan(); number++ {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			definition, err := parseDefinition(line, fmt.Sprintf("%s, line %d", input, number))
			if err != nil {
				return nil, err
			}
			definitions = append(definitions, definition)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, command.Usagef("Cannot read %s: %v.", input, err)
	}
	if len(definitions) == 0 {
		return nil, command.Usagef("There are no definitions in %s.", input)
	}
	return definitions, nil
}

func parseDefinition(line, place string) (Definition, error) {
	var fields struct{ Term, Text *string }
	if err := json.Unmarshal([]byte(line), &fields); err != nil {
		return Definition{}, command.Usagef(
			`Expected a JSON object with the strings "term" and "text", found a different line (%v): %s.`, err, place)
	}
	if fields.Term == nil || fields.Text == nil {
		return Definition{}, command.Usagef(`Expected the strings "term" and "text", found a line without them: %s.`, place)
	}
	// Written as in a dictionary, because many texts do not repeat what the term already says.
	return Definition{*fields.Term, *fields.Term + ": " + *fields.Text}, nil
}

// findBundled looks in the working directory and its parents.
func findBundled() (string, error) {
	directory, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		file := filepath.Join(directory, bundled)
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
		parent := filepath.Dir(directory)
		if parent == directory {
			return "", command.Usagef("Expected a checkout of hf-beam, which has definitions, found none here: give --input=FILE.")
		}
		directory = parent
	}
}

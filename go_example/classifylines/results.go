package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

// Entry is a JSON line about a line of the input.
type Entry struct {
	Line int64
	JSON string
}

func init() {
	register.DoFn3x1[context.Context, []byte, func(*Entry) bool, error](&writeFn{})
	register.Iter1[Entry]()
}

func newEntry(line int64, content any) (Entry, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(content)
	return Entry{line, text.String()}, err
}

// write writes entries to a file, in the order of the input's lines. Unlike textio.Write, it also writes a file if there
// are no entries, so that an old file does not look like a new one.
func write(s beam.Scope, output string, entries beam.PCollection) {
	beam.ParDo0(s, &writeFn{output}, beam.Impulse(s), beam.SideInput{Input: entries})
}

type writeFn struct{ Output string }

func (fn *writeFn) ProcessElement(ctx context.Context, _ []byte, entries func(*Entry) bool) error {
	var all []Entry
	for entry := (Entry{}); entries(&entry); {
		all = append(all, entry)
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Line, b.Line) })

	files, err := filesystem.New(ctx, fn.Output)
	if err != nil {
		return err
	}
	defer files.Close()
	file, err := files.OpenWrite(ctx, fn.Output)
	if err != nil {
		return err
	}
	for _, entry := range all {
		if _, err := file.Write([]byte(entry.JSON)); err != nil {
			file.Close()
			return err
		}
	}
	return file.Close()
}

// eachOf reads the entries that the job wrote, and calls do for each.
func eachOf[T any](ctx context.Context, output string, do func(T)) error {
	files, err := filesystem.New(ctx, output)
	if err != nil {
		return err
	}
	defer files.Close()
	content, err := filesystem.Read(ctx, files, output)
	if err != nil {
		return err
	}
	for line := range bytes.Lines(content) {
		var one T
		if err := json.Unmarshal(line, &one); err != nil {
			return fmt.Errorf("cannot read the results in %s: %w", output, err)
		}
		do(one)
	}
	return nil
}

package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

func init() {
	register.Function4x1(readLines)
	register.Emitter1[Line]()
	register.Emitter1[Entry]()
}

// readLines reads the file on a worker, so that it may be larger than this program's memory. It skips blank lines. Lines
// that are not UTF-8 are bad lines, because Beam's strings must be UTF-8.
func readLines(ctx context.Context, input string, emit func(Line), emitBad func(Entry)) error {
	files, err := filesystem.New(ctx, input)
	if err != nil {
		return err
	}
	defer files.Close()
	file, err := files.OpenRead(ctx, input)
	if err != nil {
		return err
	}
	defer file.Close()

	reader := bufio.NewReader(file)
	for number := int64(1); ; number++ {
		text, err := reader.ReadString('\n')
		if err != nil && err != io.EOF {
			return err
		}
		switch line := strings.TrimSpace(text); {
		case line == "":
		case utf8.ValidString(line):
			emit(Line{number, line})
		default:
			bad, err := newBadLine(ctx, BadLine{
				number, strings.ToValidUTF8(line, "\uFFFD"), hfbeam.InvalidElement, "expected UTF-8, found other bytes.",
			})
			if err != nil {
				return err
			}
			emitBad(bad)
		}
		if err == io.EOF {
			return nil
		}
	}
}

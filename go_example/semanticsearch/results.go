package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
)

// readMatches reads the results that the job wrote: the matches of each query, best first.
func readMatches(ctx context.Context, output string) (map[string][]Match, error) {
	files, err := filesystem.New(ctx, output)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	file, err := files.OpenRead(ctx, output)
	if err != nil {
		return nil, err
	}
	defer file.Close()

	matches := map[string][]Match{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var match Match
		if err := json.Unmarshal(lines.Bytes(), &match); err != nil {
			return nil, fmt.Errorf("cannot read the results in %s: %w", output, err)
		}
		matches[match.Query] = append(matches[match.Query], match)
	}
	for _, of := range matches {
		slices.SortFunc(of, func(a, b Match) int {
			if worse(b, a) {
				return -1
			}
			return 1
		})
	}
	return matches, lines.Err()
}

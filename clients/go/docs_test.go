package hfbeam_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hf-beam/hf-beam/clients/go/hfbeamtest"
)

// The sources that the page quotes run as examples of this package, and as tests of go_example.
func TestAllGoOnThePageForGoStandsInSourcesThatRun(t *testing.T) {
	root := must(hfbeamtest.Checkout())
	page := string(must(os.ReadFile(filepath.Join(root, "docs", "go.md"))))
	var sources strings.Builder
	for _, directory := range []string{"clients/go", "go_example"} {
		err := filepath.WalkDir(filepath.Join(root, directory), func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, ".go") {
				sources.Write(must(os.ReadFile(path)))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	blocks := regexp.MustCompile("(?s)\n```go\n(.*?\n)```\n").FindAllStringSubmatch(page, -1)
	if len(blocks) < 10 {
		t.Fatalf("expected the page's blocks, found %d", len(blocks))
	}
	for _, block := range blocks {
		inFunction := regexp.MustCompile(`(?m)^(.)`).ReplaceAllString(block[1], "\t$1")
		if !strings.Contains(sources.String(), "\n"+block[1]) && !strings.Contains(sources.String(), "\n"+inFunction) {
			t.Errorf("expected this in a source, found it nowhere:\n%s", block[1])
		}
	}
}

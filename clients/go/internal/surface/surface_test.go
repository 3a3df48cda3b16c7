// Package surface pins what package hfbeam exports, so that whoever reviews a change sees what it does to the surface. The
// test is not among those of hfbeam, which start a service.
package surface

import (
	"bytes"
	"flag"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var writeGolden = flag.Bool("write-golden", false, "write the golden file")

func TestExportedNamesKeepTheirDeclarations(t *testing.T) {
	const golden = "testdata/hfbeam.txt"
	found := exported(t, "../..")
	if *writeGolden {
		if err := os.WriteFile(golden, found, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	expected, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(found, expected) {
		t.Errorf("expected the declarations in %s, found others; `go test ./internal/surface -write-golden` "+
			"writes these:\n%s", golden, found)
	}
}

// exported gives the declarations of what a package exports, without comments, in the order of `go doc`.
func exported(t *testing.T, directory string) []byte {
	files := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(directory, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var sources []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, source)
	}
	pkg, err := doc.NewFromFiles(files, sources, "hfbeam")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	show := func(declaration ast.Decl) {
		ast.Inspect(declaration, markUnexported)
		// A set without the files: where their lines break is not a part of the surface.
		if err := format.Node(&text, token.NewFileSet(), declaration); err != nil {
			t.Fatal(err)
		}
		text.WriteByte('\n')
	}
	values := func(groups []*doc.Value) {
		for _, group := range groups {
			show(group.Decl)
		}
	}
	functions := func(functions []*doc.Func) {
		for _, function := range functions {
			show(function.Decl)
		}
	}
	values(pkg.Consts)
	values(pkg.Vars)
	functions(pkg.Funcs)
	for _, exported := range pkg.Types {
		show(exported.Decl)
		values(exported.Consts)
		values(exported.Vars)
		functions(exported.Funcs)
		functions(exported.Methods)
	}
	return text.Bytes()
}

// markUnexported puts a word for the unexported fields of a struct or methods of an interface, which close it, where the
// printer would put a comment.
func markUnexported(node ast.Node) bool {
	mark := func(incomplete *bool, members *ast.FieldList) {
		if *incomplete {
			*incomplete = false
			members.List = append(members.List, &ast.Field{Type: ast.NewIdent("unexported")})
		}
	}
	switch n := node.(type) {
	case *ast.StructType:
		mark(&n.Incomplete, n.Fields)
	case *ast.InterfaceType:
		mark(&n.Incomplete, n.Methods)
	}
	return true
}

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// Every fault that the simulator knows has a row in the tables of this package. A row
// whose fault nobody meets fails.
func TestEveryFaultHasARow(t *testing.T) {
	used := map[string]bool{}
	for _, file := range parsed(t, "fault_*_test.go") {
		if strings.Contains(file.name, "fault_seed") {
			continue // all together is no row of its own
		}
		ast.Inspect(file.File, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "genesystest" {
					used[s.Sel.Name] = true
				}
			}
			return true
		})
	}
	constructors := 0
	for _, file := range parsed(t, "../../genesys/genesystest/*.go") {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && makesFault(f) {
				constructors++
				if !used[f.Name.Name] {
					t.Errorf("genesystest.%s has no row", f.Name.Name)
				}
			}
		}
	}
	if constructors < 18 {
		t.Errorf("%d constructors of faults were found", constructors)
	}
}

type source struct {
	*ast.File
	name string
}

func parsed(t *testing.T, pattern string) (files []source) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %d files (%v)", pattern, len(names), err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, source{file, name})
	}
	return files
}

// makesFault reports whether a function is exported and returns a *Fault alone.
func makesFault(f *ast.FuncDecl) bool {
	if f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return false
	}
	star, ok := f.Type.Results.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	name, ok := star.X.(*ast.Ident)
	return ok && name.Name == "Fault"
}

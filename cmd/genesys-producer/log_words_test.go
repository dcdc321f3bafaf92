package main

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// attributes are the names under which the log tells things: one thing has one name, in
// every line.
var attributes = map[string]string{
	"which": "queue lane window pass page day topic correlation_id queues",
	"what":  "error why cause fix reason form first gone perhaps verdict discrepancy text",
	"counts": "records pages conversations published unchanged superseded dead_letters read total looks outside_window open left_open " +
		"bytes want_bytes windows_closed percent conversations_per_second requests_per_minute partitions replication_factor",
	"times":  "took until from to left before grace api_clock",
	"places": "program checkpoints cluster configured began_with known stored closed query settings address",
}

// Names of attributes are written where they are logged, and are those above; messages of
// warnings and errors are told apart by their words.
func TestWordsOfTheLog(t *testing.T) {
	known := map[string]bool{}
	for _, names := range attributes {
		for name := range strings.FieldsSeq(names) {
			known[name] = false
		}
	}
	warnings := map[string]string{}
	calls := 0
	for _, room := range rooms {
		for _, file := range parsed(t, room+"/*.go") {
			if strings.HasSuffix(file.name, "_test.go") {
				continue
			}
			ast.Inspect(file.File, func(n ast.Node) bool {
				var list []ast.Expr
				switch n := n.(type) {
				case *ast.CallExpr:
					level, first := logged(n)
					if level == "" {
						return true
					}
					calls++
					message, isText := quoted(n.Args[first])
					if before, twice := warnings[message]; twice && isText && level != "Info" && level != "Debug" {
						t.Errorf("%s: %q is said in %s, too", file.name, message, before)
					} else if isText && level != "Info" && level != "Debug" {
						warnings[message] = file.name
					}
					list = n.Args[first+1:]
					if n.Ellipsis != token.NoPos {
						list = nil // a list of its own
					}
				case *ast.CompositeLit:
					of, ok := n.Type.(*ast.ArrayType)
					if !ok || len(n.Elts) < 2 || nameOf(of.Elt) != "any" {
						return true
					}
					if _, isText := quoted(n.Elts[0]); isText {
						list = n.Elts
					}
				}
				for i := 0; i < len(list); i += 2 {
					name, isText := quoted(list[i])
					if _, ok := known[name]; !ok || !isText {
						t.Errorf("%s: the attribute %q is not one of the log's", file.name, name)
					}
					known[name] = true
				}
				return true
			})
		}
	}
	if calls < 30 || len(warnings) < 15 {
		t.Errorf("%d calls and %d warnings were found", calls, len(warnings))
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !known[name] && !slices.Contains(appended, name) {
			t.Errorf("nothing is logged under the name %q", name)
		}
	}
}

// appended are the attributes that are added where they have a value.
var appended = []string{"correlation_id", "discrepancy", "until", "conversations_per_second", "left", "took", "error"}

// logged is the level of a call that logs, and which argument is its message. "": it does
// not log.
func logged(c *ast.CallExpr) (level string, message int) {
	f, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", 0
	}
	switch of := nameOf(f.X); {
	case len(c.Args) > 0 && strings.Contains("Debug Info Warn Error", f.Sel.Name) && strings.Contains("Log log to", of) && of != "":
		return f.Sel.Name, 0
	case f.Sel.Name == "Log" && len(c.Args) > 2:
		return "Log", 2
	}
	return "", 0
}

// quoted is what a literal says.
func quoted(e ast.Expr) (string, bool) {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}

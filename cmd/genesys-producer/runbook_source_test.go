package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rooms are where what the service says comes from.
var rooms = []string{".", "../../producer", "../../producer/broker", "../../producer/publish",
	"../../producer/status", "../../producer/transact", "../../checkpoint", "../../genesys"}

// sources reads what the program may say of what is wrong, from its own text: messages of
// the log that are warnings or errors, incidents, errors, kinds and reasons of errors, and
// advice. What a format fills in stands as an ellipsis. What check finds has what to do
// beside it, and is not read.
type sources struct {
	*testing.T
	files     *token.FileSet
	advises   bool                      // what to do is told by the names below
	constants map[string]ast.Expr       // of the room that is read
	found     map[string]token.Position // where each is said
}

// messages are all that the program may say, and where it does.
func messages(t *testing.T) map[string]token.Position {
	t.Helper()
	s := &sources{T: t, files: token.NewFileSet(), found: map[string]token.Position{}}
	for _, room := range rooms {
		paths, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v, %v", room, paths, err)
		}
		var files []*ast.File
		for _, path := range slices.DeleteFunc(paths, func(p string) bool { return strings.HasSuffix(p, "_test.go") }) {
			file, err := parser.ParseFile(s.files, path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		s.read(files, room != ".") // the command's own reports have variables of the same names
	}
	return s.found
}

// read reads a room, constants first. advises: it tells what to do by the names below.
func (s *sources) read(files []*ast.File, advises bool) {
	s.constants, s.advises = map[string]ast.Expr{}, advises
	for _, look := range []func(ast.Decl){s.constantsOf, s.declared} {
		for _, file := range files {
			for _, d := range file.Decls {
				look(d)
			}
		}
	}
}

// constantsOf notes the constants of a declaration, and those that are kinds as told.
func (s *sources) constantsOf(d ast.Decl) {
	general, ok := d.(*ast.GenDecl)
	if !ok || general.Tok != token.CONST {
		return
	}
	for _, spec := range general.Specs {
		one := spec.(*ast.ValueSpec)
		for i, value := range one.Values {
			s.constants[one.Names[i].Name] = value
			if text, ok := s.literal(value); ok && slices.Contains(kinds, nameOf(one.Type)) {
				s.found[text] = s.files.Position(value.Pos())
			}
		}
	}
}

// declared reads a function, or what is declared beside them.
func (s *sources) declared(d ast.Decl) {
	advises := false
	if function, ok := d.(*ast.FuncDecl); ok {
		advises = slices.Contains(advisers, function.Name.Name)
	}
	ast.Inspect(d, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			s.call(n, d)
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && s.advises && slices.Contains(advices, key.Name) {
				s.say(n.Value)
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if len(n.Rhs) == len(n.Lhs) && s.advises && slices.Contains(advices, nameOf(left)) {
					s.say(n.Rhs[i])
				}
			}
		case *ast.CompositeLit:
			if nameOf(n.Type) == "SetupError" && len(n.Elts) == 1 {
				s.say(n.Elts[0])
			}
		case *ast.ReturnStmt:
			for _, result := range n.Results {
				if advises {
					s.say(result)
				}
			}
		}
		return true
	})
}

var (
	advices  = []string{"Advice", "advice", "Fix", "fix", "told"} // variables and fields that say what to do
	advisers = []string{"advice", "judge"}                        // functions that return it
	kinds    = []string{"Kind", "Reason", "Discrepancy"}          // types whose constants are told
	problems = []string{"bad", "e"}                               // of a configuration, to which one is added
	lists    = []string{"absent"}                                 // lists that are joined to an error
)

// places are which argument of a call is told.
var places = map[string]int{"Warn": 0, "Error": 0, "WarnContext": 1, "ErrorContext": 1, "Log": 2, "NewIncident": 2,
	"fmt.Errorf": 0, "errors.New": 0, "fail": 1, "cut": 2, "add": 1}

// call reads the text that a call is given to tell.
func (s *sources) call(c *ast.CallExpr, scope ast.Node) {
	name, of := nameOf(c.Fun), ""
	if function, ok := c.Fun.(*ast.SelectorExpr); ok {
		of = nameOf(function.X)
	}
	if name == "append" && slices.Contains(lists, nameOf(c.Args[0])) {
		s.say(c.Args[1])
	}
	place, tells := places[name]
	if !tells {
		place, tells = places[of+"."+name]
	}
	if !tells || len(c.Args) <= place || of == "http" || name == "add" && !slices.Contains(problems, of) {
		return
	}
	if name == "cut" {
		s.say(c.Args[0])
	}
	text, isText := s.literal(c.Args[place])
	switch {
	case isText && logs(name): // however short
		s.found[strings.Trim(worded(text), " :;")] = s.files.Position(c.Pos())
	case isText:
		s.say(c.Args[place])
	case nameOf(c.Args[place]) == "begins": // of an incident, which is read where it is made
	case !s.assigned(c.Args[place], scope) && logs(name):
		s.Errorf("%v: what is logged cannot be read here: write it into the call", s.files.Position(c.Pos()))
	}
}

// logs reports whether a call of this name writes into the log.
func logs(name string) bool {
	return slices.Contains([]string{"Warn", "Error", "WarnContext", "ErrorContext", "Log", "NewIncident"}, name)
}

// assigned reads all that a variable may be within a declaration.
func (s *sources) assigned(variable ast.Expr, scope ast.Node) (any bool) {
	ast.Inspect(scope, func(node ast.Node) bool {
		assignment, ok := node.(*ast.AssignStmt)
		if !ok || len(assignment.Lhs) != len(assignment.Rhs) {
			return true
		}
		for i, left := range assignment.Lhs {
			if nameOf(left) != "" && nameOf(left) == nameOf(variable) {
				any = s.say(assignment.Rhs[i]) || any
			}
		}
		return true
	})
	return any
}

package main

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// say notes a text, unless it is only a step of a path to a cause.
func (s *sources) say(e ast.Expr) bool {
	text, ok := s.literal(e)
	if !ok {
		return false
	}
	wraps := strings.Contains(text, "%w")
	text = strings.Trim(worded(text), " :;")
	if n := wordsIn(text); n > 2 && (!wraps || n > 3) {
		s.found[text] = s.files.Position(e.Pos())
	}
	return true
}

var (
	filledIn = regexp.MustCompile(`%(%|(\[\d\])?[-+#0]*[\d.]*[a-zA-Z])`)
	more     = regexp.MustCompile(`…+`)
	word     = regexp.MustCompile(`\pL[\pL\d_'-]*`)
)

// worded is a format as people see it.
func worded(format string) string {
	filled := filledIn.ReplaceAllStringFunc(format, func(verb string) string {
		if verb == "%%" {
			return "%"
		}
		return "…"
	})
	return more.ReplaceAllString(filled, "…")
}

func wordsIn(text string) int { return len(word.FindAllString(text, -1)) }

// literal is the text of an expression, of which what is not literal is %v.
func (s *sources) literal(e ast.Expr) (text string, ok bool) {
	switch n := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(n.Value)
		return text, err == nil && n.Kind == token.STRING
	case *ast.Ident:
		if constant := s.constants[n.Name]; constant != nil {
			return s.literal(constant)
		}
	case *ast.ParenExpr:
		return s.literal(n.X)
	case *ast.BinaryExpr:
		left, isLeft := s.literal(n.X)
		right, isRight := s.literal(n.Y)
		if n.Op != token.ADD || !isLeft && !isRight {
			return "", false
		}
		if !isLeft {
			left = "%v"
		}
		if !isRight {
			right = "%v"
		}
		return left + right, true
	case *ast.CallExpr:
		if nameOf(n.Fun) == "Sprintf" {
			return s.literal(n.Args[0])
		}
	}
	return "", false
}

// nameOf is the last word of a name; empty: it is none.
func nameOf(e ast.Expr) string {
	switch n := e.(type) {
	case *ast.Ident:
		return n.Name
	case *ast.SelectorExpr:
		return n.Sel.Name
	case *ast.StarExpr:
		return nameOf(n.X)
	}
	return ""
}

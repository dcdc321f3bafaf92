package main

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// variable is one row of the table.
type variable struct {
	name     string
	fallback string // what an unset variable holds; empty: nothing
	shown    string // what the table says where there is no fallback
	emptied  string // what it means set to nothing, where that is not the same as unset
	meaning  string
	place    int // in the table
}

// required is whether the service cannot do without it.
func (v variable) required() bool { return v.shown == "required" }

// variables is the table of the variables that are served, read off the tags
// of [environment].
func variables() []variable {
	table := reflect.TypeFor[environment]()
	rows := make([]variable, table.NumField())
	for i := range rows {
		tag := table.Field(i).Tag
		rows[i] = variable{
			name:     tag.Get("envconfig"),
			fallback: tag.Get("default"),
			shown:    tag.Get("shown"),
			emptied:  tag.Get("emptied"),
			meaning:  tag.Get("desc"),
			place:    i,
		}
	}
	return rows
}

// setting is a variable with its text. It takes any text, so that reading
// never fails before all of it is read.
type setting struct {
	variable
	raw string // as it is set, or the fallback
	set bool   // in the environment, if only to nothing
}

// Decode stores the text; envconfig calls it.
func (s *setting) Decode(text string) error {
	s.raw = text
	return nil
}

// text is the raw text without the white space around it, which manifests and
// files leave behind.
func (s setting) text() string { return strings.TrimSpace(s.raw) }

// parse is the value of a setting. What is wrong with it goes to bad, and the
// zero value stands in; so it does for an unset variable without a fallback.
func parse[T any](bad *configError, s setting, from func(text string) (T, error)) T {
	var none T
	switch {
	case s.text() == "" && s.required():
		bad.add(s.variable, "missing; set it to "+s.meaning)
	case s.text() == "" && s.set && s.shown != "empty" && s.emptied == "":
		bad.add(s.variable, "is empty; unset it for the default")
	case s.text() != "":
		value, err := from(s.text())
		if err == nil {
			return value
		}
		bad.add(s.variable, err.Error())
	}
	return none
}

// configError is all that is wrong with the environment.
type configError struct {
	problems []problem
}

// problem is what is wrong with one variable, and what to do about it.
type problem struct {
	variable
	text string
}

func (e *configError) add(v variable, text string) {
	e.problems = append(e.problems, problem{v, text})
}

// refuseIdle refuses settings that have no effect while the ruler has a value, and
// would have one if it were set to another instead. Set to nothing, a setting misleads
// nobody.
func (e *configError) refuseIdle(ruler setting, value, instead string, idle ...setting) {
	if !strings.EqualFold(ruler.text(), value) {
		return
	}
	for _, s := range idle {
		if s.set && s.text() != "" {
			e.add(s.variable, fmt.Sprintf("has no effect with %s=%s; unset it, or set %[1]s to %[3]s", ruler.name, value, instead))
		}
	}
}

// Error has a line for each problem, in the order of the table.
func (e *configError) Error() string {
	sorted := slices.SortedStableFunc(slices.Values(e.problems), func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.name, b.name))
	})
	lines := make([]string, len(sorted))
	for i, p := range sorted {
		lines[i] = p.name + ": " + p.text
	}
	return strings.Join(lines, "\n")
}

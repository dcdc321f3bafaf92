package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const runbook = "../../deploy/RUNBOOK.md"

// inRunbook is a message in the runbook: a heading of its own, or in a list.
var inRunbook = regexp.MustCompile("(?m)^(?:- |#### )`([^`\n]+)`")

// All that the program may say of what is wrong is in the runbook, in the program's words,
// and the runbook has nothing that the program does not say any more.
func TestRunbookHasEveryMessage(t *testing.T) {
	said, listed := messages(t), map[string]bool{}
	for _, m := range inRunbook.FindAllStringSubmatch(readFile(t, runbook), -1) {
		if listed[m[1]] {
			t.Errorf("it has twice: %s", m[1])
		}
		listed[m[1]] = true
	}
	for _, text := range slices.Sorted(maps.Keys(said)) {
		if !listed[text] {
			t.Errorf("%v: not in the runbook: write what it means and what to do, as\n- `%s`", said[text], text)
		}
	}
	for _, text := range slices.Sorted(maps.Keys(listed)) {
		if _, ok := said[text]; !ok {
			t.Errorf("the runbook has what nobody says any more: %s", text)
		}
	}
	t.Logf("%d messages", len(said))
}

// The warnings and errors of the log have sections, which say something.
func TestRunbookExplainsTheLog(t *testing.T) {
	parts := strings.Split(readFile(t, runbook), "\n#### `")[1:]
	for _, part := range parts {
		text, rest, _ := strings.Cut(part, "`\n")
		rest, _, _ = strings.Cut(rest, "\n#")
		if len(strings.Fields(rest)) < 4 {
			t.Errorf("it says nothing of: %s", text)
		}
	}
	if len(parts) < 20 {
		t.Errorf("%d messages of the log have a section, want 20 or more", len(parts))
	}
}

// Each alert has a section that says what it means, what to look at and what to do, and
// each section has its alert. Every link within the runbook leads to a heading.
func TestRunbookHasEveryAlert(t *testing.T) {
	text := readFile(t, runbook)
	_, rest, _ := strings.Cut(text, "\n## Alerts\n")
	sections, _, _ := strings.Cut(rest, "\n## ")
	var described, alerts []string
	for _, section := range strings.Split(sections, "\n### ")[1:] {
		name, body, _ := strings.Cut(section, "\n")
		described = append(described, name)
		for _, part := range []string{"**Means** ", "**Look** ", "**Do** "} {
			if !strings.Contains(body, "\n"+part) {
				t.Errorf("%s has no %s", name, part)
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(readFile(t, "../../deploy/prometheus/alerts.yaml"), -1) {
		alerts = append(alerts, m[1])
	}
	if slices.Sort(described); len(alerts) == 0 || !slices.Equal(described, slices.Sorted(slices.Values(alerts))) {
		t.Errorf("sections of %v, want those of %v", described, alerts)
	}
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		anchors[strings.ReplaceAll(strings.ToLower(m[1]), " ", "-")] = true
	}
	for _, m := range regexp.MustCompile(`\]\(#([^)]+)\)`).FindAllStringSubmatch(text, -1) {
		if !anchors[m[1]] {
			t.Errorf("a link leads to %s, which is no heading", m[1])
		}
	}
}

// What is told is found, however it is told, and what is only part of a path is not.
func TestSourcesFindMessages(t *testing.T) {
	const source = `package p
const Odd Kind = "odd"
const advised = "write " + https
const https = "https"
func f(log *slog.Logger, bad *configError) error {
	log.Warn("a short one")
	log.Info("not a warning at all")
	text := "a level that is chosen"
	if x { text = "another text of it" }
	log.Log(ctx, level, text)
	NewIncident(log, slog.LevelWarn, "something holds it up", "it goes on")
	bad.add(v, "missing; set it to "+v.meaning)
	table.add(v, "one cell of a table")
	e := &Error{Advice: "check %% the setting"}
	e.Advice = advised
	absent = append(absent, fmt.Sprintf("topic %s does not exist", topic))
	if x { return &SetupError{"it was made again meanwhile"} }
	if x { return l.fail(err, "name another port") }
	if x { return fmt.Errorf("queue %s: window %s: %w", queue, window, err) }
	if x { return fmt.Errorf("export %v: the store is another: %w", key, err) }
	return errors.New("nothing was stored")
}
`
	s := &sources{T: t, files: token.NewFileSet(), found: map[string]token.Position{}}
	file, err := parser.ParseFile(s.files, "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.read([]*ast.File{file}, true)
	want := []string{"odd", "a short one", "a level that is chosen", "another text of it", "something holds it up",
		"missing; set it to …", "check % the setting", "topic … does not exist", "it was made again meanwhile", "name another port",
		"export …: the store is another: …", "nothing was stored"}
	got := slices.Sorted(maps.Keys(s.found))
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

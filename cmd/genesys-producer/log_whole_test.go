package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// wholeLog is all that a process has logged, as JSON has it.
type wholeLog struct {
	*testing.T
	text  string
	lines []map[string]any
}

func readLog(t *testing.T, text string) *wholeLog {
	t.Helper()
	l := &wholeLog{T: t, text: text}
	for row := range strings.Lines(text) {
		var line map[string]any
		if err := json.Unmarshal([]byte(row), &line); err != nil {
			t.Errorf("no line of JSON: %s", row)
			continue
		}
		for name := range line { // encoding/json takes the last of two
			if n := strings.Count(row, fmt.Sprintf(`,%q:`, name)); n > 1 {
				t.Errorf("%d times %q: %s", n, name, row)
			}
		}
		l.lines = append(l.lines, line)
	}
	return l
}

// of are the lines with a message.
func (l *wholeLog) of(message string) (lines []map[string]any) {
	for _, line := range l.lines {
		if line["msg"] == message {
			lines = append(lines, line)
		}
	}
	return lines
}

// checkLines expects of each line what its message asks for.
func (l *wholeLog) checkLines(wanted map[string]toldLine) {
	l.Helper()
	for _, line := range l.lines {
		at, _ := line["time"].(string)
		if _, err := time.Parse(time.RFC3339Nano, at); err != nil || !strings.HasSuffix(at, "Z") {
			l.Errorf("the time %q is not one in UTC", at)
		}
		message, _ := line["msg"].(string)
		want, known := wanted[message]
		if !known || line["level"] != want.level {
			l.Errorf("nobody expects %v", line)
		}
		for name := range strings.FieldsSeq(want.tells) {
			if value, ok := line[name]; !ok || value == "" && name != "why" {
				l.Errorf("%q does not tell its %s: %v", message, name, line)
			}
		}
	}
}

// checkIncident expects that an incident begins, ends, and only then begins again. (The
// brokers' may: where one client is back before another has noticed.)
func (l *wholeLog) checkIncident(begins, ends string) {
	l.Helper()
	var told []string
	for _, line := range l.lines {
		if m, _ := line["msg"].(string); m == begins || m == ends {
			told = append(told, m)
		}
	}
	if n := len(told) / 2; n < 1 || n > 3 || !slices.Equal(told, slices.Repeat([]string{begins, ends}, n)) {
		l.Errorf("told %q", told)
	}
}

// checkOnce expects no two lines of a message about the same.
func (l *wholeLog) checkOnce(message string, names ...string) {
	l.Helper()
	seen := map[string]bool{}
	for _, line := range l.of(message) {
		about := ""
		for _, name := range names {
			about += fmt.Sprint(line[name], " ")
		}
		if seen[about] {
			l.Errorf("%q twice of %s", message, about)
		}
		seen[about] = true
	}
	if len(seen) == 0 {
		l.Errorf("never %q", message)
	}
}

// checkCanaries expects nothing of what conversations say, and no secret.
func (l *wholeLog) checkCanaries(w *world, heard *eavesdropper) {
	l.Helper()
	secret := genesystest.DefaultClientSecret
	canaries := map[string]bool{secret: true,
		base64.StdEncoding.EncodeToString([]byte(genesystest.DefaultClientID + ":" + secret)): true}
	maps.Copy(canaries, heard.tokens)
	if len(heard.tokens) == 0 {
		l.Error("no token was heard")
	}
	for _, m := range w.cluster.Read(w, w.topic) {
		var record any
		if err := json.Unmarshal(m.Value, &record); err != nil {
			l.Error(err)
		}
		ownWords(record, canaries)
	}
	for _, queue := range w.sim.Queues() {
		delete(canaries, queue) // the log tells of queues, and so do conversations
	}
	if len(canaries) < 1000 {
		l.Errorf("only %d canaries", len(canaries))
	}
	maps.DeleteFunc(canaries, func(canary string, _ bool) bool { return !strings.Contains(l.text, canary) })
	if told := slices.Sorted(maps.Keys(canaries)); len(told) > 0 {
		l.Errorf("the log tells %d of them, such as %q", len(told), told[0])
	}
}

// ownWords adds what a record says in words of its own: ids, names, numbers and times, and
// not what is a word of the API, such as "voice".
func ownWords(value any, to map[string]bool) {
	switch v := value.(type) {
	case string:
		if len(v) >= 8 && strings.ContainsAny(v, "0123456789 @+") {
			to[v] = true
		}
	case []any:
		for _, each := range v {
			ownWords(each, to)
		}
	case map[string]any:
		for _, each := range v {
			ownWords(each, to)
		}
	}
}

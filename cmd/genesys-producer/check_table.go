package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// tellTable draws the findings for a person: a line each, what to do below it, and one
// line that sums up. It is as wide as the terminal, in reason, and coloured on one.
func tellTable(w io.Writer, found []checked) {
	width, coloured := helpWidth, false
	if isTerminal(w) {
		coloured = !colourless()
		if columns, _, err := term.GetSize(int(w.(*os.File).Fd())); err == nil {
			width = min(max(columns, 60), 140)
		}
	}
	paint := func(v verdict, text string) string {
		colour := map[verdict]string{fine: "32", warns: "33", fails: "1;31", unsure: "2"}[v]
		if !coloured || text == "" {
			return text
		}
		return "\x1b[" + colour + "m" + text + "\x1b[0m"
	}
	names := 0
	for _, f := range found {
		names = max(names, len(f.Check))
	}
	const mark = len("unknown")
	indent := strings.Repeat(" ", 1+mark+2+names+2)
	fmt.Fprintln(w)
	for _, f := range found {
		text := f.Finding
		if f.Subject != "" {
			text = f.Subject + ": " + text
		}
		head := fmt.Sprintf(" %s  %-*s  ", paint(f.Verdict, fmt.Sprintf("%-*s", mark, shown(f.Verdict))), names, f.Check)
		for _, line := range wrap(printable(text), width-len(indent)) {
			fmt.Fprintln(w, head+line)
			head = indent
		}
		for i, line := range advice(printable(f.Fix), width-len(indent)-2) {
			arrow := "> "
			if i > 0 {
				arrow = "  "
			}
			if line != "" {
				fmt.Fprintln(w, indent+paint(f.Verdict, arrow)+line)
			}
		}
	}
	verdict := fine
	if !isGood(found) {
		verdict = fails
	}
	fmt.Fprintf(w, "\n %s\n\n", paint(verdict, summary(found)))
}

// advice is what to do, in lines. A command is not broken: it is there to be copied.
func advice(text string, width int) (lines []string) {
	if !strings.Contains(text, "kafka-") {
		return wrap(text, width)
	}
	for part := range strings.SplitSeq(text, "; ") {
		before, command, found := strings.Cut(part, "kafka-")
		if before != "" || !found {
			lines = append(lines, wrap(before, width)...)
		}
		if found {
			lines = append(lines, "kafka-"+command)
		}
	}
	return lines
}

// shown is a verdict as it stands in the table: what has to be mended is to be seen from
// afar, without colours too.
func shown(v verdict) string {
	if v == fails {
		return "FAIL"
	}
	return string(v)
}

// summary is the last line.
func summary(found []checked) string {
	count := map[verdict]int{}
	for _, f := range found {
		count[f.Verdict]++
	}
	text := fmt.Sprintf("%s: %d ok", counted(len(found), "check", "checks"), count[fine])
	for _, v := range []struct {
		verdict
		one, many string
	}{{warns, "warning", "warnings"}, {fails, "failed", "failed"}, {unsure, "unknown", "unknown"}} {
		switch n := count[v.verdict]; {
		case n == 1:
			text += ", 1 " + v.one
		case n > 1:
			text += fmt.Sprintf(", %d %s", n, v.many)
		}
	}
	switch {
	case count[fails] > 0:
		return text + ". The service is not ready to run."
	case count[unsure] > 0: // it may be the login
		return text + ". Nothing is known that keeps the service from running."
	case count[warns] > 0:
		return text + ". The service can run."
	}
	return text + ". The service is ready to run."
}

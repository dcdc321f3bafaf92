package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"genesys-producer/producer/status/words"
)

// tellTable draws the findings for a person: a line each, what to do below it, and one
// line that sums up. It is as wide as the terminal, in reason, and coloured on one.
func tellTable(w io.Writer, found []checked) error {
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
	all := new(strings.Builder)
	fmt.Fprintln(all)
	for _, f := range found {
		text := f.Finding
		if f.Subject != "" {
			text = f.Subject + ": " + text
		}
		head := fmt.Sprintf(" %s  %-*s  ", paint(f.Verdict, fmt.Sprintf("%-*s", mark, shown(f.Verdict))), names, f.Check)
		for _, line := range wrap(printable(text), width-len(indent)) {
			fmt.Fprintln(all, head+line)
			head = indent
		}
		for i, line := range advice(printable(f.Fix), width-len(indent)-2) {
			arrow := "> "
			if i > 0 {
				arrow = "  "
			}
			if line != "" {
				fmt.Fprintln(all, indent+paint(f.Verdict, arrow)+line)
			}
		}
	}
	verdict := fine
	if !isGood(found) {
		verdict = fails
	}
	fmt.Fprintf(all, "\n %s\n\n", paint(verdict, summary(found)))
	_, err := io.WriteString(w, all.String())
	return err
}

// advice is what to do, in lines. A command is not broken: it is there to be copied.
func advice(text string, width int) (lines []string) {
	if commandIn(text) < 0 {
		return wrap(text, width)
	}
	for part := range strings.SplitSeq(text, "; ") {
		at := commandIn(part)
		if at < 0 {
			at = len(part)
		}
		if before := part[:at]; before != "" {
			lines = append(lines, wrap(before, width)...)
		}
		if command := part[at:]; command != "" {
			lines = append(lines, command)
		}
	}
	return lines
}

// commandIn is where a command begins in a text; -1: it has none. Brokers, too, are called
// kafka-1, and what stands in brackets is only mentioned.
func commandIn(text string) int {
	for _, name := range []string{"kafka-acls.sh ", "kafka-configs.sh ", "kafka-topics.sh "} {
		if at := strings.Index(text, name); at == 0 || at > 0 && text[at-1] == ' ' {
			return at
		}
	}
	return -1
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
	text := fmt.Sprintf("%s: %d ok", words.Several(len(found), "check", "checks"), count[fine])
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

package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// dueIn says when something is due.
func dueIn(at, now time.Time) string {
	if !at.After(now) {
		return "due"
	}
	return "in " + span(at.Sub(now))
}

// shortened writes a duration as settings have it: 1h, not 1h0m0s.
func shortened(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// writeTable writes rows, the first of which is the head. The columns that are named by their
// numbers are of numbers: these end below each other.
func writeTable(w io.Writer, rows [][]string, numbers ...int) {
	for _, column := range numbers {
		width := 0
		for _, row := range rows {
			width = max(width, len(row[column]))
		}
		for _, row := range rows {
			row[column] = fmt.Sprintf("%*s", width, row[column])
		}
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	_ = table.Flush() // callers write to a strings.Builder, which takes everything
}

// mostNamed is how many of many are named in a line.
const mostNamed = 10

// dash stands for what there is not.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

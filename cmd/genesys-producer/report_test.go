package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"sync"
	"text/tabwriter"
)

// report is a table that tests fill, printed after the last of them: what was done to
// the program, and what came of it.
type report struct {
	title string
	heads []any

	mu   sync.Mutex
	rows [][]any
}

// reports are printed in this order, those that have rows.
var reports = []*report{faults, killed, soaked, secured}

// add adds a row, also of a test that has failed: its outcome says so.
func (r *report) add(cells ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows = append(r.rows, cells)
}

func (r *report) print(w io.Writer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", r.title)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	// Tests that run beside each other add their rows in any order.
	slices.SortStableFunc(r.rows, func(a, b []any) int { return cmp.Compare(fmt.Sprint(a[0]), fmt.Sprint(b[0])) })
	for _, row := range slices.Insert(slices.Clone(r.rows), 0, r.heads) {
		for _, cell := range row {
			fmt.Fprintf(table, "  %v\t", cell)
		}
		fmt.Fprintln(table)
	}
	_ = table.Flush()
}

// outcome is how a test has gone so far, for a report.
func (w *world) outcome() string {
	if w.Failed() {
		return "FAILED"
	}
	return "nothing lost"
}

// broker says what the brokers are, for a report.
func (w *world) broker() string {
	if w.cluster.Fake != nil {
		return "kfake"
	}
	return "real"
}

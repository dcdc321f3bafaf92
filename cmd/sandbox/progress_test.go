package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

func TestHalfway(t *testing.T) {
	page := func(queue, window string, n int) event { return event{Queue: queue, Window: window, Page: n} }
	closed := func(queue, window string) event { return event{Queue: queue, Window: window, windowClosed: true} }
	for _, c := range []struct {
		name   string
		events []event
		want   bool
	}{
		{"nothing yet", nil, false},
		{"too early", []event{page("a", "1", 3)}, false},
		{"both in mid-window", []event{page("a", "1", 3), page("b", "1", 1)}, true},
		{"not deep enough", []event{page("a", "1", 2), page("b", "1", 2)}, false},
		{"one between windows", []event{page("a", "1", 3), closed("a", "1"), page("b", "1", 1)}, false},
		{"not deep enough, half done", []event{page("a", "1", 2), closed("a", "1"), page("a", "2", 2), page("b", "1", 1)}, true},
		{"one between windows, half done", []event{page("a", "1", 4), closed("a", "1"), page("b", "1", 1)}, false},
		{"one between windows, late", []event{page("a", "1", 4), closed("a", "1"), page("b", "1", 2)}, true},
		{"both between windows, late", []event{page("a", "1", 4), closed("a", "1"), page("b", "1", 3), closed("b", "1")}, false},
		{"in the second window", []event{page("a", "1", 1), closed("a", "1"), page("a", "2", 3), page("b", "1", 1)}, true},
	} {
		p := newProgress(truth{queues: []string{"a", "b"}, size: 100, rows: map[string][]int{"a": {250, 199}, "b": {400}}})
		for _, e := range c.events {
			p.note(e)
		}
		if got := p.halfway(); got != c.want {
			t.Errorf("%s: got %v at %d of 10 pages", c.name, got, p.pages())
		}
	}
}

// The killed service may not have told of its last pages: the checkpoints do.
func TestProgressGoesOn(t *testing.T) {
	p := newProgress(truth{queues: []string{"a"}, size: 100, rows: map[string][]int{"a": {250}}})
	query := checkpoint.Query{From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)}
	p.note(event{Queue: "a", Window: query.Window(), Page: 1, Read: 100})
	p.goOn([]stop{{"a", checkpoint.Position{Query: query, Page: 2, Read: 200}}})
	if got := total(p.lanes[0].read); got != 200 || p.pages() != 2 {
		t.Errorf("%d pages, %d records; want 2, 200", p.pages(), got)
	}
}

func TestLogFile(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	events := make(chan event, 8)
	log := logFile{file: file, events: events}
	text := `{"msg":"queue begins","queue":"a"}
{"msg":"page completed","queue":"a","window":"w","page":2,"records":7,"read":107,"total":108}
panic: no JSON
{"msg":"window closed","queue":"a","window":"w","pages":3}
{"msg":"cut`
	for piece := range slices.Chunk([]byte(text), 11) { // as a pipe may cut it
		if _, err := log.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	close(events)
	var got []event
	for e := range events {
		got = append(got, e)
	}
	want := []event{{Message: "page completed", Queue: "a", Window: "w", Page: 2, Read: 107},
		{Message: "window closed", Queue: "a", Window: "w", windowClosed: true}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if log.last() != text {
		t.Errorf("the end of the log is %q", log.last())
	}
	if written, _ := os.ReadFile(file.Name()); string(written) != text {
		t.Errorf("the file holds %q", written)
	}
	for range 50 {
		log.Write([]byte("x\n"))
	}
	if n := strings.Count(log.last(), "\n"); n != 10 {
		t.Errorf("%d lines are remembered, want 10", n)
	}
}

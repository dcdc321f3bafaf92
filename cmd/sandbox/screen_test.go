package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// wantNarrow fails for lines that are wider than the screen.
func wantNarrow(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestRedraw(t *testing.T) {
	var out bytes.Buffer
	s := &screen{w: &out, live: true}
	s.redraw([]string{"one", "two"})
	s.redraw([]string{"three", "four"})
	s.leave()
	s.redraw([]string{"five"})
	const cut, wrap = "\x1b[?7l", "\x1b[?7h"
	want := cut + "\r\x1b[Kone\n\r\x1b[Ktwo\n" + wrap +
		cut + "\x1b[2A\r\x1b[Kthree\n\r\x1b[Kfour\n" + wrap +
		cut + "\r\x1b[Kfive\n" + wrap
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestColoursOnlyWhereWanted(t *testing.T) {
	if got := (&screen{}).in(red, "FAIL"); got != "FAIL" {
		t.Errorf("got %q without colours", got)
	}
	if got := (&screen{colour: true}).in(red, "FAIL"); got != "\x1b[1;31mFAIL\x1b[0m" {
		t.Errorf("got %q with colours", got)
	}
	if s := newScreen(new(bytes.Buffer)); s.live || s.colour {
		t.Error("a buffer is taken for a terminal")
	}
}

func TestFigure(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		if got := figure(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestHours(t *testing.T) {
	for window, want := range map[string]string{
		"2026-03-01T09:00Z/10:00Z":            "09:00/10:00",
		"2026-03-01T23:00Z/2026-03-02T00:00Z": "23:00/00:00",
		"":                                    "",
	} {
		if got := hours(window); got != want {
			t.Errorf("%q: got %q, want %q", window, got, want)
		}
	}
}

// A table of the largest figures, with everything wrong, keeps its columns.
func TestTableIsNarrow(t *testing.T) {
	var out bytes.Buffer
	s := &screen{w: &out}
	ids := []string{"7f6a2d2c-8b43-4b35-9a1b-5d8c1f4b9f10", "", "", "a fourth"}
	p := proof{terms: terms{queues: []string{"a", "b", "c"}, pageSize: 100, repeats: 1},
		conversations: 123456, messages: 234567, distinct: 123456, unchanged: 123456, again: 111111,
		missing: ids, unknown: ids, differ: ids, repeated: map[string]int{"a": 100, "b": 101, "c": 100}, headers: 9999, strays: 9999,
		windows: attested{expected: 720, complete: 700, stable: 10, wrong: []string{named{ids[0], first}.String(), "", "", ids[3]}}}
	s.proof(p)
	s.verdict(false, 0)
	wantNarrow(t, out.String())
	if got := strings.Count(out.String(), "FAIL\n"); got != 7 {
		t.Errorf("%d of 7 rows say FAIL:\n%s", got, out.String())
	}
	if strings.Contains(out.String(), "a fourth") {
		t.Error("more than three ids are named")
	}
}

func TestBarIsNarrow(t *testing.T) {
	l := lane{queue: "7f6a2d2c-8b43-4b35-9a1b-5d8c1f4b9f10", expected: 999, window: "2026-03-01T23:00Z/2026-03-02T00:00Z",
		page: map[string]int{"x": 1000}, read: map[string]int{"x": 99999}}
	text := l.bar(&screen{})
	wantNarrow(t, text)
	if got := strings.Count(text, "━"); got != barWidth {
		t.Errorf("a bar of %d, want %d: %s", got, barWidth, text)
	}
}

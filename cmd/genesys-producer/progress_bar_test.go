package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/vbauerster/mpb/v8"
)

func TestBar(t *testing.T) {
	halfway := figures{share: 0.43, pages: 1234, conversations: 123456, rate: 95.6, rateKnown: true, left: 3*time.Hour + 12*time.Minute, leftKnown: true}
	for _, c := range []struct {
		name  string
		f     figures
		width int
		want  string
	}{
		{"wide", halfway, 100, " 43 % [=================>                       ] 1234 pages  123456 conversations  96/s  3h12m left"},
		{"80 columns", halfway, 80, " 43 % [========>            ] 1234 pages  123456 conversations  96/s  3h12m left"},
		{"narrow", halfway, 40, " 43 % [=====>         ] 96/s  3h12m left"},
		{"too narrow", halfway, 25, " 43 % [======>         ]"},
		{"no room", halfway, 10, " 43 % "},
		{"hardly a terminal", halfway, 3, " 43"},
		{"width unknown", figures{}, 0, "  0 % [                                  ] 0 pages  0 conversations  ?/s  ? left"},
		{"nothing known", figures{}, 60, "  0 % [              ] 0 pages  0 conversations  ?/s  ? left"},
		{"done", figures{share: 1, pages: 1, conversations: 2, rateKnown: true, took: 61 * time.Second}, 80, "100 % [===========================] 1 pages  2 conversations  0/s  done in 1m01s"},
	} {
		var row strings.Builder
		if err := drawRow(&row, c.f, c.width); err != nil {
			t.Fatal(err)
		}
		if row.String() != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, row.String(), c.want)
		}
	}
	for width := 40; width <= 200; width++ {
		for _, f := range []figures{{}, halfway, {share: 1}, {share: 0.001, leftKnown: true, left: 1000 * 24 * time.Hour, rateKnown: true, rate: 1e6, pages: 1e7, conversations: 1e9}} {
			var row strings.Builder
			if err := drawRow(&row, f, width); err != nil {
				t.Fatal(err)
			}
			if got := row.String(); utf8.RuneCountInString(got) > width || !strings.Contains(got, "[") || strings.ContainsAny(got, "\n\r\x1b") {
				t.Errorf("%d columns: %d of %q", width, utf8.RuneCountInString(got), got)
			}
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 900 * time.Millisecond: "1s", 59 * time.Second: "59s", 61 * time.Second: "1m01s", 3*time.Hour + 125*time.Second: "3h02m", 50 * time.Hour: "2d02h",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

// Nothing that is logged is lost, or in the middle of the bar: not what comes before it,
// not what comes last, and not what comes after it.
func TestWhatIsLoggedGoesAboveTheBar(t *testing.T) {
	var out transcript
	p := tenHours()
	s := &screen{stderr: &out, options: []mpb.ContainerOption{mpb.ForceTTY(), mpb.WithAutoRefresh()}}
	log := newLog(config{LogFormat: "text"}, s)
	log.Warn("before")
	stop := s.draw(p)
	for range 200 {
		log.Warn("meanwhile")
		time.Sleep(2 * time.Millisecond)
	}
	log.Warn("last")
	stop()
	log.Warn("after")
	text := out.String()
	for word, times := range map[string]int{"before": 1, "meanwhile": 200, "last": 1, "after": 1} {
		if n := strings.Count(text, "Z WRN "+word+"\n"); n != times {
			t.Errorf("%q: %d times in whole lines, want %d", word, n, times)
		}
	}
	shown := ""
	for line := range strings.Lines(strings.ReplaceAll(text, "\x1b[1A\x1b[J", "")) {
		if !strings.HasPrefix(line, "20") && !strings.HasPrefix(line, "  0 % [") {
			t.Errorf("torn: %q", line)
		}
		shown = line
	}
	if drawn := strings.Count(text, "  0 % ["); drawn < 2 || drawn > 8 || !strings.Contains(shown, "after") {
		t.Errorf("drawn %d times in half a second, and last comes %q:\n%s", drawn, shown, text)
	}
}

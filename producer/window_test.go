package producer

import (
	"testing"
	"time"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestWindowEnds(t *testing.T) {
	for name, c := range map[string]struct {
		from   string
		length time.Duration
		to     string // of the run; empty: for ever
		want   string
	}{
		"on the grid":              {"2026-03-01T10:00:00Z", time.Hour, "", "2026-03-01T11:00:00Z"},
		"off the grid":             {"2026-03-01T10:17:22.345Z", time.Hour, "", "2026-03-01T11:00:00Z"},
		"just before the grid":     {"2026-03-01T10:59:59.999Z", time.Hour, "", "2026-03-01T11:00:00Z"},
		"up to midnight":           {"2026-03-01T20:00:00Z", 6 * time.Hour, "", "2026-03-02T00:00:00Z"},
		"never over midnight":      {"2026-03-01T23:50:00Z", 24 * time.Hour, "", "2026-03-02T00:00:00Z"},
		"a whole day":              {"2026-03-01T00:00:00Z", 24 * time.Hour, "", "2026-03-02T00:00:00Z"},
		"a length that is odd":     {"2026-03-01T00:01:00Z", 90 * time.Second, "", "2026-03-01T00:01:30Z"},
		"a leap day":               {"2028-02-28T23:30:00Z", time.Hour, "", "2028-02-29T00:00:00Z"},
		"cut at the end":           {"2026-03-01T10:00:00Z", time.Hour, "2026-03-01T10:20:00Z", "2026-03-01T10:20:00Z"},
		"not cut by an end beyond": {"2026-03-01T10:00:00Z", time.Hour, "2026-03-01T11:20:00Z", "2026-03-01T11:00:00Z"},
		"in another zone":          {"2026-03-01T01:30:00+02:00", 24 * time.Hour, "", "2026-03-01T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			w := Windows{Length: c.length}
			if c.to != "" {
				w.To = at(c.to)
			}
			if got := w.end(at(c.from), at(c.from)); !got.Equal(at(c.want)) {
				t.Errorf("a window from %s ends at %v, want %s", c.from, got, c.want)
			}
		})
	}
}

// However windows are cut, they follow one another without a gap, and none crosses
// midnight UTC.
func TestWindowsLeaveNothingOut(t *testing.T) {
	for _, length := range []time.Duration{time.Second, 90 * time.Second, 7 * time.Minute / 7, time.Hour, 8 * time.Hour, 24 * time.Hour} {
		w := Windows{Length: length}
		from := at("2026-02-27T21:13:07.123Z")
		for range 200 {
			end := w.end(from, from)
			if !end.After(from) || end.Sub(from) > length {
				t.Fatalf("length %v: the window from %v ends at %v", length, from, end)
			}
			if last := end.Add(-1); last.Day() != from.Day() {
				t.Fatalf("length %v: the window from %v to %v crosses midnight", length, from, end)
			}
			from = end
		}
	}
}

func TestBoundedRunIsDone(t *testing.T) {
	w := Windows{To: at("2026-03-01T10:00:00Z")}
	if w.done(w.To.Add(-time.Millisecond)) || !w.done(w.To) || !w.done(w.To.Add(time.Hour)) {
		t.Error("a bounded run is done at its end, not before")
	}
	if (Windows{}).done(at("2126-03-01T10:00:00Z")) {
		t.Error("a run without an end is never done")
	}
}

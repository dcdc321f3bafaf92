package producer

import (
	"fmt"
	"testing"
	"time"
)

// A day that has ended, and settled, is walked to its end in one window.
func TestWindowEndsWithADayThatIsOver(t *testing.T) {
	for name, c := range map[string]struct{ from, now, to, want string }{
		"the day goes on":                 {"2026-03-01T10:17:00Z", "2026-03-01T23:59:59Z", "", "2026-03-01T11:00:00Z"},
		"it has ended, and not settled":   {"2026-03-01T10:17:00Z", "2026-03-02T00:04:59.999Z", "", "2026-03-01T11:00:00Z"},
		"it has settled just now":         {"2026-03-01T10:17:00Z", "2026-03-02T00:05:00Z", "", "2026-03-02T00:00:00Z"},
		"it is long past":                 {"2026-03-01T00:00:00Z", "2026-04-10T12:00:00Z", "", "2026-03-02T00:00:00Z"},
		"its last moment is left":         {"2026-03-01T23:59:59.999Z", "2026-04-10T12:00:00Z", "", "2026-03-02T00:00:00Z"},
		"the run ends with it":            {"2026-03-01T10:17:00Z", "2026-04-10T12:00:00Z", "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"},
		"the run ends in the midst of it": {"2026-03-01T10:17:00Z", "2026-04-10T12:00:00Z", "2026-03-01T15:30:00Z", "2026-03-01T15:30:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			w := Windows{Length: time.Hour, Settle: 5 * time.Minute}
			if c.to != "" {
				w.To = at(c.to)
			}
			if got := w.end(at(c.from), at(c.now)); !got.Equal(at(c.want)) {
				t.Errorf("at %s a window from %s ends at %v, want %s", c.now, c.from, got, c.want)
			}
		})
	}
}

// What is asked for begins a settle before the window, but never further back than the
// window is long: half a window is less to ask for.
func TestIntervalBeginsBeforeItsWindow(t *testing.T) {
	from := at("2026-03-01T10:00:00Z")
	for _, c := range []struct{ settle, length, want time.Duration }{
		{0, time.Hour, 0},
		{5 * time.Minute, time.Hour, 5 * time.Minute},
		{time.Hour, time.Hour, time.Hour},
		{3 * time.Hour, time.Hour, time.Hour},
		{5 * time.Minute, time.Millisecond, time.Millisecond},
		{1500 * time.Microsecond, time.Hour, time.Millisecond}, // the API counts in these
		{24 * time.Hour, 24 * time.Hour, 24 * time.Hour},
	} {
		w := Windows{Settle: c.settle}
		if got := from.Sub(w.since(from, from.Add(c.length))); got != c.want {
			t.Errorf("settle %v: the interval of a window of %v begins %v before it, want %v", c.settle, c.length, got, c.want)
		}
	}
}

// After weeks of downtime, windows from where the queue was to now follow one another; of
// each day that is over there is one, and none is more than the API takes for an interval.
func TestWindowsAfterWeeksOfDowntime(t *testing.T) {
	const most = 31 * day
	for _, length := range []time.Duration{time.Second, time.Hour, 6 * time.Hour, day} {
		for _, settle := range []time.Duration{0, 5 * time.Minute, day} {
			t.Run(fmt.Sprintf("length %v, settle %v", length, settle), func(t *testing.T) {
				w := Windows{Length: length, Settle: settle}
				now := at("2026-04-10T00:00:00Z").Add(settle + length/3)
				begin := now.Add(-40 * day)
				at, days := begin, map[string]int{}
				for !w.settled(w.end(at, now)).After(now) {
					end := w.end(at, now)
					since := w.since(at, end)
					if !end.After(at) || end.Sub(at) > day || midnight(at).Before(end) {
						t.Fatalf("the window from %v ends at %v", at, end)
					}
					if since.After(at) || at.Sub(since) > end.Sub(at) || end.Sub(since) >= most {
						t.Fatalf("the interval of the window from %v to %v begins at %v", at, end, since)
					}
					days[at.Format(time.DateOnly)]++
					at = end
					now = now.Add(time.Millisecond) // it takes a while
				}
				if left := now.Sub(at); left >= settle+length || w.settled(at).After(now) {
					t.Errorf("the windows end at %v, %v before now", at, left)
				}
				for date, windows := range days {
					if windows > 1 {
						t.Errorf("the day %s, which was over, has %d windows", date, windows)
					}
				}
				if n := len(days); n < 39 || n > 41 {
					t.Errorf("windows begin on %d days, want 40", n)
				}
			})
		}
	}
}

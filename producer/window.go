package producer

import "time"

// Windows says how time is cut into windows.
type Windows struct {
	From   time.Time     // where a queue without a position begins, UTC, whole milliseconds
	Start  string        // From as it was configured, such as "24h"
	To     time.Time     // end of a bounded run; zero: run for ever
	Length time.Duration // divides a day, so that no window crosses midnight UTC
	Settle time.Duration // how far behind now a window must end before it is walked; a day at most
}

const day = 24 * time.Hour

// midnight is the end of the day on which t lies.
func midnight(t time.Time) time.Time { return t.Truncate(day).Add(day) } // Truncate counts from a midnight

// end is where the window that starts at from ends: on the grid of lengths, which
// begins at midnight UTC; with the day, where that has ended and settled, because a
// conversation is found by the day of its start, and one long window finds it once; or
// where the run ends.
func (w Windows) end(from, now time.Time) time.Time {
	end := from.Truncate(w.Length).Add(w.Length) // Length divides a day
	if whole := midnight(from); !w.settled(whole).After(now) {
		end = whole
	}
	if w.bounded() && w.To.Before(end) {
		return w.To
	}
	return end
}

// OnGrid is the window that begins at from, as it is walked while its day lasts: what is
// asked for begins at since, and the window ends at to. A run that is over by then cuts it
// no shorter.
func (w Windows) OnGrid(from time.Time) (since, to time.Time) {
	if w.done(from) {
		w.To = time.Time{}
	}
	to = w.end(from, from) // now is its begin: its day has not ended
	return w.since(from, to), to
}

// since is where the interval begins that is asked for: a settle before its window, so
// that what the API came to know late, or what ended after midnight, is found by the
// next window. It is no longer than the window, so that half a window asks for less.
func (w Windows) since(from, to time.Time) time.Time {
	return from.Add(-min(w.Settle.Truncate(time.Millisecond), to.Sub(from)))
}

// settled is when the window that ends at to may be walked.
func (w Windows) settled(to time.Time) time.Time { return to.Add(w.Settle) }

func (w Windows) bounded() bool { return !w.To.IsZero() }

// done reports whether a bounded run has nothing left from this time on.
func (w Windows) done(from time.Time) bool { return w.bounded() && !from.Before(w.To) }

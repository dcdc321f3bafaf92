package producer

import "time"

// Windows says how time is cut into windows.
type Windows struct {
	From   time.Time     // where a queue without a position begins, UTC, whole milliseconds
	Start  string        // From as it was configured, such as "24h"
	To     time.Time     // end of a bounded run; zero: run for ever
	Length time.Duration // divides a day, so that no window crosses midnight UTC
	Settle time.Duration // how far behind now a window must end before it is walked
}

// end is where the window that starts at from ends: on the grid of lengths, which
// begins at midnight UTC, or where the run ends.
func (w Windows) end(from time.Time) time.Time {
	end := from.Truncate(w.Length).Add(w.Length) // Truncate counts from a midnight, and Length divides a day
	if w.bounded() && w.To.Before(end) {
		return w.To
	}
	return end
}

// settled is when the window that ends at to may be walked.
func (w Windows) settled(to time.Time) time.Time { return to.Add(w.Settle) }

func (w Windows) bounded() bool { return !w.To.IsZero() }

// done reports whether a bounded run has nothing left from this time on.
func (w Windows) done(from time.Time) bool { return w.bounded() && !from.Before(w.To) }

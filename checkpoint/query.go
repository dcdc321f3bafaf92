package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Query is all that gives a page number its meaning. It is frozen once its
// window has begun: a changed configuration takes effect at the next window
// (invariant 3).
type Query struct {
	Dialect  string    // dialect of the API, required
	API      string    // host of the API, required
	Queue    string    // id of the routing queue, required
	Since    time.Time // begin of the interval that is asked for: From, or some time before it
	From     time.Time // begin of the window, included; whole milliseconds
	To       time.Time // end of the window, excluded; whole milliseconds, after From
	Order    string    // order of the records, in the words of the API client
	Filters  string    // further filters; empty: none
	PageSize int       // records a page, at least 1
}

// Equal reports whether q and r give a page number the same meaning. Use it
// instead of ==, which tells equal instants of different zones apart.
func (q Query) Equal(r Query) bool {
	return q.utc() == r.utc()
}

// Window returns the window for logs and errors: its day, begin and end in
// UTC, as short as they can be told, such as "2026-03-01T00:00Z/01:00Z".
func (q Query) Window() string {
	from, to := q.From.UTC(), q.To.UTC()
	end := clock(to)
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		end = to.Format(time.DateOnly) + "T" + end
	}
	return from.Format(time.DateOnly) + "T" + clock(from) + "/" + end
}

// Fingerprint returns a short hash of the query: 16 hex digits, equal for
// equal queries. It is for logs and comparisons by eye; code compares the
// queries themselves.
func (q Query) Fingerprint() string {
	text, err := marshal(q)
	if err != nil { // strings, times and an int: nothing that could fail
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// utc returns q with its times as they are stored: in UTC, without the
// monotonic clock reading.
func (q Query) utc() Query {
	q.Since, q.From, q.To = q.Since.UTC().Round(0), q.From.UTC().Round(0), q.To.UTC().Round(0)
	return q
}

// clock returns the time of day with as many digits as it needs.
func clock(t time.Time) string {
	switch {
	case t.Nanosecond() != 0:
		return t.Format("15:04:05.000Z")
	case t.Second() != 0:
		return t.Format("15:04:05Z")
	default:
		return t.Format("15:04Z")
	}
}

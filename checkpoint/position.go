package checkpoint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// Lane separates the positions of one queue that advance independently of
// each other: 1 to 32 lower-case letters, digits and hyphens, beginning with
// a letter.
type Lane string

const (
	// Live is the lane of the windows that follow the clock.
	Live Lane = "live"
	// Revisit is the lane of the days that are walked again for late changes.
	Revisit Lane = "revisit"
)

// Key says whose position it is, within one checkpoint name.
type Key struct {
	Queue string // id of the routing queue, 1 to 64 bytes of UTF-8
	Lane  Lane
}

// String returns the key as it appears in errors: "queue 3f lane live".
func (k Key) String() string {
	return fmt.Sprintf("queue %s lane %s", k.Queue, k.Lane)
}

// SortKeys sorts keys by their text.
func SortKeys(keys []Key) {
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Compare(a.String(), b.String()) })
}

// Query is all that gives a page number its meaning. It is frozen once its
// window has begun: a changed configuration takes effect at the next window
// (invariant 3).
type Query struct {
	Dialect  string    // dialect of the API, required
	API      string    // host of the API, required
	Queue    string    // id of the routing queue, required
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
	q.From, q.To = q.From.UTC().Round(0), q.To.UTC().Round(0)
	return q
}

// Destination is where the records went: a position holds for it alone
// (invariant 3).
type Destination struct {
	Cluster string `json:"cluster"` // Kafka cluster id; empty where the brokers tell none
	Topic   string `json:"topic"`   // required
}

// Position says how far a lane has come: which page of which walk was the
// last one completed, and under which query. It is a small value, safe to
// copy. The zero Position means: none.
type Position struct {
	Query       Query       `json:"query"`
	Destination Destination `json:"destination"`
	Start       string      `json:"start"`  // WINDOW_FROM as it was configured when the queue began, e.g. "24h"
	Pass        int         `json:"pass"`   // 0: first walk of the window
	Page        int         `json:"page"`   // last completed page; 0: none yet
	Read        int         `json:"read"`   // records read on pages 1 to Page of this pass
	Closed      bool        `json:"closed"` // the walk of the window has ended; the next window begins at Query.To
}

// Compare orders the positions of one lane: -1 if p comes before q, 0 if
// neither comes before the other, +1 if p comes after q. The order is that of
// (begin of the window, pass, page, closed); the zero Position comes before
// every valid one (invariant 2).
//
// The end of the window has no part in it: a later pass may walk a shorter
// window from the same begin, and comes after the earlier pass all the same.
// Within one pass the whole query is frozen, which [MayFollow] enforces.
func (p Position) Compare(q Position) int {
	return cmp.Or(
		p.Query.From.Compare(q.Query.From),
		cmp.Compare(p.Pass, q.Pass),
		cmp.Compare(p.Page, q.Page),
		cmp.Compare(rank(p.Closed), rank(q.Closed)),
	)
}

// IsZero reports whether p is no position at all.
func (p Position) IsZero() bool {
	return p == Position{}
}

// String returns the position for logs and errors, such as
// "window 2026-03-01T00:00Z/01:00Z pass 0 page 7", with " closed" after the
// end of a walk; "none" for the zero Position.
func (p Position) String() string {
	if p.IsZero() {
		return "none"
	}
	closed := ""
	if p.Closed {
		closed = " closed"
	}
	return fmt.Sprintf("window %s pass %d page %d%s", p.Query.Window(), p.Pass, p.Page, closed)
}

// rank orders an open walk before its end.
func rank(closed bool) int {
	if closed {
		return 1
	}
	return 0
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

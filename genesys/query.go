package genesys

import "time"

// QueueID is the id of a routing queue. An id that does not exist, or that the
// client's role cannot see, is no error to the API: it matches nothing.
type QueueID string

// Order is the order in which every query is walked: oldest start first.
const Order = "conversationStart asc"

// MostResults is how many records of one query the API pages through, as its answer to
// one more said in 2025. It has changed before.
const MostResults = 100_000

// Query is all that gives a page number its meaning. A walk never changes it.
type Query struct {
	Dialect  Dialect
	Host     string // host of the API, with the port where it has one
	Queue    QueueID
	From, To time.Time // half-open interval, UTC, whole milliseconds
	PageSize int       // records a page
}

// Interval is the query's interval as from/to, in the API's notation.
func (q Query) Interval() string { return timestamp(q.From) + "/" + timestamp(q.To) }

// lastMoment is the end of the interval as it is sent. Whether an end at
// midnight touches the next day, whose conversations would then be searched
// too, is documented nowhere; a millisecond less cannot. The last millisecond of a day
// has no less.
func (q Query) lastMoment() time.Time {
	to := q.To.UTC()
	if last := to.Add(-time.Millisecond); to.Equal(to.Truncate(24*time.Hour)) && last.After(q.From) {
		return last
	}
	return to
}

// lastPage is the number of the last page that a total of so many records has.
func (q Query) lastPage(total int) int { return (total + q.PageSize - 1) / q.PageSize }

// timestamp writes t as the API does: UTC, with milliseconds.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

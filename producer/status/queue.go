package status

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/status/words"
)

// What [Queue.Visible] can be.
const (
	Yes     = "yes"
	No      = "no"
	Unknown = "unknown"
)

// queue is what is known of a queue.
type queue struct {
	id, name string
	visible  string // empty: it was not looked up yet
	matched  bool
	resumed  bool

	lane       checkpoint.Lane // what moved last
	from, to   time.Time       // its window
	page, most int             // the last completed page of that, and how many it has; 0: not known
	closed     bool
	read       meter // conversations

	closedUntil time.Time     // the end of the last live window that is closed
	covered     time.Duration // of live windows that were closed since the start
	windows     int           // so many
	verdict     producer.Verdict
	doubts      int

	parked       plight
	visitsParked plight
	told         plight // what else went wrong last
	published    int
	letters      int
}

// plight is something that went wrong, in plain words.
type plight struct {
	words string // empty: nothing
	at    time.Time
}

// note takes note of how far the queue is.
func (q *queue) note(p producer.Progress, second int, now time.Time) {
	q.matched = q.matched || p.Matched
	switch {
	case p.Parked != nil && p.Lane == checkpoint.Live:
		q.parked = plight{p.Parked.Error(), now}
		return
	case p.Parked != nil:
		q.visitsParked = plight{p.Parked.Error(), now}
		return
	case p.Resumed && p.Lane != checkpoint.Live:
		return // which window was walked last is not known: the live one says more
	case p.Resumed:
		q.resumed = true
		q.verdict = p.Verdict // of a window that is closed; its doubt was told of when it was
	}
	q.lane, q.from, q.to, q.page, q.closed = p.Lane, p.From, p.To, p.At, p.Closed
	q.most = max(q.page, pagesOf(p.Total, p.PageSize))
	if p.Total < 0 {
		q.most = 0
	}
	if p.Lane == checkpoint.Live {
		q.closedUntil = p.From
		if p.Closed {
			q.closedUntil = p.To
		}
	}
	if p.Closed && !p.Resumed {
		q.shut(p, now)
	}
	q.read.add(second, p.Records)
	q.published += p.Published
	q.letters += p.DeadLetters
	if p.DeadLetters > 0 {
		q.told = plight{fmt.Sprintf("%s of page %d went to the dead-letter topic; genesys-producer dead-letter list tells of each", words.Several(p.DeadLetters, "record", "records"), p.Page), now}
	}
}

// shut takes note that a window is closed.
func (q *queue) shut(p producer.Progress, now time.Time) {
	if p.Lane == checkpoint.Live {
		q.verdict, q.windows, q.covered = p.Verdict, q.windows+1, q.covered+p.To.Sub(p.From)
	}
	if inDoubt(p.Verdict) {
		q.doubts++
		q.told = plight{fmt.Sprintf("window %s/%s is %s: records may be missing that the API did not show: %s; genesys-producer verify tells",
			p.From.UTC().Format(time.RFC3339), p.To.UTC().Format(time.RFC3339), p.Verdict, p.Why), now}
	}
}

// inDoubt reports whether a window may lack records that the API did not show.
func inDoubt(v producer.Verdict) bool { return v == producer.Unstable || v == producer.Truncated }

// wrong is what went wrong that matters most.
func (q *queue) wrong() plight {
	for _, p := range []plight{q.parked, q.visitsParked} {
		if p.words != "" {
			return p
		}
	}
	return q.told
}

// status is how the queue stands in a second of the board's. It is behind end: that, or the
// end of the run.
func (q *queue) status(second int, end time.Time) Queue {
	wrong := q.wrong()
	s := Queue{
		ID: q.id, Name: q.name, Visible: cmp.Or(q.visible, Unknown), Matched: q.matched,
		From: q.from.UTC(), To: q.to.UTC(), Page: q.page, Pages: q.most, Lane: string(q.lane), PerMinute: float64(q.read.lastMinute(second)),
		Closed: q.closed, ClosedUntil: q.closedUntil.UTC(), Verdict: string(q.verdict),
		Parked: q.parked.words != "", VisitsParked: q.visitsParked.words != "", LastError: wrong.words, LastErrorAt: wrong.at.UTC(),
		Published: q.published, DeadLetters: q.letters,
	}
	if !q.closedUntil.IsZero() {
		s.FreshnessSeconds = max(0, end.Sub(q.closedUntil).Seconds())
	}
	return s
}

// inOrder puts those first that deserve a look first: parked ones, and those that are
// furthest behind.
func inOrder(queues []Queue) {
	slices.SortStableFunc(queues, func(a, b Queue) int {
		switch {
		case a.Parked == b.Parked:
			return cmp.Compare(b.FreshnessSeconds, a.FreshnessSeconds)
		case a.Parked:
			return -1
		}
		return 1
	})
}

// pagesOf is how many pages so many records take.
func pagesOf(records, pageSize int) int { return (max(0, records) + pageSize - 1) / max(1, pageSize) }

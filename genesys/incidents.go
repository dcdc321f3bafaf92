package genesys

import (
	"slices"
	"sync"
	"time"
)

// Incident is a time in which requests fail that may succeed later, or, where Ahead
// is not 0, one in which the API's clock and ours disagree.
type Incident struct {
	Err   *Error        // what began it, or what closed the budget for long
	Until time.Time     // closed budget: when it opens again; else zero
	Again bool          // with Until: the incident has been told of, and lasts longer
	Ahead time.Duration // how far the API's clock was ahead of ours; negative: behind
	Over  bool          // requests succeed again, or the budget is open and no walk waits, or the clocks agree again
	Open  bool          // with Over: the budget is, and no request has succeeded yet
	Took  time.Duration // over: how long it took
}

// Apart is by how much clocks differ that are told of. A second of it can be rounding, and
// more the way of the answer.
const Apart = time.Minute

// incidents tells the owner of a client once that requests wait, and once that
// they no longer do, however many of them there are.
type incidents struct {
	observe func(Incident)
	mu      sync.Mutex
	failing []*Error // what each request that waits has failed with last; the latest is the last
	over    bool     // one that waited has succeeded
	since   time.Time
	first   *Error
	until   time.Time // the long closure that was told last

	ahead  time.Duration // the difference of the clocks that was told; 0: they agree
	parted time.Time     // when that was
}

// wait takes note of a request that has failed, and is repeated. last is what it has failed
// with before; nil: it begins to wait. until is when the budget opens again, where it is
// closed for long; else zero.
func (i *incidents) wait(last, e *Error, until time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	begins := len(i.failing) == 0
	i.forget(last)
	i.failing = append(i.failing, e)
	switch {
	case begins:
		i.over, i.since, i.first, i.until = false, time.Now(), e, until
		i.observe(Incident{Err: e, Until: until})
	case !until.IsZero() && until.Sub(i.until) > time.Minute: // not again for each that is told of it
		i.until = until
		i.observe(Incident{Err: e, Until: until, Again: true})
	}
}

// leave takes note of a request that no longer waits, and of what it has failed with last.
func (i *incidents) leave(last *Error, succeeded bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.over = i.over || succeeded // the last to leave may have been broken off
	if i.forget(last); len(i.failing) == 0 && i.over {
		i.observe(Incident{Err: i.first, Over: true, Took: time.Since(i.since)})
	}
}

// open takes note of a request that no walk waits for and that fails still, but not any more
// by a budget that is closed.
func (i *incidents) open(last *Error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.forget(last); len(i.failing) == 0 {
		i.observe(Incident{Err: i.first, Over: true, Open: !i.over, Took: time.Since(i.since)})
	}
}

func (i *incidents) forget(e *Error) {
	i.failing = slices.DeleteFunc(i.failing, func(other *Error) bool { return other == e })
}

// clocks takes note of how far the API's clock is ahead of ours.
func (i *incidents) clocks(ahead time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch far := ahead.Abs(); {
	case i.ahead == 0 && far >= Apart:
		i.ahead, i.parted = ahead, time.Now()
		i.observe(Incident{Ahead: ahead})
	case i.ahead != 0 && far < Apart/2:
		i.observe(Incident{Ahead: i.ahead, Over: true, Took: time.Since(i.parted)})
		i.ahead = 0
	}
}

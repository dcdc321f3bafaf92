package status

import (
	"errors"
	"fmt"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/producer"
	"genesys-producer/producer/status/words"
)

// holds are what the service waits for: what keeps it from going on before the wait for
// something to do. Their times have the monotonic clock. The board is locked.
func (b *Board) holds(a asked, now time.Time) (all []Hold) {
	add := func(by, what string, err error, since, until time.Time) {
		h := Hold{By: by, What: what, Since: since, Until: until}
		if err != nil {
			h.Error = err.Error()
		}
		all = append(all, h)
	}
	held := func(by, what string, h *producer.Held) {
		if h != nil {
			add(by, what, h.Err, h.Since, time.Time{})
		}
	}
	held(ByKafka, "brokers are away, or cannot take messages", a.outage)
	held(ByCheckpoint, "positions cannot be stored; nothing is published again meanwhile", a.unstored)
	closed := a.api.ClosedUntil
	if !closed.After(now) {
		closed = time.Time{}
	}
	switch {
	case a.api.Failing != nil && (!closed.IsZero() || now.Sub(b.paged) >= flaps):
		what := "the API fails; requests are repeated until they succeed"
		if !closed.IsZero() {
			what = "the API asks to stay away"
		}
		add(ByAPI, what, a.api.Failing, a.api.FailingFrom, closed)
	case !closed.IsZero():
		add(ByBudget, "the request budget is closed: the API counts as many requests of the token as it allows", nil, time.Time{}, closed)
	}
	if b.phase(a) == Starting {
		switch {
		case !b.loggedIn(a):
			add(ByStart, "logging in", nil, b.started, time.Time{})
		case b.reached.IsZero():
			add(ByStart, "reaching the brokers", nil, later(b.started, b.tokenAt), time.Time{})
		default:
			add(ByStart, "loading positions", nil, b.reached, time.Time{})
		}
	} else if b.turn.Walks == 0 && !b.turn.Next.IsZero() && !b.stopping {
		add(ByWindow, "the next window settles", nil, b.idle, b.turn.Next)
	}
	return all
}

// mostNamed is how many queues a line names.
const mostNamed = 5

// warnings are what deserves a look though the service runs. The board is locked.
func (b *Board) warnings(a asked, now time.Time) (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	var parked, visitsParked, unseen, unmatched []string
	doubts := 0
	for _, q := range b.queues {
		if q.parked.words != "" {
			parked = append(parked, q.label())
		}
		if q.visitsParked.words != "" {
			visitsParked = append(visitsParked, q.label())
		}
		if q.visible == No {
			unseen = append(unseen, q.label())
		} else if !q.matched && q.covered >= aDay {
			unmatched = append(unmatched, fmt.Sprintf("%s (%s)", q.label(), words.Several(q.windows, "window", "windows")))
		}
		doubts += q.doubts
	}
	if len(parked) > 0 {
		say("parked until the next start, their positions are kept: %s", words.Some(parked, mostNamed))
	}
	if len(visitsParked) > 0 {
		say("revisits are parked until the next start, live windows go on: %s", words.Some(visitsParked, mostNamed))
	}
	if len(unseen) > 0 {
		say("not seen by the client (deleted, mistyped, or of a division that its role does not reach), so that nothing is found: %s", words.Some(unseen, mostNamed))
	}
	if b.unlooked != nil {
		say("nobody can tell whether the client sees its queues: %s; one that it does not see matches nothing, which is no error", unlooked(b.unlooked))
	}
	if len(unmatched) > 0 {
		say("no conversation was found since the start, though windows were walked: %s", words.Some(unmatched, mostNamed))
	}
	if a.api.Ahead.Abs() >= genesys.Apart {
		say("the API's clock is %s of this machine's; a window is walked once it has settled on both", words.AheadOrBehind(a.api.Ahead))
	}
	if a.api.Allowed > 0 && a.api.Allowed < b.config.Allowance {
		say("the API allows %d requests a minute, fewer than GENESYS_REQUESTS_PER_MINUTE says (%d)", a.api.Allowed, b.config.Allowance)
	}
	if doubts > 0 && now.Sub(b.doubted) < aDay {
		say("%s since the start may lack records that the API did not show; genesys-producer verify tells", words.Several(doubts, "window", "windows"))
	}
	if n := b.totals.DeadLetters; n > 0 && now.Sub(b.buried) < aDay {
		say("%s went to the dead-letter topic since the start; genesys-producer dead-letter list tells of each", words.Several(n, "record", "records"))
	}
	return all
}

// aDay is for how long a doubt and a dead letter are told of, and for how long a queue must
// have been walked before it is odd that nothing was found: in a single hour of the night
// nothing may be.
const aDay = 24 * time.Hour

// flaps is for how long no page must have been answered where requests are repeated, to say
// that the API fails: of several walks one nearly always repeats a request.
const flaps = 15 * time.Second

// label is how a queue is told of: by id, and by name where it is known.
func (q *queue) label() string {
	if q.name == "" {
		return q.id
	}
	return fmt.Sprintf("%s (%s)", q.id, q.name)
}

// unlooked is why nobody can tell which queues the client sees.
func unlooked(err error) string {
	switch e, _ := errors.AsType[*genesys.Error](err); {
	case e == nil:
		return err.Error()
	case e.Kind == genesys.Forbidden:
		return "it lacks the permission routing:queue:view"
	case e.Kind == genesys.Rejected:
		return "the server does not have the queue lookup"
	}
	return err.Error()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

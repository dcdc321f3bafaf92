package genesys

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// The page sizes by which a request tells who asked.
const (
	yieldingSize = 3
	urgentSize   = 4
)

// beside asks pages for the time, as fast as it can: four walks that yield, and four that
// do not where there are others. It returns how many requests each made.
func (w *world) beside(c *Client, y *Yield, others bool, d time.Duration) (yielding, urgent int) {
	w.Helper()
	before := len(w.queries())
	ctx, cancel := context.WithTimeout(w.Context(), d+time.Hour) // far beyond: see TestYieldingEndsBeforeADeadline
	defer cancel()
	asking, stop := context.WithCancel(ctx)
	time.AfterFunc(d, stop)
	var walks sync.WaitGroup
	ask := func(ctx context.Context, size int) {
		for _, q := range w.hours(4, size) {
			walks.Go(func() {
				for ctx.Err() == nil {
					if _, err := walk(ctx, c, q, Cursor{}); err != nil && ctx.Err() == nil {
						w.Error(err)
						return
					}
				}
			})
		}
	}
	ask(y.Context(asking), yieldingSize)
	if others {
		ask(asking, urgentSize)
	}
	walks.Wait()
	for _, r := range w.queries()[before:] {
		switch r.PageSize {
		case yieldingSize:
			yielding++
		case urgentSize:
			urgent++
		}
	}
	return yielding, urgent
}

// inBudget runs a test in a world with the usual allowance and a signed-in client.
func inBudget(t *testing.T, test func(w *world, c *Client)) {
	t.Helper()
	config := genesystest.Config{Conversations: 400, Latency: func(genesystest.Request) time.Duration { return latency }}
	inWorld(t, config, func(w *world) {
		c := w.client(allowance(300), readAhead(2))
		w.must(c.Login(w.Context()))
		test(w, c)
	})
}

func wanted() bool   { return true }
func unwanted() bool { return false }

// While others want the budget, whoever yields takes its share of it and no more, however
// many ask by it; the others have the rest.
func TestYieldingTakesItsShare(t *testing.T) {
	const minutes = 5
	const all = 300 * Share * minutes
	for _, part := range []float64{0, 0.1, 0.5} {
		inBudget(t, func(w *world, c *Client) {
			yielding, urgent := w.beside(c, c.Yield(part, wanted), true, minutes*time.Minute)
			w.Logf("share %v: %d requests of those that yield, %d of the others", part, yielding, urgent)
			if most := part*all + 1; float64(yielding) > most || float64(yielding) < 0.6*part*all { // its turns come after those of who stands in line before
				w.Errorf("share %v: %d requests in %d minutes, want up to %.0f, and most of that", part, yielding, minutes, most)
			}
			if least := (1 - part) * all * 0.95; float64(urgent) < least {
				w.Errorf("share %v: the others had %d requests in %d minutes, want at least %.0f", part, urgent, minutes, least)
			}
		})
	}
}

// Alone, whoever yields still takes no more than the share: others may want the budget
// though they do not ask at the moment.
func TestYieldingLeavesRoomForThoseToCome(t *testing.T) {
	inBudget(t, func(w *world, c *Client) {
		yielding, _ := w.beside(c, c.Yield(0.5, wanted), false, time.Minute)
		if most := 0.5*300*Share + 1; float64(yielding) > most {
			w.Errorf("%d requests in a minute, want up to %.0f", yielding, most)
		}
	})
}

func TestNobodyWantsWhatIsYielded(t *testing.T) {
	const minutes = 5
	for _, part := range []float64{0, 0.5} {
		inBudget(t, func(w *world, c *Client) {
			yielding, _ := w.beside(c, c.Yield(part, unwanted), false, minutes*time.Minute)
			if least := 0.95 * 300 * Share * minutes; float64(yielding) < least {
				w.Errorf("share %v: %d requests in %d minutes though nobody else wants to ask, want %.0f", part, yielding, minutes, least)
			}
		})
	}
}

// With a share of nothing, requests go on soon after nobody wants the budget any more.
func TestYieldingGoesOnAfterwards(t *testing.T) {
	inBudget(t, func(w *world, c *Client) {
		var busy atomic.Bool
		busy.Store(true)
		time.AfterFunc(10*time.Minute+20*time.Second, func() { busy.Store(false) })
		begun := time.Now()
		_, err := walk(c.Yield(0, busy.Load).Context(w.Context()), c, w.query(urgentSize), Cursor{Page: 1000})
		w.must(err)
		if took := time.Since(begun) - 20*time.Second; took < 10*time.Minute || took > 10*time.Minute+3*time.Second {
			w.Errorf("the request was answered after %v, want soon after 10m", took)
		}
	})
}

// Who waits for the share is let go where its context ends, at once and with its error.
func TestYieldingEndsWithTheContext(t *testing.T) {
	for _, part := range []float64{0, 1e-6} {
		inBudget(t, func(w *world, c *Client) {
			y := c.Yield(part, wanted)
			if part > 0 {
				w.must(giveWay(y.Context(w.Context()))) // what it has in hand
			}
			ctx, cancel := context.WithCancel(w.Context())
			time.AfterFunc(1500*time.Millisecond, cancel)
			begun := time.Now()
			_, err := walk(y.Context(ctx), c, w.query(yieldingSize), Cursor{})
			if took := time.Since(begun); !errors.Is(err, context.Canceled) || took != 1500*time.Millisecond {
				w.Errorf("share %v: after %v: %v, want that the context was cancelled, after 1.5s", part, took, err)
			}
			if n := len(w.queries()); n > 0 {
				w.Errorf("share %v: %d requests were sent", part, n)
			}
		})
	}
}

// A deadline that comes before the share does is known early. It is the context's error
// all the same: nothing else went wrong.
func TestYieldingEndsBeforeADeadline(t *testing.T) {
	for _, part := range []float64{0, 1e-6} {
		inBudget(t, func(w *world, c *Client) {
			y := c.Yield(part, wanted)
			if part > 0 {
				w.must(giveWay(y.Context(w.Context())))
			}
			ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
			defer cancel()
			if _, err := walk(y.Context(ctx), c, w.query(yieldingSize), Cursor{}); !errors.Is(err, context.DeadlineExceeded) {
				w.Errorf("share %v: %v, want that the deadline was exceeded", part, err)
			}
		})
	}
}

// Requests by another context do not wait for those that yield.
func TestOthersDoNotYield(t *testing.T) {
	inBudget(t, func(w *world, c *Client) {
		y := c.Yield(0, wanted)
		ctx, cancel := context.WithCancel(w.Context())
		var waiting sync.WaitGroup
		waiting.Go(func() { _, _ = walk(y.Context(ctx), c, w.query(yieldingSize), Cursor{}) })
		time.Sleep(time.Minute)
		begun := time.Now()
		_, err := walk(w.Context(), c, w.query(urgentSize), Cursor{Page: 1000})
		w.must(err)
		if took := time.Since(begun); took > time.Second {
			w.Errorf("a request waited for %v", took)
		}
		cancel()
		waiting.Wait()
	})
}

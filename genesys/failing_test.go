package genesys

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
)

// What began an incident may be long past: why requests fail now is what to look at.
func TestTheStateTellsTheLatestFailure(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
		c := w.client()
		w.must(c.Login(w.Context()))
		began := time.Now()
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			switch since := time.Since(began); {
			case since < 10*time.Minute:
				return unavailable
			case since < 30*time.Minute:
				return genesystest.EdgeError(http.StatusBadGateway)
			}
			return nil
		})
		done := make(chan error)
		go func() {
			_, err := walk(w.Context(), c, w.query(4), Cursor{})
			done <- err
		}()
		for _, row := range []struct {
			at     time.Duration
			status int
		}{{time.Minute, http.StatusServiceUnavailable}, {12 * time.Minute, http.StatusBadGateway}} {
			time.Sleep(time.Until(began.Add(row.at)))
			s := c.State()
			if s.Failing == nil || s.Failing.Status != row.status || s.FailingFrom.Sub(began) > time.Second {
				w.Errorf("after %v: failing since %v: %v, want %d", row.at, s.FailingFrom, s.Failing, row.status)
			}
		}
		w.must(<-done)
		told := w.told()
		if len(told) != 2 || told[1].Err != told[0].Err || told[0].Err.Status != http.StatusServiceUnavailable {
			w.Errorf("told %+v, want what began it, twice", told)
		}
	})
}

// Where several requests wait, it is the failure of one that waits still.
func TestTheStateForgetsTheFailureOfWhoSucceeded(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
		c := w.client()
		w.must(c.Login(w.Context()))
		queries := w.hours(2, 4)
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			switch {
			case r.From.Equal(queries[0].From):
				return unavailable
			case r.Attempt == 1:
				return genesystest.EdgeError(http.StatusBadGateway)
			}
			return nil
		})
		ctx, cancel := context.WithCancel(w.Context())
		first := make(chan error)
		go func() {
			_, err := walk(ctx, c, queries[0], Cursor{})
			first <- err
		}()
		time.Sleep(10 * time.Minute) // from now on it is repeated once a minute
		second := make(chan error)
		go func() {
			_, err := walk(w.Context(), c, queries[1], Cursor{})
			second <- err
		}()
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if s := c.State(); s.Failing == nil || s.Failing.Status != http.StatusBadGateway {
			w.Errorf("failing: %v, want the latest of both", s.Failing)
		}
		w.must(<-second)
		if s := c.State(); s.Failing == nil || s.Failing.Status != http.StatusServiceUnavailable {
			w.Errorf("failing: %v, want that of who waits", s.Failing)
		}
		cancel()
		<-first
	})
}

// A lookup that was told to stay away, and then fails in its own way, keeps no walk waiting.
func TestALookupThatFailsOnIsNoFailureOfTheAPI(t *testing.T) {
	for name, after := range map[string]*genesystest.Fault{
		"500": genesystest.Status(http.StatusInternalServerError, "internal", "No."), "no list": genesystest.Garbage(),
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
				var lookups atomic.Int64
				w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
					if r.Path != genesystest.QueuesPath {
						return nil
					}
					switch lookups.Add(1) {
					case 1, 3:
						return genesystest.TooManyRequests("30")
					}
					return after
				})
				c := w.client()
				ctx, cancel := context.WithCancel(w.Context())
				looking := make(chan struct{})
				go func() { defer close(looking); _, _ = c.Queues(ctx, []QueueID{queue}) }()
				// Two closures with a failure of the lookup's own in between, and then those alone.
				for time.Sleep(20 * time.Second); lookups.Load() < 4; time.Sleep(100 * time.Millisecond) {
					synctest.Wait()
					s := c.State()
					w.mustEqual("fails, as it is closed", s.Failing != nil, !s.ClosedUntil.IsZero())
					if s.Failing != nil && s.Failing.Kind != RateLimited {
						w.Fatalf("failing: %v", s.Failing)
					}
				}
				time.Sleep(time.Second)
				_, err := walk(w.Context(), c, w.query(4), Cursor{})
				w.must(err)
				if s := c.State(); s.Failing != nil || !s.FailingFrom.IsZero() {
					w.Errorf("pages are answered, and it fails since %v: %v", s.FailingFrom, s.Failing)
				}
				told := w.told()
				if len(told) != 4 || told[0].Over || !told[1].Over || told[2].Over || !told[3].Over {
					w.Errorf("told %+v, want both closures and their ends", told)
				}
				cancel()
				<-looking
			})
		})
	}
}

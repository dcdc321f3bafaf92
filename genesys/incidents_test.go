package genesys

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// outage fails every request for as long as it lasts.
func outage(lasts time.Duration, fault *genesystest.Fault) func(genesystest.Request) *genesystest.Fault {
	over := time.Now().Add(lasts)
	return func(genesystest.Request) *genesystest.Fault {
		if time.Now().Before(over) {
			return fault
		}
		return nil
	}
}

var unavailable = genesystest.Status(http.StatusServiceUnavailable, "service.unavailable", "Back soon.")

func TestAnOutageIsToldOnceAndOnceWhenItIsOver(t *testing.T) {
	for name, signedIn := range map[string]bool{"of pages": true, "of the token endpoint": false} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 40}, func(w *world) {
				c := w.client(readAhead(4))
				if signedIn {
					w.must(c.Login(w.Context()))
				}
				for outages := range 2 {
					w.sim.Script(outage(10*time.Minute, unavailable))
					for _, err := range everywhere(w.Context(), c, w.hours(8, 2)) {
						w.must(err)
					}
					told := w.told()
					if len(told) != 2*(outages+1) {
						w.Fatalf("told %d times: %+v", len(told), told)
					}
					begun, over := told[2*outages], told[2*outages+1]
					if begun.Over || !begun.Until.IsZero() || begun.Err.Status != http.StatusServiceUnavailable {
						w.Errorf("told at first %+v", begun)
					}
					if !over.Over || over.Err != begun.Err || over.Took < 9*time.Minute || over.Took > 12*time.Minute {
						w.Errorf("told at last %+v", over)
					}
				}
			})
		})
	}
}

func TestNobodyIsToldOfAGoodDay(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 40, TokenLife: time.Minute, Latency: aSecond}, func(w *world) {
		for range 10 {
			_, err := walk(w.Context(), w.client(readAhead(2)), w.query(4), Cursor{})
			w.must(err)
			w.sim.RevokeTokens()
		}
		w.mustEqual("incidents", len(w.told()), 0)
	})
}

// A request that waited and then failed for good no longer waits: the next
// outage is told again.
func TestAnOutageThatEndsInAnErrorDoesNotHideTheNext(t *testing.T) {
	for name, end := range map[string]func(w *world, c *Client) error{
		"a refusal": func(w *world, c *Client) error {
			w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
				if r.Attempt == 1 {
					return unavailable
				}
				return genesystest.Forbidden()
			})
			_, err := walk(w.Context(), c, w.query(4), Cursor{})
			return err
		},
		"an answer that cannot be read": func(w *world, c *Client) error {
			w.sim.Script(scripted(faults{1: genesystest.Garbage()}))
			_, err := walk(w.Context(), c, w.query(4), Cursor{})
			return err
		},
		"the end of the context": func(w *world, c *Client) error {
			w.sim.Script(scripted(faults{1: unavailable}))
			ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
			defer cancel()
			_, err := walk(ctx, c, w.query(4), Cursor{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
				c := w.client()
				w.must(c.Login(w.Context()))
				if err := end(w, c); err == nil {
					w.Fatal("the walk did not fail")
				}
				if told := w.told(); len(told) != 1 || told[0].Over {
					w.Errorf("told %+v, want the beginning alone", told)
				}
				w.sim.Script(outage(time.Minute, unavailable))
				_, err := walk(w.Context(), c, w.query(10), Cursor{})
				w.must(err)
				if told := w.told(); len(told) != 3 || told[1].Over || !told[2].Over {
					w.Errorf("told %+v, want a second beginning and its end", told)
				}
			})
		})
	}
}

// The last request to wait was broken off, but the outage was over before.
func TestTheEndIsToldThoughTheLastToWaitIsBrokenOff(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 20}, func(w *world) {
		c := w.client()
		w.must(c.Login(w.Context()))
		queries := w.hours(2, 30)
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if r.Attempt == 1 || r.From.Equal(queries[1].From) {
				return unavailable
			}
			return nil
		})
		ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
		defer cancel()
		ends := everywhere(ctx, c, queries)
		if ends[0] != nil || !errors.Is(ends[1], context.DeadlineExceeded) {
			w.Fatalf("the walks ended with %v", ends)
		}
		if told := w.told(); len(told) != 2 || !told[1].Over {
			w.Errorf("told %+v, want a beginning and an end", told)
		}
	})
}

// The vendor's clients refuse to wait longer than three minutes.
func TestALongClosureSaysUntilWhen(t *testing.T) {
	for _, row := range []struct {
		after string
		told  bool
	}{{"179", false}, {"180", true}, {"7200", true}} {
		inWorld(t, genesystest.Config{Conversations: 40}, func(w *world) {
			c := w.client(readAhead(4))
			w.must(c.Login(w.Context()))
			opens := time.Now().Add(seconds(row.after) + time.Second)
			w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
				if time.Now().Before(opens) {
					return genesystest.TooManyRequests(row.after)
				}
				return nil
			})
			for _, err := range everywhere(w.Context(), c, w.hours(8, 2)) {
				w.must(err)
			}
			w.mustEqual("incidents told", len(w.told()), 2) // that it begins, and that it is over
			var until []time.Time
			for _, i := range w.told() {
				if !i.Until.IsZero() {
					until = append(until, i.Until)
					if i.Err.Kind != RateLimited || i.Over {
						w.Errorf("told %+v", i)
					}
				}
			}
			if !row.told {
				w.mustEqual("closures told", len(until), 0)
			} else if len(until) != 1 || until[0].Sub(opens).Abs() > 100*time.Millisecond {
				w.Errorf("told that it opens at %v, want %v once", until, opens)
			}
		})
	}
}

// What began as something else is told anew once it closes the budget for long.
func TestAnOutageThatTurnsIntoALongClosureSaysUntilWhen(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			return map[int]*genesystest.Fault{1: unavailable, 2: genesystest.TooManyRequests("7200")}[r.Attempt]
		})
		c := w.client()
		_, err := walk(w.Context(), c, w.query(10), Cursor{})
		w.must(err)
		// The token endpoint has had its two attempts by then, and told the same.
		for _, told := range [][]Incident{w.told()[:3], w.told()[3:]} {
			if len(told) != 3 || !told[0].Until.IsZero() || told[0].Again || told[1].Until.IsZero() || !told[1].Again || !told[2].Over {
				w.Errorf("told %+v, want the beginning, until when, and the end", told)
			}
		}
	})
}

// A lookup that was told to stay away and then fails holds up no walk any more. That is told
// as what it is: no request has succeeded.
func TestALookupThatFailsAfterAClosureTellsNoSuccess(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			switch {
			case r.Path != genesystest.QueuesPath:
				return nil
			case r.Attempt == 1:
				return genesystest.TooManyRequests("600")
			}
			return unavailable
		})
		ctx, cancel := context.WithTimeout(w.Context(), time.Hour)
		defer cancel()
		if _, err := w.client().Queues(ctx, []QueueID{queue}); !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("error %v", err)
		}
		if told := w.told(); len(told) != 2 || !told[1].Over || !told[1].Open {
			w.Errorf("told %+v, want the closure, and that it is over without a success", told)
		}
	})
}

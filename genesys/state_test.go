package genesys

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
)

func TestTheStateOfAClientThatHasAskedNothing(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		w.mustEqual("state", w.client(allowance(300)).State(), State{PerMinute: 291})
		w.mustEqual("requests", len(w.sim.Requests()), 0)
	})
}

func TestTheStateAfterAWalk(t *testing.T) {
	for _, ahead := range []time.Duration{0, 90 * time.Second, -time.Hour} {
		config := genesystest.Config{Conversations: 20, RequestsPerMinute: 300,
			Now: func() time.Time { return time.Now().Add(ahead) }}
		inWorld(t, config, func(w *world) {
			c := w.client(allowance(300))
			_, err := walk(w.Context(), c, w.query(4), Cursor{})
			w.must(err)
			walked := time.Now()
			// Six requests: the last page is full, so one more was asked for.
			w.mustEqual("counted in the API's minute", c.State().Counted, 6)
			time.Sleep(time.Hour)
			got := c.State()
			w.mustEqual("heard", got.Heard, walked)
			got.Heard = time.Time{}
			w.mustEqual("state", got, State{Token: true, PerMinute: 291, Allowed: 300, Ahead: ahead})
		})
	}
}

// Others use the token too: what is left of the minute is spread over what is left of it.
func TestTheStateTellsThePaceOfTheMoment(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
		c := w.client(allowance(300), func(c *Config) {
			c.Transport = altered{w.transport, func(resp *http.Response) {
				for name, value := range rateHeaders("200", "300", "60") {
					resp.Header[name] = value
				}
			}}
		})
		_, err := walk(w.Context(), c, w.query(4), Cursor{})
		w.must(err)
		s := c.State()
		w.mustEqual("pace, allowed, counted", []any{int(s.PerMinute + 0.5), s.Allowed, s.Counted}, []any{100, 300, 200})
		time.Sleep(countedFor)
		s = c.State()
		w.mustEqual("pace, allowed, counted, once nobody knows any more", []any{int(s.PerMinute + 0.5), s.Allowed, s.Counted}, []any{291, 300, 0})
	})
}

// What was slow for others' sake is not slow for ever: after a silence as long as any count
// holds, requests go at the configured pace, before an answer says more.
func TestAPaceOfLongAgoBindsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(300)
		b.observe(rateHeaders("299", "300", "120"))
		time.Sleep(countedFor)
		began := time.Now()
		for range 3 {
			if err := b.next(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("three requests took %v", took)
		}
	})
}

// A token is good until it is refused, or cannot be renewed, and not only until it expires:
// a service that waits for its next window has no need of one.
func TestTheStateTellsWhetherThereIsAToken(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3, TokenLife: 10 * time.Minute}, func(w *world) {
		c := w.client()
		good := func(when string, want bool) {
			w.Helper()
			synctest.Wait()
			w.mustEqual("a token "+when, c.State().Token, want)
		}
		walkNow := func() chan error {
			done := make(chan error, 1)
			go func() {
				_, err := walk(w.Context(), c, w.query(4), Cursor{})
				done <- err
			}()
			return done
		}
		w.must(c.Login(w.Context()))
		good("after the login", true)
		time.Sleep(time.Hour)
		good("that expired while nothing was asked", true)
		w.sim.Script(outage(5*time.Minute, unavailable))
		walking := walkNow()
		time.Sleep(time.Minute)
		good("that cannot be renewed", false)
		w.must(<-walking)
		good("that was renewed", true)
		w.sim.RevokeTokens()
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if r.Token {
				return genesystest.Slow(30 * time.Second)
			}
			return nil
		})
		walking = walkNow()
		time.Sleep(10 * time.Second)
		good("that was refused", false)
		w.must(<-walking)
		good("that was asked for anew", true)
	})
}

func TestTheStateTellsWhoWaitsAndForHowLong(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
		c := w.client(allowance(300))
		w.must(c.Login(w.Context()))
		began := time.Now()
		w.sim.Script(once(1, false, func() *genesystest.Fault { return genesystest.TooManyRequests("60") }))
		walking := make(chan []error)
		go func() { walking <- everywhere(w.Context(), c, w.hours(4, 4)) }()
		time.Sleep(30 * time.Second)
		synctest.Wait()
		s := c.State()
		if open := s.ClosedUntil.Sub(began); open < 61*time.Second || open > 62*time.Second || s.Waiting == 0 || s.Waiting > 4 {
			w.Errorf("closed for %v, and %d wait", open, s.Waiting)
		}
		if s.Failing == nil || s.Failing.Kind != RateLimited || s.FailingFrom.Sub(began) > time.Second {
			w.Errorf("failing since %v: %v", s.FailingFrom, s.Failing)
		}
		for _, err := range <-walking {
			w.must(err)
		}
		s = c.State()
		if !s.ClosedUntil.IsZero() || s.Waiting != 0 || s.Failing != nil || !s.FailingFrom.IsZero() {
			w.Errorf("when it is over: %+v", s)
		}
	})
}

// Who gives up waits no more, though nobody is told that it is over.
func TestTheStateForgetsAFailureThatWasGivenUp(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
		w.sim.Script(failing(100, false, genesystest.Garbage()))
		c := w.client()
		if _, err := walk(w.Context(), c, w.query(4), Cursor{}); err == nil {
			w.Fatal("the walk went on")
		}
		w.mustEqual("told", len(w.told()), 1)
		if s := c.State(); s.Failing != nil || s.Waiting != 0 {
			w.Errorf("state %+v", s)
		}
	})
}

// A wait, or a renewal, that is broken off as somebody stops says nothing of the token, and
// nobody waits any more.
func TestTheStateForgetsWhoWasBrokenOff(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3, TokenLife: 10 * time.Minute}, func(w *world) {
		c := w.client()
		w.must(c.Login(w.Context()))
		time.Sleep(time.Hour) // it has expired
		w.sim.Script(failing(100, true, genesystest.Slow(time.Hour)))
		ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
		defer cancel()
		ended := make(chan []error)
		go func() { ended <- everywhere(ctx, c, w.hours(3, 4)) }()
		time.Sleep(10 * time.Second)
		w.mustEqual("waiting", c.State().Waiting, 3)
		for _, err := range <-ended {
			if !errors.Is(err, context.DeadlineExceeded) {
				w.Errorf("a walk ended with %v", err)
			}
		}
		s := c.State()
		w.mustEqual("waiting, and a token", []any{s.Waiting, s.Token}, []any{0, true})
	})
}

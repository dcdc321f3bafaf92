package genesys

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// passing are the failures that may be over at the next attempt.
var passing = []*genesystest.Fault{
	genesystest.TooManyRequests(""),
	genesystest.Status(http.StatusInternalServerError, "internal.server.error", "Oh."),
	genesystest.Status(http.StatusServiceUnavailable, "service.unavailable", "Oh."),
	genesystest.Status(http.StatusGatewayTimeout, "request.timeout", "The request timed out."),
	genesystest.Status(http.StatusRequestTimeout, "client.timeout", "Too slow."),
	genesystest.Status(520, "", ""),
	genesystest.EdgeError(http.StatusUnauthorized),
	genesystest.EdgeError(http.StatusForbidden),
	genesystest.Status(http.StatusForbidden, "", "Forbidden"), // a gateway's, in JSON
	genesystest.EdgeError(http.StatusNotFound),
	genesystest.EdgeError(http.StatusBadRequest),
	genesystest.EdgeError(http.StatusBadGateway),
	genesystest.Reset(),
	genesystest.Truncated(10),
	genesystest.Truncated(0),
}

// failing answers the first attempts at a page, or at a token, with the fault.
func failing(attempts int, token bool, fault *genesystest.Fault) func(genesystest.Request) *genesystest.Fault {
	return func(r genesystest.Request) *genesystest.Fault {
		if r.Token == token && r.Attempt <= attempts {
			return fault
		}
		return nil
	}
}

func TestWhatMayPassIsAskedAgain(t *testing.T) {
	for _, fault := range passing {
		t.Run(fault.String(), func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
				w.sim.Script(failing(9, false, fault))
				pages, err := walk(w.Context(), w.client(), w.query(4), Cursor{})
				w.must(err)
				w.mustEqual("pages", pages, []string{"page 1: 3 records, 3 of 3, last"})
				w.mustClimb(w.queries(), 10)
				w.mustEqual("token requests", len(w.logins()), 1)
			})
		})
	}
}

func TestATokenIsAskedForAgain(t *testing.T) {
	for _, fault := range passing {
		t.Run(fault.String(), func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
				w.sim.Script(failing(9, true, fault))
				w.must(w.client().Login(w.Context()))
				w.mustClimb(w.logins(), 10)
			})
		})
	}
}

// mustClimb checks the waits of the ladder: 1-2 s, doubling, up to a minute.
func (w *world) mustClimb(requests []genesystest.Request, attempts int) {
	w.Helper()
	if len(requests) != attempts {
		w.Fatalf("%d attempts, want %d", len(requests), attempts)
	}
	const pace = 10 * time.Millisecond // the budget's own
	for n := range attempts - 1 {
		rung := time.Second << n
		low, high := min(rung, 40*time.Second), min(2*rung, time.Minute)
		if wait := requests[n+1].Time.Sub(requests[n].Time); wait < low || wait > high+pace {
			w.Errorf("wait %d: %v, want %v to %v", n+1, wait, low, high)
		}
	}
}

// Each request has a ladder of its own, which a success ends.
func TestTheLadderBeginsAnewForEachPage(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 12}, func(w *world) {
		w.sim.Script(failing(3, false, genesystest.EdgeError(http.StatusBadGateway)))
		_, err := walk(w.Context(), w.client(), w.query(4), Cursor{})
		w.must(err)
		requests := w.queries()
		w.mustEqual("requests", len(requests), 4*4)
		for page := range len(requests) / 4 {
			w.mustClimb(requests[4*page:4*page+4], 4)
		}
	})
}

func TestAnOutageOfDaysIsOutlived(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
		over := time.Now().Add(72 * time.Hour)
		w.sim.Script(func(genesystest.Request) *genesystest.Fault {
			if time.Now().Before(over) {
				return genesystest.Status(http.StatusServiceUnavailable, "service.unavailable", "")
			}
			return nil
		})
		c := w.client()
		w.must(c.Login(w.Context()))
		pages, err := walk(w.Context(), c, w.query(4), Cursor{})
		w.must(err)
		w.mustEqual("pages", len(pages), 1)
		if late := time.Since(over); late > time.Minute {
			w.Errorf("noticed %v after the outage", late)
		}
		told := w.told()
		if len(told) != 2 || !told[1].Over || told[1].Took < 72*time.Hour-time.Minute {
			w.Errorf("told %+v", told)
		}
	})
}

func TestARequestThatHangsIsAskedAgain(t *testing.T) {
	for _, fault := range []*genesystest.Fault{genesystest.Slow(time.Hour), genesystest.Stall(time.Hour)} {
		t.Run(fault.String(), func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
				w.sim.Script(failing(1, false, fault))
				_, err := walk(w.Context(), w.client(), w.query(4), Cursor{})
				w.must(err)
				requests := w.queries()
				if wait := requests[1].Time.Sub(requests[0].Time); wait < 61*time.Second || wait > 63*time.Second {
					w.Errorf("asked again after %v, want the minute of the timeout and 1-2 s", wait)
				}
			})
		})
	}
}

// A proxy may have cut the answer, but one that is always cut is no accident.
func TestAnAnswerThatCannotBeReadIsAskedForSixTimes(t *testing.T) {
	for _, row := range []struct {
		fault    *genesystest.Fault
		attempts int
		succeeds bool
	}{
		{genesystest.Garbage(), 5, true},
		{genesystest.Garbage(), 6, false},
		{genesystest.CutJSON(-1), 5, true},
		{genesystest.CutJSON(0), 6, false},
	} {
		inWorld(t, genesystest.Config{Conversations: 20}, func(w *world) {
			w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
				if r.Page == 2 && r.Attempt <= row.attempts {
					return row.fault
				}
				return nil
			})
			_, err := walk(w.Context(), w.client(), w.query(10), Cursor{})
			if row.succeeds {
				w.must(err)
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Kind != Malformed || e.StopsService() {
				w.Errorf("error %v, want one of a malformed answer", err)
			}
			w.mustClimb(w.queries()[1:], 6)
		})
	}
}

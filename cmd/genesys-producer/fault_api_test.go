package main

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// What the program says of an API that is away, and of one that is back.
const (
	waits   = "genesys: waiting; requests are repeated until they succeed"
	stays   = "genesys: the API asks to stay away; nothing is requested until then"
	goesOn  = "genesys: requests succeed again"
	stopped = "service stopped"
)

// small is an organisation of some 40 pages.
func small() genesystest.Config { return genesystest.Config{Conversations: 240} }

// meet has the program meet each of the faults, in worlds of their own, all at once and
// beside those of other tests.
func meet(t *testing.T, rows []fault) {
	t.Helper()
	t.Parallel()
	for _, f := range rows {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			if f.organisation.Conversations == 0 {
				f.organisation.Conversations = small().Conversations
			}
			f.survive(t, newDays(t, f.organisation))
		})
	}
}

// script sets a script, and fails the test where it has nobody meet a fault.
func (w *world) script(f func(genesystest.Request) *genesystest.Fault) {
	var met atomic.Bool
	w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
		fault := f(r)
		if fault != nil {
			met.Store(true)
		}
		return fault
	})
	w.Cleanup(func() {
		if !met.Load() {
			w.Error("nobody met the fault")
		}
	})
}

// pages has the first attempts at a page meet a fault: the second of the first window
// of the first queue.
func pages(attempts int, f *genesystest.Fault) func(*world) {
	return pagesThen(attempts, func() *genesystest.Fault { return f })
}

// pagesThen makes the fault at the time when it is met.
func pagesThen(attempts int, f func() *genesystest.Fault) func(*world) {
	return func(w *world) {
		queue := w.sim.Queues()[0]
		w.script(func(r genesystest.Request) *genesystest.Fault {
			if r.Queue == queue && r.From.Equal(w.since(0)) && r.Page == 2 && r.Attempt <= attempts {
				return f()
			}
			return nil
		})
	}
}

// logins has the first requests for a token meet a fault.
func logins(attempts int, f *genesystest.Fault) func(*world) {
	return loginsThen(attempts, func() *genesystest.Fault { return f })
}

// loginsThen makes the fault at the time when it is met.
func loginsThen(attempts int, f func() *genesystest.Fault) func(*world) {
	return func(w *world) {
		w.script(func(r genesystest.Request) *genesystest.Fault {
			if r.Token && r.Attempt <= attempts {
				return f()
			}
			return nil
		})
	}
}

// storm has all requests meet a fault for a while, from the first request for a third
// page on.
func storm(lasts time.Duration, f *genesystest.Fault) func(*world) {
	return func(w *world) {
		var (
			mu   sync.Mutex
			over time.Time
		)
		w.script(func(r genesystest.Request) *genesystest.Fault {
			mu.Lock()
			defer mu.Unlock()
			if over.IsZero() && r.Page == 3 {
				over = time.Now().Add(lasts)
			}
			if time.Now().Before(over) {
				return f
			}
			return nil
		})
	}
}

// told are the faults that are told once when they begin and once when they are over.
func told(name string, more int, inflict func(*world), changes ...string) fault {
	return fault{name: name, inflict: inflict, begins: []string{waits}, ends: []string{goesOn}, more: more, changes: changes}
}

// untold are the faults that are over before anybody need know.
func untold(name string, more int, inflict func(*world), changes ...string) fault {
	return fault{name: name, inflict: inflict, more: more, changes: changes}
}

func TestFaultsOfTheServer(t *testing.T) {
	status, edge := genesystest.Status, genesystest.EdgeError
	meet(t, []fault{
		told("500", 1, pages(1, status(500, "internal.server.error", "Oh."))),
		told("502", 1, pages(1, status(502, "bad.gateway", "Oh."))),
		told("503, three times", 3, pages(3, status(503, "service.unavailable", "Oh."))),
		told("504", 1, pages(1, status(504, "request.timeout", "The request timed out."))),
		told("520 of an edge", 1, pages(1, status(520, "", ""))),
		told("408", 1, pages(1, status(408, "client.timeout", "Too slow."))),
		told("HTML 502", 1, pages(1, edge(502))),
		told("HTML 403", 1, pages(1, edge(403))),
		told("HTML 401", 1, pages(1, edge(401))),
		told("500 everywhere, 3s", 40, storm(3*time.Second, status(500, "internal.server.error", "Oh."))),
		told("503 everywhere, 6s", 60, storm(6*time.Second, status(503, "service.unavailable", "Oh."))),
		told("HTML 504 everywhere, 3s", 40, storm(3*time.Second, edge(504))),
		told("garbage, twice", 2, pages(2, genesystest.Garbage())),
		told("garbage everywhere, 3s", 40, storm(3*time.Second, genesystest.Garbage())),
		told("token: 503", 1, logins(1, status(503, "service.unavailable", "Oh."))),
		told("token: 408", 1, logins(1, status(408, "client.timeout", "Too slow."))),
		told("token: HTML 403", 1, logins(1, edge(403))),
		told("token: garbage", 1, logins(1, genesystest.Garbage())),
		told("token, in mid-walk: 503, twice", 40, renewals(2, status(503, "service.unavailable", "Oh."))),
		untold("slow, but in time", 0, pages(1, genesystest.Slow(time.Second))),
		untold("401 of a token that is good", 2, pages(1, genesystest.Unauthorized())),
		untold("all tokens revoked, thrice", 40, revocations(3)),
	})
}

// revocations has all tokens revoked in each of the first windows of a queue.
func revocations(times int) func(*world) {
	return func(w *world) {
		queue, until := w.sim.Queues()[0], w.since(times)
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if r.Queue == queue && r.From.Before(until) && r.Page == 2 && r.Attempt == 1 {
				w.sim.RevokeTokens()
			}
			return nil
		})
		w.Cleanup(func() {
			refused, logins := 0, 0
			for _, r := range w.sim.Requests() {
				switch {
				case r.Token:
					logins++
				case r.Status == http.StatusUnauthorized:
					refused++
				}
			}
			if refused < times || logins != times+1 {
				w.Errorf("%d requests were refused and %d tokens asked for, want %d or more and %d", refused, logins, times, times+1)
			}
		})
	}
}

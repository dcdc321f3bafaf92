package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
)

// measure collects exchanges.
type measure struct {
	mu        sync.Mutex
	exchanges []Exchange
}

func (m *measure) tell(x Exchange) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.exchanges = append(m.exchanges, x)
}

func (m *measure) all() []Exchange {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.exchanges)
}

// measured makes a client of the world that is measured.
func (w *world) measured(changes ...func(*Config)) (*Client, *measure) {
	m := new(measure)
	return w.client(append(changes, func(c *Config) { c.Measure = m.tell })...), m
}

// brief is what a test says of an exchange.
func brief(x Exchange) string {
	text := fmt.Sprintf("%s %d", x.Call, x.Status)
	if x.Again {
		text += " again"
	}
	if x.RetryAfter > 0 {
		text += fmt.Sprintf(" after %v", x.RetryAfter)
	}
	return text
}

func briefs(exchanges []Exchange) (all []string) {
	for _, x := range exchanges {
		all = append(all, brief(x))
	}
	return all
}

// Each second is counted once: it is waited for a token, or for a page, or it is taken by
// the answer to one of them.
func TestRequestsAreMeasuredFromBeingWantedToBeingRead(t *testing.T) {
	for _, zip := range []bool{false, true} {
		config := genesystest.Config{Conversations: 12, Gzip: zip, Latency: func(r genesystest.Request) time.Duration {
			if r.Token {
				return 5 * time.Second
			}
			return 300 * time.Millisecond
		}}
		inWorld(t, config, func(w *world) {
			c, m := w.measured(allowance(60))
			const pace = time.Minute * 100 / 60 / 97
			for _, err := range c.Pages(w.Context(), w.query(4), Cursor{}) {
				w.must(err)
			}
			told := m.all()
			w.mustEqual("exchanges", briefs(told), []string{"token 200", "page 200", "page 200", "page 200", "page 200"})
			requests := w.sim.Requests()
			for n, x := range told {
				waited, took := pace-300*time.Millisecond, 300*time.Millisecond
				switch {
				case x.Call == CallToken:
					waited, took = 0, 5*time.Second
				case n == 1: // the token took longer than the pace
					waited = 0
				}
				if (x.Waited-waited).Abs() > time.Millisecond || x.Took != took {
					w.Errorf("%s %d: waited %v and took %v, want %v and %v", x.Call, n, x.Waited, x.Took, waited, took)
				}
				if x.Bytes != requests[n].Bytes {
					w.Errorf("%s %d: %d bytes, want %d", x.Call, n, x.Bytes, requests[n].Bytes)
				}
			}
		})
	}
}

// Whoever waits behind somebody else waits too, and while the budget is closed.
func TestWaitingInLineIsWaiting(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
		c, m := w.measured(allowance(60))
		w.must(c.Login(w.Context()))
		c.budget.close(10 * time.Second)
		for _, err := range everywhere(w.Context(), c, w.hours(5, 4)) {
			w.must(err)
		}
		var waits []time.Duration
		for _, x := range m.all()[1:] {
			waits = append(waits, x.Waited.Round(time.Second))
		}
		w.mustEqual("waits", waits, "[10s 11s 12s 13s 14s]")
	})
}

func TestWhatFailsIsMeasuredAndWhatRepeatsItSaysSo(t *testing.T) {
	for _, row := range []struct {
		name  string
		token bool // the fault is the token endpoint's
		fault *genesystest.Fault
		want  []string
	}{
		{"503", false, unavailable, []string{"token 200", "page 503", "page 200 again"}},
		{"429", false, genesystest.TooManyRequests("30"), []string{"token 200", "page 429 after 30s", "page 200 again"}},
		{"401", false, genesystest.Unauthorized(), []string{"token 200", "page 401", "token 200", "page 200 again"}},
		{"502 of the edge", false, genesystest.EdgeError(502), []string{"token 200", "page 502", "page 200 again"}},
		{"no answer", false, genesystest.Reset(), []string{"token 200", "page 0", "page 200 again"}},
		{"cut", false, genesystest.Truncated(100), []string{"token 200", "page 200", "page 200 again"}},
		{"no JSON", false, genesystest.Garbage(), []string{"token 200", "page 200", "page 200 again"}},
		{"too slow", false, genesystest.Slow(time.Hour), []string{"token 200", "page 0", "page 200 again"}},
		{"too slow a body", false, genesystest.Stall(time.Hour), []string{"token 200", "page 200", "page 200 again"}},
		{"refused", false, genesystest.Forbidden(), []string{"token 200", "page 403"}},
		{"token 503", true, unavailable, []string{"token 503", "token 200 again", "page 200"}},
		{"token 429", true, genesystest.TooManyRequests("30"), []string{"token 429 after 30s", "token 200 again", "page 200"}},
		{"no token", true, genesystest.Reset(), []string{"token 0", "token 200 again", "page 200"}},
		{"credentials", true, genesystest.InvalidClient(), []string{"token 401"}},
		{"token no JSON", true, genesystest.Garbage(), []string{"token 200", "token 200 again", "page 200"}},
		{"token cut", true, genesystest.CutJSON(20), []string{"token 200", "token 200 again", "page 200"}},
		{"no token in it", true, genesystest.Status(200, "ok", ""), []string{"token 200", "token 200 again", "page 200"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
				w.sim.Script(failing(1, row.token, row.fault))
				c, m := w.measured()
				_, err := walk(w.Context(), c, w.query(4), Cursor{})
				w.mustEqual("exchanges", briefs(m.all()), row.want)
				last := row.want[len(row.want)-1]
				w.mustEqual("fails", err != nil, last == "page 403" || last == "token 401")
				faulty := 0
				if !row.token {
					faulty = 1
				}
				failed := m.all()[faulty]
				for n, x := range m.all() {
					w.mustEqual(fmt.Sprintf("exchange %d failed", n), x.Failed, n == faulty)
				}
				w.mustEqual("took a minute", failed.Took == time.Minute, row.name == "too slow" || row.name == "too slow a body")
				if n := failed.Bytes; failed.Status == 0 && n != 0 || row.name == "cut" && n != 100 {
					w.Errorf("%d bytes", n)
				}
			})
		})
	}
}

// A 429 that does not say for how long counts as what is kept to, which is the rest of the
// API's minute, whatever was asked for.
func TestA429WithoutRetryAfterIsMeasuredAsItIsKeptTo(t *testing.T) {
	for name, token := range map[string]bool{"a page": false, "a token": true} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 3}, func(w *world) {
				w.sim.Script(once(1, token, func() *genesystest.Fault { return genesystest.TooManyRequests("") }))
				c, m := w.measured(allowance(300), func(c *Config) {
					c.Transport = altered{w.transport, func(resp *http.Response) {
						if resp.StatusCode == http.StatusTooManyRequests {
							resp.Header.Set("inin-ratelimit-reset", "40")
						}
					}}
				})
				began := time.Now()
				_, err := walk(w.Context(), c, w.query(4), Cursor{})
				w.must(err)
				if told := briefs(m.all()); len(told) != 3 || !slices.ContainsFunc(told, func(x string) bool { return strings.HasSuffix(x, " 429 after 40s") }) {
					w.Errorf("exchanges %v", told)
				}
				if away := time.Since(began); away < 41*time.Second || away > 42*time.Second {
					w.Errorf("stayed away for %v, want as long and a second", away)
				}
			})
		})
	}
}

// A request that the service gives up, as it stops or has what it wants, is no failure.
func TestWhatIsBrokenOffIsNotMeasured(t *testing.T) {
	for name, fault := range map[string]*genesystest.Fault{
		"before the answer": genesystest.Slow(time.Hour), "in the midst of it": genesystest.Stall(time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 40}, func(w *world) {
				for _, token := range []bool{true, false} {
					w.sim.Script(failing(1, token, fault))
					c, m := w.measured(readAhead(2))
					if !token {
						w.must(c.Login(w.Context()))
					}
					before := len(m.all())
					ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second)
					defer cancel()
					if _, err := walk(ctx, c, w.query(4), Cursor{}); !errors.Is(err, context.DeadlineExceeded) {
						w.Fatalf("the walk ended with %v", err)
					}
					synctest.Wait()
					w.mustEqual("exchanges", briefs(m.all()[before:]), "[]")
				}
			})
		})
	}
}

// What was asked ahead, and is not wanted any more, neither; what had been answered is.
func TestPagesAskedAheadInVainAreMeasuredOnlyWhereAnswered(t *testing.T) {
	config := genesystest.Config{Conversations: 40, Latency: func(r genesystest.Request) time.Duration {
		return time.Duration(r.Page) * time.Second
	}}
	inWorld(t, config, func(w *world) {
		c, m := w.measured(readAhead(4))
		for page, err := range c.Pages(w.Context(), w.query(4), Cursor{}) {
			w.must(err)
			if page.Number == 2 {
				break
			}
		}
		synctest.Wait()
		w.mustEqual("exchanges", briefs(m.all()), []string{"token 200", "page 200", "page 200"})
		if asked := w.asked(); len(asked) < 5 {
			w.Errorf("asked %v, want pages ahead too", asked)
		}
	})
}

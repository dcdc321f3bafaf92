package genesys

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
)

// altered changes the answers of a transport on their way.
type altered struct {
	http.RoundTripper
	change func(*http.Response)
}

func (a altered) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := a.RoundTripper.RoundTrip(req)
	if err == nil {
		a.change(resp)
	}
	return resp, err
}

// once gives the fault to the n-th request at the endpoint and to no other.
func once(n int64, token bool, fault func() *genesystest.Fault) func(genesystest.Request) *genesystest.Fault {
	var count atomic.Int64
	return func(r genesystest.Request) *genesystest.Fault {
		if r.Token == token && count.Add(1) == n {
			return fault()
		}
		return nil
	}
}

const latency = 200 * time.Millisecond

// One walk is told to stay away: all of them do, and so does the token endpoint,
// for as long as they were told and a second.
func TestRetryAfterClosesTheBudgetForEverybody(t *testing.T) {
	in := func(d time.Duration) func(time.Time) string {
		return func(server time.Time) string { return server.Add(d).UTC().Format(http.TimeFormat) }
	}
	text := func(s string) func(time.Time) string { return func(time.Time) string { return s } }
	for _, row := range []struct {
		name   string
		header func(server time.Time) string
		server time.Duration // how far the server's clock is ahead
		token  bool          // it is the token endpoint that says it
		low    time.Duration // how long everybody stays away
		high   time.Duration
	}{
		{"seconds", text("30"), 0, false, 31 * time.Second, 32 * time.Second},
		{"less than the ladder's wait", text("0"), 0, false, time.Second, 2200 * time.Millisecond},
		{"longer than the token lives", text("900"), 0, false, 901 * time.Second, 902 * time.Second},
		{"a date", in(40 * time.Second), 0, false, 40 * time.Second, 42 * time.Second},
		{"a date of a clock that is slow", in(40 * time.Second), -10 * time.Minute, false, 40 * time.Second, 42 * time.Second},
		{"a date of a clock that is fast", in(40 * time.Second), 10 * time.Minute, false, 40 * time.Second, 42 * time.Second},
		{"a date that is past", in(-time.Hour), 0, false, time.Second, 2200 * time.Millisecond},
		{"no header", text(""), 0, false, time.Second, 2200 * time.Millisecond},
		{"garbage", text("soon"), 0, false, time.Second, 2200 * time.Millisecond},
		{"a negative number", text("-30"), 0, false, time.Second, 2200 * time.Millisecond},
		{"a fraction", text("1.5"), 0, false, time.Second, 2200 * time.Millisecond},
		{"more than any number", text("99999999999999999999"), 0, false, time.Second, 2200 * time.Millisecond},
		{"of the token endpoint", text("30"), 0, true, 31 * time.Second, 32 * time.Second},
		{"of an hour", text("3600"), 0, false, 3601 * time.Second, 3602 * time.Second},
		{"a date in an hour", in(time.Hour), 0, false, time.Hour, 3602 * time.Second},
		{"of the token endpoint, an hour", text("3600"), 0, true, 3601 * time.Second, 3602 * time.Second},
		{"of the token endpoint, a date in an hour", in(time.Hour), 0, true, time.Hour, 3602 * time.Second},
		{"of the token endpoint, a date of a clock that is slow", in(40 * time.Second), -10 * time.Minute, true, 40 * time.Second, 42 * time.Second},
		{"of the token endpoint, a date of a clock that is fast", in(40 * time.Second), 10 * time.Minute, true, 40 * time.Second, 42 * time.Second},
		{"of the token endpoint, no header", text(""), 0, true, time.Second, 2200 * time.Millisecond},
	} {
		t.Run(row.name, func(t *testing.T) {
			now := func() time.Time { return time.Now().Add(row.server) }
			config := genesystest.Config{
				Conversations: 40, Now: now, TokenLife: 5 * time.Minute,
				Latency: func(genesystest.Request) time.Duration { return latency },
			}
			inWorld(t, config, func(w *world) {
				n := int64(40)
				if row.token {
					n = 1
				}
				w.sim.Script(once(n, row.token, func() *genesystest.Fault {
					return genesystest.TooManyRequests(row.header(now()))
				}))
				c := w.client(readAhead(4), allowance(300))
				for _, err := range everywhere(w.Context(), c, w.hours(8, 2)) {
					w.must(err)
				}
				if away := w.away(); away < row.low || away > row.high {
					w.Errorf("everybody stayed away for %v, want %v to %v", away, row.low, row.high)
				}
				w.mustEqual("requests with a token that expired in the wait", w.refusals(), 0)
			})
		})
	}
}

// away is how long after the refusal came no request of any kind was sent.
func (w *world) away() time.Duration {
	w.Helper()
	var refused time.Time
	for _, r := range w.sim.Requests() {
		if r.Fault != "" {
			refused = r.Time.Add(latency)
		} else if !refused.IsZero() && r.Time.After(refused) {
			return r.Time.Sub(refused)
		}
	}
	w.Fatal("nobody was refused, or nobody came back")
	return 0
}

func TestA429WithoutRetryAfterWaitsForTheCountToBeReset(t *testing.T) {
	config := genesystest.Config{Conversations: 20, RequestsPerMinute: 300,
		Latency: func(genesystest.Request) time.Duration { return latency }}
	inWorld(t, config, func(w *world) {
		w.sim.Script(once(2, false, func() *genesystest.Fault { return genesystest.TooManyRequests("") }))
		_, err := walk(w.Context(), w.client(), w.query(4), Cursor{})
		w.must(err)
		// The window began with the first request, so about a second of it is over.
		if away := w.away(); away < 60*time.Second || away > 61*time.Second {
			w.Errorf("stayed away for %v, want the rest of the minute and a second", away)
		}
	})
}

// Maintenance: 503 with Retry-After is the vendor's word to everybody. Without
// one it concerns this request only.
func TestA503ClosesTheBudgetOnlyWhereItSaysHowLong(t *testing.T) {
	for header, want := range map[string]time.Duration{"30": 31 * time.Second, "": 0} {
		config := genesystest.Config{Conversations: 40,
			Latency: func(genesystest.Request) time.Duration { return latency }}
		inWorld(t, config, func(w *world) {
			w.sim.Script(once(40, false, func() *genesystest.Fault { return unavailable }))
			c := w.client(readAhead(4), allowance(300), func(c *Config) {
				c.Transport = altered{w.transport, func(resp *http.Response) {
					if resp.StatusCode == http.StatusServiceUnavailable && header != "" {
						resp.Header.Set("Retry-After", header)
					}
				}}
			})
			for _, err := range everywhere(w.Context(), c, w.hours(8, 2)) {
				w.must(err)
			}
			if away := w.away(); away < want || away > want+time.Second {
				w.Errorf("Retry-After %q: everybody stayed away for %v, want %v", header, away, want)
			}
		})
	}
}

// Of two words the longer one holds.
func TestAShorterRetryAfterDoesNotOpenTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(60_000)
		begun := time.Now()
		b.close(time.Hour)
		b.close(time.Second)
		if err := b.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took < time.Hour {
			t.Errorf("open after %v", took)
		}
	})
}

// A mistake of a server must not put the service to sleep for years.
func TestAnAbsurdRetryAfterIsAMonth(t *testing.T) {
	if got := seconds("999999999999"); got != 30*24*time.Hour {
		t.Errorf("%v", got)
	}
}

// As a date it is one of a proxy's: a year of 9999 would else be waited for, or run
// over into the past.
func TestAnAbsurdRetryAfterDateIsAMonth(t *testing.T) {
	for _, header := range []http.Header{
		{"Retry-After": {"Fri, 31 Dec 9999 23:59:59 GMT"}},
		{"Retry-After": {"Fri, 31 Dec 2100 23:59:59 GMT"}, "Date": {"Thu, 30 Dec 1999 00:00:00 GMT"}},
		{"Retry-After": {"Thu, 30 Dec 1999 00:00:40 GMT"}, "Date": {"Mon, 01 Jan 0001 00:00:00 GMT"}},
	} {
		if got := retryAfter(header); got != longestAway {
			t.Errorf("%v: %v", header, got)
		}
	}
}

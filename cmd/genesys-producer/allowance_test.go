package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys"
)

// Only where the client waits for the allowance is it said to be used up.
func TestCheckTellsWhatAClientWaitsFor(t *testing.T) {
	limited, away := &genesys.Error{Kind: genesys.RateLimited, Status: 429}, &genesys.Error{Kind: genesys.Passing, Status: 503}
	const full, used = genesys.Share * 300, "used up until 2000-01-01T00:01:01Z, by another user"
	cfg := mustLoad(t, map[string]string{"GENESYS_REQUESTS_PER_MINUTE": "300"})
	for _, c := range []struct {
		name      string
		incidents []genesys.Incident
		perMinute float64
		closed    time.Duration
		unsent    bool
		says      string // empty: it is something else
	}{
		{"an answer that does not come", nil, full, 0, false, ""},
		{"the API's count", nil, full, time.Minute, false, used},
		{"the pace that is left", nil, 1, 0, true, used},
		{"a slow pace, and an answer that does not come", nil, 1, 0, false, ""},
		{"429", []genesys.Incident{{Err: limited}}, full, time.Minute, false, used},
		{"429 that has just opened", []genesys.Incident{{Err: limited}}, full, 0, false, "used up, by another user"},
		{"429 before, which is over", []genesys.Incident{{Err: limited}, {Err: limited, Over: true}}, full, 0, false, ""},
		{"429, and clocks that differ", []genesys.Incident{{Err: limited}, {Ahead: time.Hour}}, full, 0, false, "used up, by another user"},
		{"503 with Retry-After", []genesys.Incident{{Err: away}}, full, time.Minute, false, ""},
		{"503 at a slow pace", []genesys.Incident{{Err: away}}, 1, 0, true, ""},
		{"503 that is over, at a slow pace", []genesys.Incident{{Err: away}, {Err: away, Over: true}}, 1, 0, true, used},
		{"our own slow pace", nil, full, 0, true, "GENESYS_REQUESTS_PER_MINUTE=300 lets a request be sent every 0s only"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var waits trouble
			for _, i := range c.incidents {
				waits.observe(i)
			}
			state := genesys.State{PerMinute: c.perMinute}
			if c.closed > 0 {
				state.ClosedUntil = time.Now().Add(c.closed)
			}
			got := waits.usedUp(state, c.unsent, cfg, "check")
			if c.says == "" && got != nil || c.says != "" && (got == nil || !strings.Contains(got.why, c.says)) {
				t.Errorf("%s: %v, want %q", c.name, got, c.says)
			}
		})
	}
}

// What nobody could tell is not summed up as a service that can run.
func TestCheckSumsUp(t *testing.T) {
	for v, want := range map[verdict]string{
		fine: "1 check: 1 ok. The service is ready to run.", warns: "1 check: 0 ok, 1 warning. The service can run.",
		fails: "1 check: 0 ok, 1 failed. The service is not ready to run.", unsure: "1 check: 0 ok, 1 unknown. Nothing is known that keeps the service from running.",
	} {
		if got := summary([]checked{{Verdict: v}}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

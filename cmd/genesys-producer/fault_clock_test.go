package main

import (
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// What the program says of clocks that differ, and of those that agree again.
const (
	clocksDiffer = "genesys: the API's clock and this machine's differ; a window is walked once it has settled on both"
	clocksAgree  = "genesys: the API's clock and this machine's agree again"
)

// clock is the API's: so far ahead of ours.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func clockAhead(d time.Duration) *clock {
	c := new(clock)
	c.ahead.Store(int64(d))
	return c
}

// One of the clocks is ten minutes wrong, and the other one is right: which of them is
// all the same. What the API says of times is by its own clock.
func TestFaultsOfTheClock(t *testing.T) {
	var rows []fault
	for name, wrong := range map[string]time.Duration{"10m ahead": 10 * time.Minute, "10m behind": -10 * time.Minute} {
		api := clockAhead(wrong)
		retry := told("clock "+name+": 429, Retry-After a date in 3s", 30, pagesThen(1, until(3*time.Second, api.now)), inLine...)
		retry.organisation.Now, retry.away = api.now, 2*time.Second
		retry.begins = append(retry.begins, clocksDiffer)
		rows = append(rows, retry)

		// A token that lives for twelve seconds is renewed after nine: there is time for a
		// request that was just sent, also on a slow machine.
		token := untold("clock "+name+": tokens that expire", 5, mustNotBeRefused, "GENESYS_READ_AHEAD=0")
		token.organisation = genesystest.Config{Now: clockAhead(wrong).now, TokenLife: 12 * time.Second,
			Latency: func(genesystest.Request) time.Duration { return 800 * time.Millisecond }}
		token.begins = []string{clocksDiffer}
		rows = append(rows, token)

		mended := clockAhead(wrong)
		set := untold("clock "+name+", until it is set", 0, func(w *world) {
			w.gate.at(20, false, func() { mended.ahead.Store(0) })
		})
		set.organisation.Now = mended.now
		set.begins, set.ends = []string{clocksDiffer}, []string{clocksAgree}
		set.often = true // answers can overtake each other
		rows = append(rows, set)
	}
	meet(t, rows)
}

// mustNotBeRefused expects that tokens were renewed, and none was sent that had expired.
func mustNotBeRefused(w *world) {
	w.Cleanup(func() {
		logins := 0
		for _, r := range w.sim.Requests() {
			if r.Token {
				logins++
			} else if r.Status == http.StatusUnauthorized {
				w.Errorf("page %d was asked for with a token that had expired", r.Page)
			}
		}
		if logins < 2 {
			w.Errorf("%d tokens, want one after the other", logins)
		}
	})
}

// Up to now is up to the earlier now. Where the API's clock is behind, the last window
// waits for it; where ours is, it was chosen by ours.
func TestNoWindowIsWalkedBeforeItHasSettledOnBothClocks(t *testing.T) {
	t.Parallel()
	upToNow := []string{"WINDOW_FROM=5m", "WINDOW_TO=now", "WINDOW_SETTLE=30s"}
	settled := func(w *world, api *clock) {
		for _, r := range w.queries() {
			behind := max(0, time.Duration(api.ahead.Load())) // of r.Time, the API's, ours
			if early := r.To.Add(30 * time.Second).Sub(r.Time.Add(-behind)); early > time.Second {
				w.Errorf("a window was walked %v before it had settled", early)
			}
		}
	}
	t.Run("the API's clock is behind", func(t *testing.T) {
		t.Parallel()
		api := clockAhead(-10 * time.Minute)
		w := newDays(t, genesystest.Config{Conversations: 10, Now: api.now})
		c := w.start(upToNow...)
		c.await(`"service runs"`, 1)
		time.Sleep(2 * time.Second) // what is not sent gives no signal
		c.signal(syscall.SIGTERM)
		c.mustEnd(failed, producer.ErrInterrupted.Error(), clocksDiffer, " behind")
		if n := len(w.queries()); n > 0 {
			t.Errorf("%d pages were asked for, none of a window that has settled", n)
		}
		api.ahead.Store(0)
		w.start(upToNow...).mustEnd(done)
		if len(w.queries()) == 0 {
			t.Error("no page was asked for once the clock was set")
		}
		settled(w, api)
	})
	t.Run("the API's clock is ahead", func(t *testing.T) {
		t.Parallel()
		api := clockAhead(10 * time.Minute)
		w := newDays(t, genesystest.Config{Conversations: 10, Now: api.now})
		w.start(upToNow...).mustEnd(done, clocksDiffer, " ahead")
		if len(w.queries()) == 0 {
			t.Error("no page was asked for")
		}
		settled(w, api)
	})
}

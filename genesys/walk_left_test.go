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

// The bubble itself fails a test that leaves a goroutine behind.
func TestLeavingTheLoopLeavesNothingBehind(t *testing.T) {
	for name, latency := range map[string]func(genesystest.Request) time.Duration{
		"answers under way": aSecond,
		"answers there":     nil,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 40, Latency: latency}, func(w *world) {
				c := w.client(readAhead(5))
				for page, err := range c.Pages(w.Context(), w.query(4), Cursor{}) {
					w.must(err)
					synctest.Wait()
					if page.Number == 2 {
						break
					}
				}
				w.mustBeFree(c)
			})
		})
	}
}

func TestCancellingEndsAWalkAtOnce(t *testing.T) {
	for name, row := range map[string]struct {
		when  time.Duration
		fault *genesystest.Fault
	}{
		"before anything":      {0, nil},
		"while signing in":     {500 * time.Millisecond, nil},
		"in page 1":            {1500 * time.Millisecond, nil},
		"in later pages":       {2500 * time.Millisecond, nil},
		"while a page waits":   {30 * time.Second, genesystest.EdgeError(http.StatusBadGateway)},
		"while all are closed": {30 * time.Minute, genesystest.TooManyRequests("7200")},
		"in a body":            {10 * time.Second, genesystest.Stall(time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 40, Latency: aSecond}, func(w *world) {
				w.sim.Script(scripted(faults{3: row.fault}))
				c := w.client(readAhead(5), func(c *Config) { c.Timeout = time.Hour })
				ctx, cancel := context.WithCancel(w.Context())
				defer time.AfterFunc(row.when, cancel).Stop()
				begun := time.Now()
				_, err := walk(ctx, c, w.query(4), Cursor{})
				if !errors.Is(err, context.Canceled) {
					w.Errorf("error %v, want that of the context", err)
				}
				if took := time.Since(begun); took > row.when {
					w.Errorf("ended %v after it was cancelled", took-row.when)
				}
				w.mustBeFree(c)
			})
		})
	}
}

// A deadline that comes before the next request may be sent is the context's error.
func TestADeadlineIsTheContextsError(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 400}, func(w *world) {
		c := w.client(allowance(60), readAhead(5))
		ctx, cancel := context.WithTimeout(w.Context(), 20500*time.Millisecond)
		defer cancel()
		_, err := walk(ctx, c, w.query(4), Cursor{})
		var e *Error
		if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &e) {
			w.Errorf("error %v, want that of the context alone", err)
		}
		w.mustBeFree(c)
	})
}

// mustBeFree checks that no walk holds memory.
func (w *world) mustBeFree(c *Client) {
	w.Helper()
	synctest.Wait()
	if !c.memory.free.TryAcquire(c.memory.bound) {
		w.Error("memory was not given back")
	}
}

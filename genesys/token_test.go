package genesys

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// refusals counts the requests that were answered 401.
func (w *world) refusals() (n int) {
	for _, r := range w.queries() {
		if r.Status == http.StatusUnauthorized {
			n++
		}
	}
	return n
}

func TestATokenIsRenewedBeforeItExpires(t *testing.T) {
	for _, row := range []struct{ life, renewed time.Duration }{
		{24 * time.Hour, 24*time.Hour - time.Minute},
		{10 * time.Minute, 9 * time.Minute},
		{2 * time.Minute, 90 * time.Second}, // a short life: a quarter before its end
		{8 * time.Second, 6 * time.Second},
	} {
		inWorld(t, genesystest.Config{Conversations: 400, TokenLife: row.life}, func(w *world) {
			c := w.client(readAhead(2))
			pause := row.life / 16
			for _, err := range c.Pages(w.Context(), w.query(10), Cursor{}) {
				w.must(err)
				time.Sleep(pause)
			}
			logins := w.logins()
			if len(logins) < 3 || w.refusals() != 0 {
				w.Fatalf("life %v: %d tokens, %d requests refused", row.life, len(logins), w.refusals())
			}
			for i := range len(logins) - 1 {
				if lived := logins[i+1].Time.Sub(logins[i].Time); lived < row.renewed || lived > row.renewed+pause {
					w.Errorf("life %v: renewed after %v, want %v", row.life, lived, row.renewed)
				}
			}
		})
	}
}

func TestATokenThatDoesNotSayWhenItExpiresIsUsedUntilItIsRefused(t *testing.T) {
	for _, expires := range []string{`"other":`, `"expires_in":-`} { // the latter: before it is issued
		inWorld(t, genesystest.Config{Conversations: 100, TokenLife: 5 * time.Minute}, func(w *world) {
			c := w.client(func(c *Config) {
				c.Transport = altered{w.transport, func(resp *http.Response) {
					if resp.Request.URL.Path == genesystest.TokenPath {
						body, err := io.ReadAll(resp.Body)
						if err != nil {
							w.Error(err)
						}
						text := strings.Replace(string(body), `"expires_in":`, expires, 1)
						resp.Body = io.NopCloser(strings.NewReader(text))
					}
				}}
			})
			for _, err := range c.Pages(w.Context(), w.query(10), Cursor{}) {
				w.must(err)
				time.Sleep(time.Minute)
			}
			if len(w.logins()) != 3 || w.refusals() != 2 {
				w.Errorf("%s: %d tokens, %d requests refused, want 3 and 2", expires, len(w.logins()), w.refusals())
			}
		})
	}
}

// A revocation hits all walks at once, each with pages under way.
func TestOneRenewalServesAllWalks(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 400, Latency: aSecond}, func(w *world) {
		defer time.AfterFunc(3500*time.Millisecond, w.sim.RevokeTokens).Stop()
		for _, err := range everywhere(w.Context(), w.client(readAhead(4)), w.hours(8, 10)) {
			w.must(err)
		}
		w.mustEqual("tokens", len(w.logins()), 2)
		if w.refusals() < 8 {
			w.Errorf("%d requests were refused, want those of all walks", w.refusals())
		}
		for _, r := range w.queries() {
			if r.Attempt > 2 {
				w.Errorf("page %d was asked for %d times", r.Page, r.Attempt)
			}
		}
		w.mustEqual("incidents", len(w.told()), 0)
	})
}

func TestAFreshTokenThatIsRefusedStopsTheService(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 20}, func(w *world) {
		w.sim.Script(scripted(faults{2: genesystest.Unauthorized()}))
		pages, err := walk(w.Context(), w.client(), w.query(10), Cursor{})
		var e *Error
		if !errors.As(err, &e) || e.Kind != Unauthorized || !e.StopsService() || len(pages) != 1 {
			w.Fatalf("error %v after the pages %q", err, pages)
		}
		for _, want := range []string{"page 2: POST http://api.test/", `status 401 bad.credentials "Invalid login credentials."`, "GENESYS_LOGIN_URL"} {
			if !strings.Contains(err.Error(), want) {
				w.Errorf("error %q lacks %q", err, want)
			}
		}
		w.mustEqual("requests", w.asked(), []int{1, 2, 2})
		w.mustEqual("tokens", len(w.logins()), 2)
	})
}

// The second refusal counts only when nothing came between it and the first.
func TestATokenMayBeRefusedAgainLater(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 5}, func(w *world) {
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			return map[int]*genesystest.Fault{
				1: genesystest.Unauthorized(), 2: unavailable, 3: genesystest.Unauthorized(),
			}[r.Attempt%4]
		})
		_, err := walk(w.Context(), w.client(), w.query(10), Cursor{})
		w.must(err)
		w.mustEqual("requests", len(w.asked()), 4)
	})
}

func TestARenewalThatIsCancelledIsTakenOverByTheNextWalk(t *testing.T) {
	config := genesystest.Config{Conversations: 20, Latency: func(r genesystest.Request) time.Duration {
		if r.Token {
			return 10 * time.Second
		}
		return 0
	}}
	inWorld(t, config, func(w *world) {
		c := w.client()
		ctx, cancel := context.WithCancel(w.Context())
		var walks sync.WaitGroup
		walks.Go(func() {
			if err := c.Login(ctx); !errors.Is(err, context.Canceled) {
				w.Errorf("the walk that is cancelled ended with %v", err)
			}
		})
		for _, q := range w.hours(7, 10) {
			walks.Go(func() {
				time.Sleep(time.Second)
				if _, err := walk(w.Context(), c, q, Cursor{}); err != nil {
					w.Errorf("a walk that waits ended with %v", err)
				}
			})
		}
		time.Sleep(5 * time.Second)
		cancel()
		walks.Wait()
		w.mustEqual("token requests", len(w.logins()), 2)
		w.mustEqual("incidents", len(w.told()), 0)
	})
}

// Waiting for somebody else's renewal ends with the context.
func TestWaitingForARenewalCanBeCancelled(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 5}, func(w *world) {
		w.sim.Script(outage(time.Hour, unavailable))
		c := w.client()
		renewing := make(chan error)
		go func() { renewing <- c.Login(w.Context()) }()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
		defer cancel()
		begun := time.Now()
		if _, err := walk(ctx, c, w.query(10), Cursor{}); !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("error %v", err)
		}
		if took := time.Since(begun); took > time.Minute {
			w.Errorf("ended after %v", took)
		}
		w.must(<-renewing)
	})
}

func TestAnAnswerWithoutATokenIsAskedForAgain(t *testing.T) {
	for name, fault := range map[string]*genesystest.Fault{
		"no JSON": genesystest.Garbage(), "cut": genesystest.CutJSON(20), "no token": genesystest.Status(200, "ok", ""),
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 5}, func(w *world) {
				w.sim.Script(failing(7, true, fault)) // more often than a page is
				w.must(w.client().Login(w.Context()))
				w.mustClimb(w.logins(), 8)
			})
		})
	}
}

// A request that came too slowly is not refused, whatever code a gateway gives it.
func TestA408WithACodeIsNoRefusalOfTheClient(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 5}, func(w *world) {
		w.sim.Script(failing(3, true, genesystest.InvalidClient()))
		c := w.client(func(c *Config) {
			c.Transport = altered{w.transport, func(resp *http.Response) {
				if resp.StatusCode == http.StatusUnauthorized {
					resp.StatusCode = http.StatusRequestTimeout
				}
			}}
		})
		w.must(c.Login(w.Context()))
		w.mustClimb(w.logins(), 4)
	})
}

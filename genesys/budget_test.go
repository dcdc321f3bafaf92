package genesys

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
)

// steadily runs 8 walks for the time and returns the requests of that time.
func (w *world) steadily(c *Client, d time.Duration) []genesystest.Request {
	w.Helper()
	end := time.Now().Add(d)
	var walks sync.WaitGroup
	for _, q := range w.hours(8, 1) {
		walks.Go(func() {
			for time.Now().Before(end) {
				for _, err := range c.Pages(w.Context(), q, Cursor{}) {
					if err != nil {
						w.Error(err)
						return
					}
					if time.Now().After(end) {
						break
					}
				}
			}
		})
	}
	walks.Wait()
	return w.queries()
}

// wait waits for the turn of one request.
func (b *budget) wait(ctx context.Context) error {
	if err := b.enter(ctx); err != nil {
		return err
	}
	defer b.leave()
	return b.next(ctx)
}

// Eight walks at full speed against the API's fixed minutes.
func TestASteadyRunUsesItsAllowanceAndNeverExceedsIt(t *testing.T) {
	config := genesystest.Config{Conversations: 400, RequestsPerMinute: 300,
		Latency: func(genesystest.Request) time.Duration { return latency }}
	inWorld(t, config, func(w *world) {
		const minutes = 30
		requests := w.steadily(w.client(allowance(300), readAhead(2)), minutes*time.Minute)
		if want := 0.95 * 300 * Share * minutes; float64(len(requests)) < want {
			w.Errorf("%d requests in %d minutes, want %.0f", len(requests), minutes, want)
		}
		for i, r := range requests {
			if r.Status == http.StatusTooManyRequests {
				w.Fatalf("request %d was one too many", i+1)
			}
			if i > 0 {
				if gap := r.Time.Sub(requests[i-1].Time); gap < 200*time.Millisecond {
					w.Fatalf("request %d came %v after the one before it: they are to be spread evenly", i+1, gap)
				}
			}
		}
	})
}

// Somebody else uses half of the token's allowance, and then goes away.
func TestARunGivesWayToOthersWhoUseTheToken(t *testing.T) {
	config := genesystest.Config{Conversations: 400, RequestsPerMinute: 300,
		Latency: func(genesystest.Request) time.Duration { return latency }}
	inWorld(t, config, func(w *world) {
		const minutes = 8
		c := w.client(allowance(300), readAhead(8))
		w.must(c.Login(w.Context()))
		token, _ := c.tokens.current()
		others := newBudget(150)
		begun := time.Now()
		var other sync.WaitGroup
		other.Go(func() {
			for time.Since(begun) < minutes*time.Minute {
				if err := others.wait(w.Context()); err != nil {
					w.Error(err)
					return
				}
				req, err := c.request(w.Context(), w.query(2), 1, token)
				if err != nil {
					w.Error(err)
					return
				}
				resp, err := w.transport.RoundTrip(req)
				if err != nil {
					w.Error(err)
					return
				}
				resp.Body.Close()
			}
		})
		requests := w.steadily(c, 2*minutes*time.Minute)
		other.Wait()

		var shared, alone, refused float64
		for _, r := range requests {
			switch {
			case r.PageSize != 1:
			case r.Status == http.StatusTooManyRequests:
				refused++
			case r.Time.Sub(begun) < minutes*time.Minute:
				shared++
			case r.Time.Sub(begun) > (minutes+1)*time.Minute:
				alone++
			}
		}
		w.Logf("%.0f a minute beside another user, %.0f alone, %.0f refused", shared/minutes, alone/(minutes-1), refused)
		if rate := shared / minutes; rate < 100 || rate > 180 {
			w.Errorf("%.0f requests a minute beside another user, want about 150", rate)
		}
		if rate := alone / (minutes - 1); rate < 0.95*300*Share {
			w.Errorf("%.0f requests a minute alone, want the full pace again", rate)
		}
		if refused > 2*minutes {
			w.Errorf("%.0f requests were one too many", refused)
		}
	})
}

// A pace that was slow for a moment does not bind those who wait: it is the
// pace of the moment that counts, for everybody in line.
func TestThePaceOfTheMomentHoldsForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(300)
		b.observe(rateHeaders("300", "300", "30")) // nothing is left for 30 s
		begun := time.Now()
		var walks sync.WaitGroup
		for range 64 {
			walks.Go(func() {
				if err := b.wait(t.Context()); err != nil {
					t.Error(err)
				}
				b.observe(rateHeaders("1", "300", "60"))
			})
		}
		walks.Wait()
		if took, want := time.Since(begun), 30*time.Second+64*time.Minute/291; took < want-time.Second || took > want+31*time.Second {
			t.Errorf("all were let through after %v, want about %v", took, want)
		}
	})
}

func rateHeaders(count, allowed, reset string) http.Header {
	h := http.Header{}
	for name, value := range map[string]string{
		"inin-ratelimit-count": count, "inin-ratelimit-allowed": allowed, "inin-ratelimit-reset": reset,
	} {
		if value != "" {
			h.Set(name, value)
		}
	}
	return h
}

func TestTheHeadersOfTheAPIAreAdvice(t *testing.T) {
	const full = 300 * Share / 60
	for _, row := range []struct {
		count, allowed, reset string
		pace                  float64
		closed                time.Duration
	}{
		{"", "", "", full, 0},
		{"1", "300", "60", full, 0},  // nobody else
		{"150", "300", "60", 2.5, 0}, // half of it is used up already
		{"280", "300", "40", 0.5, 0}, // nearly all
		{"299", "300", "1", 1, 0},    //
		{"10", "300", "1", full, 0},  // never faster than the allowance
		{"300", "300", "20", 0.05, 20 * time.Second},
		{"412", "300", "20", 0.05, 20 * time.Second},
		{"299", "300", "2592000", 1.0 / 120, 0}, // a count holds for a minute: this is a mistake
		{"300", "300", "2592000", 1.0 / 120, 2 * time.Minute},
		{"0", "0", "60", full, 0}, // and yet there is an answer
		{"-1", "-9223372036854775808", "60", full, 0},
		{"many", "300", "60", full, 0},
		{"200", "", "60", full, 0},
		{"200", "-", "60", full, 0},
		{"200", "300", "", full, 0},
		{"200", "300", "0", full, 0},
		{"200", "300", "soon", full, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBudget(300)
			b.observe(rateHeaders(row.count, row.allowed, row.reset))
			if pace := float64(b.limiter.Limit()); math.Abs(pace-row.pace) > 1e-9 {
				t.Errorf("%+v: %s a second", row, strconv.FormatFloat(pace, 'g', -1, 64))
			}
			if closed := max(0, time.Until(b.closedUntil())); closed != row.closed {
				t.Errorf("%+v: closed for %v", row, closed)
			}
		})
	}
}

func TestWaitingForTheBudgetEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(300)
		b.close(time.Hour)
		begun := time.Now()
		var walks sync.WaitGroup
		for range 5 { // the one whose turn it is, and those in line
			walks.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := b.wait(ctx); err == nil {
					t.Error("a request was let through")
				}
			})
		}
		walks.Wait()
		if took := time.Since(begun); took != time.Minute {
			t.Errorf("ended after %v", took)
		}
	})
}

package genesys

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	// longClosed is a Retry-After that is worth a word of its own: the vendor's
	// clients refuse to wait longer.
	longClosed = 3 * time.Minute
	// malformedAgain is how often a 200 that cannot be split is asked again: a
	// proxy may have cut it, but an answer that is always so is no accident.
	malformedAgain = 5
	firstWait      = 1500 * time.Millisecond // 1-2 s with its jitter
	longestWait    = time.Minute
	// longestAway is the longest Retry-After that is obeyed: what a server asks
	// for beyond it can only be a mistake, and must not stop the service for ever.
	longestAway = 30 * 24 * time.Hour
)

// until makes an attempt until it succeeds, or fails with what waiting cannot
// mend. This is the only place that asks again, which it tells the attempt.
func (c *Client) until(ctx context.Context, call Call, attempt func(again bool) error) (err error) {
	waits := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(firstWait), backoff.WithRandomizationFactor(1.0/3),
		backoff.WithMultiplier(2), backoff.WithMaxInterval(longestWait), backoff.WithMaxElapsedTime(0))
	renewed, malformed := false, 0
	var last *Error // what it waits after; nil: no incident is its
	defer func() {
		if last != nil {
			c.incidents.leave(last, err == nil)
		}
	}()
	for again := false; ; again = true {
		err := attempt(again)
		if err != nil && ctx.Err() != nil {
			return ctx.Err() // what it broke off is no failure
		}
		var e *Error
		if !errors.As(err, &e) {
			return err
		}
		if e.Kind == Unauthorized && !renewed {
			// Once per request: a token can expire or be revoked at any time, but one
			// that was just issued is refused for a reason that no token cures.
			renewed = true
			c.tokens.drop(e.token)
			continue
		}
		renewed = false
		wait := min(waits.NextBackOff(), longestWait)
		switch e.Kind {
		case Malformed:
			if malformed++; malformed > malformedAgain {
				return err
			}
		case RateLimited:
			// The allowance is the token's, so it is used up for every walk.
			c.budget.close(max(wait, e.retryAfter+time.Second))
		case Passing:
			// The vendor's way to say until when everybody is to stay away.
			if e.retryAfter > 0 {
				c.budget.close(e.retryAfter + time.Second)
			}
		default:
			return err
		}
		var until time.Time
		if e.retryAfter >= longClosed {
			until = c.budget.closedUntil()
		}
		switch closed := e.Kind == RateLimited || e.retryAfter > 0; {
		case closed || call != CallQueues: // no walk waits for the queue lookup
			c.incidents.wait(last, e, until)
			last = e
		case last != nil:
			c.incidents.open(last)
			last = nil
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// stayAway is for how long an answer that is not 200 asks to stay away; 0: it does not. A 429
// that does not say so means the rest of the API's minute.
func stayAway(resp *http.Response) time.Duration {
	after := retryAfter(resp.Header)
	if after == 0 && resp.StatusCode == http.StatusTooManyRequests {
		after = seconds(resp.Header.Get("inin-ratelimit-reset"))
	}
	return after
}

// retryAfter reads the header of that name: whole seconds, or a date. A date is
// taken against the server's own clock, as ours may be wrong.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	at, err := http.ParseTime(value)
	if err != nil {
		return seconds(value)
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(0, at.Sub(now)), longestAway)
}

// seconds reads a header in whole seconds; what cannot be read is 0.
func seconds(value string) time.Duration {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(min(n, int(longestAway/time.Second))) * time.Second
}

// sleep waits for d, or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"genesys-producer/genesys"
)

// trouble keeps what the client of a command waits for: commands end where the service
// would go on waiting, and have to say what for. It is safe for concurrent use.
type trouble struct {
	mu   sync.Mutex
	last *genesys.Error // nil: nothing
}

// observe is told by the client.
func (t *trouble) observe(i genesys.Incident) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case i.Err == nil: // it is of the clocks
	case i.Over:
		t.last = nil
	default:
		t.last = i.Err
	}
}

func (t *trouble) now() *genesys.Error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// isTimeout reports whether a step ended because its time was up. The budget knows early
// that its turn would come too late, and ends before the context does.
func isTimeout(bounded context.Context, err error) bool {
	return err != nil && (bounded.Err() != nil || errors.Is(err, context.DeadlineExceeded))
}

// between is the time from one request to the next at the pace of now.
func between(s genesys.State) time.Duration {
	return time.Duration(float64(time.Minute) / s.PerMinute)
}

// usedUpError says that no request could be sent within a command's patience, though there
// is nothing wrong with the API.
type usedUpError struct{ why, fix string }

func (e *usedUpError) Error() string { return e.why + "; " + e.fix }

// usedUp is why a step ran out of time where it was for the allowance; nil: it was for
// something else. unsent: its next request was not sent, and would have come too late.
func (t *trouble) usedUp(s genesys.State, unsent bool, cfg config, command string) *usedUpError {
	last := t.now()
	limited := last != nil && last.Kind == genesys.RateLimited
	until := s.ClosedUntil
	switch {
	case last != nil && !limited:
		return nil
	case !until.IsZero() || limited:
	case unsent && s.PerMinute < 0.99*genesys.Share*float64(cfg.RequestsPerMinute): // slowed down by the API's count
		until = time.Now().Add(between(s))
	case unsent:
		return &usedUpError{fmt.Sprintf("GENESYS_REQUESTS_PER_MINUTE=%d lets a request be sent every %v only, which is longer than %s waits", cfg.RequestsPerMinute, between(s).Round(time.Second), command),
			"set it to what the vendor allows the client, if that is more; the service runs with it, slowly"}
	default:
		return nil
	}
	why, again := "the allowance of requests is used up", "in a minute"
	if !until.IsZero() {
		why, again = why+" until "+instant(until.Add(time.Second).Truncate(time.Second)), "then"
	}
	return &usedUpError{why + ", by another user of the client or by the service itself",
		fmt.Sprintf("run %s again %s. If it lasts, give each user a client of its own", command, again)}
}

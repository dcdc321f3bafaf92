package broker

import (
	"context"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v4"

	"genesys-producer/producer"
)

const (
	firstWait   = 100 * time.Millisecond // an election takes no longer, as a rule
	longestWait = 5 * time.Second
)

// Ladder is how what brokers do not do at once is tried again. All that a process asks
// of them shares one, so that an outage is one incident in the log. It is safe for
// concurrent use.
type Ladder struct {
	outage *producer.Incident
}

// NewLadder makes a ladder that tells of outages.
func NewLadder(log *slog.Logger) *Ladder {
	return &Ladder{producer.NewIncident(log, slog.LevelWarn,
		"kafka: waiting until publishing is possible", "kafka: publishing goes on")}
}

// Outage is the incident in which brokers are away.
func (l *Ladder) Outage() *producer.Incident { return l.outage }

// Until makes an attempt, each within a bound, until it succeeds, is refused for good, or
// the context ends. What it returns then is the last attempt's error.
func (l *Ladder) Until(ctx context.Context, bound time.Duration, attempt func(context.Context) error) (failure error) {
	waits := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(firstWait), backoff.WithMaxInterval(longestWait), backoff.WithMaxElapsedTime(0))
	waiting := false
	for {
		bounded, cancel := context.WithTimeout(ctx, bound)
		err := attempt(bounded)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil || Final(err):
			return Explain(err)
		case !waiting:
			waiting = true
			l.outage.Begin(Explain(err))
			defer func() { l.outage.End(failure == nil) }()
		default:
			l.outage.Again(Explain(err))
		}
		select {
		case <-time.After(min(waits.NextBackOff(), longestWait)):
		case <-ctx.Done():
			return Explain(err)
		}
	}
}

package producer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v4"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// Committer makes a page and the position that follows it durable.
type Committer interface {
	// Commit publishes the page's records and stores the position that follows
	// them. It returns nil only when both are durable, and says how many records
	// it did not publish because a later read of the conversation was published
	// already.
	Commit(ctx context.Context, page *genesys.Page, next checkpoint.Position) (superseded int, err error)
}

// Publisher writes messages to the topic.
type Publisher interface {
	// Publish returns nil only when all in-sync replicas have acknowledged every
	// message. Messages of one key keep their order. An outage is waited for as
	// long as the context lives.
	Publish(ctx context.Context, messages []Message) error
}

// Store keeps positions.
type Store interface {
	Load(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error)
	Save(ctx context.Context, key checkpoint.Key, p checkpoint.Position) error
}

// AtLeastOnce commits by publishing first and storing after. All walks of a
// process commit through one AtLeastOnce, which is what invariant 7 rests on. It
// is safe for concurrent use.
type AtLeastOnce struct {
	publisher Publisher
	store     Store
	name      string
	log       *slog.Logger

	turn   chan struct{} // holds one value from the judgement of a page to its last ack
	latest *latest       // whoever has the turn reads and writes it

	unstored unstored
}

// NewAtLeastOnce makes a committer. name is the program's name and version, for
// the messages' headers.
func NewAtLeastOnce(publisher Publisher, store Store, name string, log *slog.Logger) *AtLeastOnce {
	return &AtLeastOnce{publisher: publisher, store: store, name: name, log: log,
		turn: make(chan struct{}, 1), latest: newLatest(remembered)}
}

// Commit implements [Committer].
func (c *AtLeastOnce) Commit(ctx context.Context, page *genesys.Page, next checkpoint.Position) (int, error) {
	superseded, err := c.publish(ctx, page, next)
	if err != nil {
		return superseded, fmt.Errorf("publish: %w", err)
	}
	// Only here is the page completed (invariants 1 and 2).
	return superseded, c.save(ctx, next)
}

// publish publishes what is not superseded, one page of the process at a time:
// between the judgement of a version and its ack no other may overtake it.
func (c *AtLeastOnce) publish(ctx context.Context, page *genesys.Page, next checkpoint.Position) (superseded int, err error) {
	if len(page.Records) == 0 {
		return 0, nil
	}
	fresh := messages(page, next, c.name) // hashed before the turn: other walks publish meanwhile
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if !c.latest.judgeable(page.SentAt) {
		return 0, errStale
	}
	fresh = slices.DeleteFunc(fresh, func(m Message) bool { return c.latest.superseded(m.Key, page.SentAt) })
	superseded = len(page.Records) - len(fresh)
	if len(fresh) == 0 {
		return superseded, nil
	}
	if err := c.publisher.Publish(ctx, fresh); err != nil {
		c.latest.forget(page.SentAt) // which of them reached the topic is not known
		return superseded, err
	}
	for _, m := range fresh {
		c.latest.remember(m.Key, page.SentAt)
	}
	return superseded, nil
}

// save stores the position until it is stored: what Kafka has is never published
// again only because a disk was full (invariant 2).
func (c *AtLeastOnce) save(ctx context.Context, next checkpoint.Position) (failure error) {
	waits := backoff.NewExponentialBackOff(backoff.WithMaxInterval(10*time.Second), backoff.WithMaxElapsedTime(0))
	waiting := false
	for {
		err := c.store.Save(ctx, liveKey(next.Query.Queue), next)
		switch {
		case err == nil:
			return nil
		case refused(err) || ctx.Err() != nil:
			return fmt.Errorf("checkpoint: %w", err)
		case !waiting:
			waiting = true
			c.unstored.begin(c.log, next.Query.Queue, err)
			defer func() { c.unstored.end(c.log, failure == nil) }()
		}
		if sleep(ctx, waits.NextBackOff()) != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
	}
}

// refused reports whether storing again is of no use: the position that is stored
// cannot be read (invariant 5), or this one may not follow it.
func refused(err error) bool {
	var reason checkpoint.Reason
	return errors.As(err, &reason) && reason != checkpoint.ErrUnwritable
}

func liveKey(queue string) checkpoint.Key {
	return checkpoint.Key{Queue: queue, Lane: checkpoint.Live}
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

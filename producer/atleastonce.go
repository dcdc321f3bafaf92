package producer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v4"

	"genesys-producer/checkpoint"
)

// Publisher writes messages to their topics.
type Publisher interface {
	// Publish returns once all in-sync replicas have acknowledged every message
	// but those that it returns: brokers refuse these for their size. Messages of
	// one key keep their order. An outage is waited for as long as the context
	// lives.
	Publish(ctx context.Context, messages []*Message) (refused []*Message, err error)
}

// Store keeps positions: a [checkpoint.Store], as far as the service needs it.
type Store interface {
	Load(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error)
	Take(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error)
	Release(key checkpoint.Key)
	Save(ctx context.Context, key checkpoint.Key, p checkpoint.Position, chunks ...checkpoint.Chunk) error
	Ledger(ctx context.Context, queue string, day checkpoint.Day) ([]byte, error)
	Forget(ctx context.Context, queue string, before checkpoint.Day) error
}

// AtLeastOnce commits by publishing first and storing after. It is safe for concurrent
// use.
type AtLeastOnce struct {
	turns
	publisher Publisher
	store     Store
	unstored  *Incident
}

// NewAtLeastOnce makes a committer.
func NewAtLeastOnce(publisher Publisher, store Store, m Messages) *AtLeastOnce {
	return &AtLeastOnce{turns: newTurns(m), publisher: publisher, store: store,
		unstored: NewIncident(m.Log, slog.LevelError,
			"checkpoint: waiting until positions can be stored; nothing is published again meanwhile",
			"checkpoint: positions are stored again")}
}

// Unstored is the incident in which positions cannot be stored.
func (c *AtLeastOnce) Unstored() *Incident { return c.unstored }

// Commit implements [Committer].
func (c *AtLeastOnce) Commit(ctx context.Context, s *Sheet) (Outcome, error) {
	outcome, err := c.take(ctx, s, func(messages []*Message) error { return c.publish(ctx, messages) })
	if err != nil {
		return outcome, err
	}
	// Only here is the page completed (invariants 1 and 2), and is the ledger told.
	next, chunks := s.next()
	if err := c.Save(ctx, s.key, next, chunks...); err != nil {
		return outcome, err
	}
	s.stored(next, chunks)
	return outcome, nil
}

// Attest implements [Committer].
func (c *AtLeastOnce) Attest(ctx context.Context, key checkpoint.Key, attestation *Message, closed checkpoint.Position) error {
	refused, err := c.publisher.Publish(ctx, []*Message{attestation})
	if err != nil || len(refused) > 0 {
		return notAttested(attestation, err)
	}
	return c.Save(ctx, key, closed)
}

// publish publishes the messages, and what is refused for its size as dead letters.
func (c *AtLeastOnce) publish(ctx context.Context, messages []*Message) error {
	for len(messages) > 0 {
		refused, err := c.publisher.Publish(ctx, messages)
		if err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		if err := c.buryAll(refused); err != nil {
			return err
		}
		messages = refused
	}
	return nil
}

// Save implements [Committer]. It stores the position until it is stored: what Kafka has
// is never published again only because a disk was full (invariant 2).
func (c *AtLeastOnce) Save(ctx context.Context, key checkpoint.Key, next checkpoint.Position, chunks ...checkpoint.Chunk) (failure error) {
	waits := backoff.NewExponentialBackOff(backoff.WithMaxInterval(10*time.Second), backoff.WithMaxElapsedTime(0))
	waiting := false
	for {
		err := c.store.Save(ctx, key, next, chunks...)
		switch {
		case err == nil:
			return nil
		case hopeless(err) || ctx.Err() != nil:
			return err
		case !waiting:
			waiting = true
			c.unstored.Begin(err, "queue", key.Queue, "lane", key.Lane)
			defer func() { c.unstored.End(failure == nil) }()
		default:
			c.unstored.Again(err)
		}
		if sleep(ctx, waits.NextBackOff()) != nil {
			return err
		}
	}
}

// hopeless reports whether storing again is of no use: the position that is stored
// cannot be read (invariant 5), or this one may not follow it.
func hopeless(err error) bool {
	var reason checkpoint.Reason
	return errors.As(err, &reason) && reason != checkpoint.ErrUnwritable
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

package transact

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/broker"
)

// Forget implements [checkpoint.Store], by the writer of the queue's lane live: who was
// fenced deletes nothing. One that is lost leaves ledgers that the next one deletes. The
// lane may be one that nobody walks now, and so nobody would release: what is opened for
// this alone is closed again.
func (s *Store) Forget(ctx context.Context, queue string, before checkpoint.Day) error {
	key := checkpoint.Key{Queue: queue, Lane: checkpoint.Live}
	op := fmt.Sprintf("forget ledgers of queue %s before %s", queue, before)
	if err := s.admitLedgers(ctx, op, ledgerID{queue, before}.validate()); err != nil {
		return err
	}
	s.ledgers.stale() // what was deleted earlier leaves the index when it is read on
	err := s.ledgers.begin(ctx)
	if err == nil {
		session := s.session(key)
		defer session.lock()()
		if session.client == nil {
			defer session.close()
		}
		err = session.persist(ctx, func(ctx context.Context) error { return session.forget(ctx, before) })
	}
	if err != nil {
		return fmt.Errorf("checkpoint: %s: %w", op, err)
	}
	return nil
}

func (s *session) forget(ctx context.Context, before checkpoint.Day) error {
	earlier := func() (days []checkpoint.Day, err error) {
		if err := s.store.ledgers.current(ctx); err != nil {
			return nil, err
		}
		days = s.store.ledgers.index.days(s.key.Queue)
		return slices.DeleteFunc(days, func(d checkpoint.Day) bool { return d >= before }), nil
	}
	if days, err := earlier(); err != nil || len(days) == 0 {
		return err
	}
	return s.twice(ctx, func() error {
		days, err := earlier()
		if err != nil || len(days) == 0 {
			return err
		}
		_, err = s.transact(ctx, writing{changes: s.store.ledgers.index.deletions(s.key.Queue, days)})
		return err
	})
}

// twice does something as the one that has the key. The second attempt tells whether it
// was lost.
func (s *session) twice(ctx context.Context, do func() error) error {
	for tries := 0; ; tries++ {
		err := s.ready(ctx)
		if err == nil {
			err = s.own()
		}
		if err == nil {
			err = do()
		}
		if tries > 0 || !broker.TransactionOver(err) {
			return err
		}
	}
}

// Rewind implements [checkpoint.Store]. The position that was stored stays in the topic,
// under a key of its own, which no position can have.
func (s *Store) Rewind(ctx context.Context, key checkpoint.Key, p checkpoint.Position) (former checkpoint.Position, err error) {
	if err := s.admit(ctx, "rewind "+key.String(), key.Validate()); err != nil {
		return former, err
	}
	text, err := checkpoint.Encode(s.config.Name, key, p)
	if err == nil && s.config.LedgerTopic != "" {
		err = s.ledgers.begin(ctx)
	}
	if err == nil {
		session := s.session(key)
		defer session.lock()()
		if err = session.take(ctx); err == nil {
			former, _, err = s.stored("rewind", key)
		}
		if from := s.entry(key).offset; err == nil {
			err = session.persist(ctx, func(ctx context.Context) error { return session.rewind(ctx, text, from) })
		}
	}
	if err != nil {
		return checkpoint.Position{}, fmt.Errorf("checkpoint: rewind %v: %w", key, err)
	}
	return former, nil
}

// rewind stores the position, unless an attempt before has: then the key has a record that
// it did not have at an offset.
func (s *session) rewind(ctx context.Context, text []byte, from int64) error {
	return s.twice(ctx, func() error {
		stored := s.store.entry(s.key)
		if s.settled(text) && stored.offset > from {
			return nil
		}
		w := writing{text: text}
		if len(stored.text) > 0 {
			w.kept = []*kgo.Record{{Topic: s.store.config.Topic, Key: []byte(s.store.formerKey(s.key, time.Now())), Value: stored.text}}
		}
		if s.store.config.LedgerTopic != "" {
			if err := s.store.ledgers.current(ctx); err != nil {
				return err
			}
			index := &s.store.ledgers.index
			w.changes = index.deletions(s.key.Queue, index.days(s.key.Queue))
		}
		_, err := s.transact(ctx, w)
		return err
	})
}

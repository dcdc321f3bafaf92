package status

import (
	"context"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
)

// What ends is a sign of life, with or without an error.
const (
	saysPublished = "messages were published, or given up"
	saysStored    = "an attempt at storing a position ended"
	saysLoaded    = "a position or a ledger was loaded"
)

// Publisher is p, measured.
func (b *Board) Publisher(p producer.Publisher) producer.Publisher { return publisher{b, p} }

type publisher struct {
	board *Board
	producer.Publisher
}

func (p publisher) Publish(ctx context.Context, messages []*producer.Message) ([]*producer.Message, error) {
	began := time.Now()
	refused, err := p.Publisher.Publish(ctx, messages)
	if !brokenOff(ctx, err) {
		p.board.metrics.published(messages, refused, time.Since(began), err)
	}
	p.board.ended(saysPublished)
	return refused, err
}

// Transactions is t, measured: each is a publish and a write of a checkpoint.
func (b *Board) Transactions(t producer.Transactions) producer.Transactions {
	return transactions{b, t}
}

type transactions struct {
	board *Board
	producer.Transactions
}

func (t transactions) Commit(ctx context.Context, key checkpoint.Key, messages []*producer.Message, next checkpoint.Position, chunks ...checkpoint.Chunk) ([]*producer.Message, error) {
	began := time.Now()
	refused, err := t.Transactions.Commit(ctx, key, messages, next, chunks...)
	m, took := t.board.metrics, time.Since(began)
	switch {
	case brokenOff(ctx, err):
	case len(messages) == 0:
		m.writeTook.Observe(took.Seconds())
	case len(refused) > 0:
		m.published(nil, nil, took, err) // then nothing was written
	default:
		m.published(messages, nil, took, err)
	}
	if len(refused) == 0 && !brokenOff(ctx, err) && !producer.Parks(err) { // a message's fault is none of the store's
		m.written(err)
	}
	t.board.ended(saysPublished)
	return refused, err
}

// Store is s, measured. What s can do beside being a store, such as transactions, it cannot.
func (b *Board) Store(s checkpoint.Store) checkpoint.Store { return store{b, s} }

type store struct {
	board *Board
	checkpoint.Store
}

func (s store) Save(ctx context.Context, key checkpoint.Key, p checkpoint.Position, chunks ...checkpoint.Chunk) error {
	began := time.Now()
	err := s.Store.Save(ctx, key, p, chunks...)
	if !brokenOff(ctx, err) {
		s.board.metrics.writeTook.Observe(time.Since(began).Seconds())
		s.board.metrics.written(err)
	}
	s.board.ended(saysStored)
	return err
}

func (s store) Load(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	defer s.board.ended(saysLoaded)
	return s.Store.Load(ctx, key)
}

func (s store) Take(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	defer s.board.ended(saysLoaded)
	return s.Store.Take(ctx, key)
}

func (s store) Ledger(ctx context.Context, queue string, day checkpoint.Day) ([]byte, error) {
	defer s.board.ended(saysLoaded)
	return s.Store.Ledger(ctx, queue, day)
}

// brokenOff reports whether a call failed because it was told to stop: what came of it is
// not known, and it is counted as nothing.
func brokenOff(ctx context.Context, err error) bool { return err != nil && ctx.Err() != nil }

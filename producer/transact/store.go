package transact

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"sync"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/broker"
)

// StoreConfig is what a [Store] is made of. All fields are required but the last three. The
// last two are for messages that are committed with a position.
type StoreConfig struct {
	Config
	Topic           string // of the positions: compacted, with one partition
	Name            string // the checkpoint name
	LedgerTopic     string // of the ledgers: compacted; empty: none can be stored
	Compression     string // none, gzip, snappy, lz4 or zstd; empty: none
	MaxMessageBytes int    // the most that a batch carries, before compression; 0: a million
}

// Store keeps the positions of one checkpoint name in a topic, and its ledgers in another.
// It implements [checkpoint.Store] and [producer.Transactions], and is safe for concurrent
// use.
type Store struct {
	config   StoreConfig
	instance string // tells this store's records from those of another process
	ends     broker.Ends
	ledgers  *ledgers

	reading chan struct{} // holds one value while tail is read
	tail    *tail         // nil: not connected yet

	mu       sync.Mutex // guards what follows
	entries  map[checkpoint.Key]entry
	names    map[string]bool // other checkpoint names that the topic has
	sessions map[checkpoint.Key]*session
	begun    bool // the topic was read
	closed   bool
}

var (
	_ checkpoint.Store      = (*Store)(nil)
	_ producer.Transactions = (*Store)(nil)
)

// NewStore makes a store. It does not connect yet.
func NewStore(c StoreConfig) (*Store, error) {
	if err := checkpoint.ValidateName(c.Name); err != nil {
		return nil, fmt.Errorf("checkpoint: open: %w", err)
	}
	c.MaxMessageBytes = cmp.Or(c.MaxMessageBytes, 1_000_000)
	s := &Store{config: c, instance: rand.Text(), reading: make(chan struct{}, 1),
		entries: map[checkpoint.Key]entry{}, names: map[string]bool{}, sessions: map[checkpoint.Key]*session{}}
	s.ledgers = newLedgers(s)
	return s, nil
}

// Load implements [checkpoint.Store]. What another process has committed since this
// store last read on is not seen.
func (s *Store) Load(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	if err := s.admit(ctx, "load "+key.String(), key.Validate()); err != nil {
		return checkpoint.Position{}, false, err
	}
	if err := s.begin(ctx); err != nil {
		return checkpoint.Position{}, false, fmt.Errorf("checkpoint: load %v: %w", key, err)
	}
	return s.stored("load", key)
}

// Take implements [checkpoint.Store]: it ends whatever transaction of the key is open,
// and has the brokers refuse all that its former writer may still send.
func (s *Store) Take(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	if err := s.admit(ctx, "take "+key.String(), key.Validate()); err != nil {
		return checkpoint.Position{}, false, err
	}
	session := s.session(key)
	defer session.lock()()
	if err := session.take(ctx); err != nil {
		return checkpoint.Position{}, false, fmt.Errorf("checkpoint: take %v: %w", key, err)
	}
	return s.stored("take", key)
}

// Release implements [checkpoint.Store].
func (s *Store) Release(key checkpoint.Key) {
	s.mu.Lock()
	session := s.sessions[key]
	s.mu.Unlock()
	if session != nil {
		defer session.lock()()
		session.close()
	}
}

// Save implements [checkpoint.Store]: position and chunks are one transaction.
func (s *Store) Save(ctx context.Context, key checkpoint.Key, p checkpoint.Position, chunks ...checkpoint.Chunk) error {
	if _, err := s.Commit(ctx, key, nil, p, chunks...); err != nil {
		return fmt.Errorf("checkpoint: save: %w", err)
	}
	return nil
}

// Commit implements [producer.Transactions]. Chunks of one ledger must not be committed by
// both lanes of its queue at the same time.
func (s *Store) Commit(ctx context.Context, key checkpoint.Key, messages []*producer.Message, next checkpoint.Position, chunks ...checkpoint.Chunk) (refused []*producer.Message, err error) {
	if err := s.admit(ctx, "save "+key.String(), key.Validate()); err != nil {
		return nil, err
	}
	if len(chunks) > 0 {
		if err := s.admitLedgers(ctx, "save "+key.String(), validateChunks(key.Queue, chunks)); err != nil {
			return nil, err
		}
	}
	text, err := checkpoint.Encode(s.config.Name, key, next)
	if err != nil {
		return nil, fmt.Errorf("commit %v: %w", key, err)
	}
	if len(chunks) > 0 {
		err = s.ledgers.begin(ctx)
	}
	if err == nil {
		session := s.session(key)
		defer session.lock()()
		err = session.persist(ctx, func(ctx context.Context) error {
			refused, err = session.commit(ctx, page{messages, chunks, next, text})
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("commit %v: %w", key, err)
	}
	return refused, nil
}

// Keys implements [checkpoint.Store].
func (s *Store) Keys(ctx context.Context) ([]checkpoint.Key, error) {
	if err := s.admit(ctx, "list", nil); err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, fmt.Errorf("checkpoint: list: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []checkpoint.Key
	for key, e := range s.entries {
		if len(e.text) > 0 {
			keys = append(keys, key)
		}
	}
	checkpoint.SortKeys(keys)
	return keys, nil
}

// Close implements [checkpoint.Store]. It must not run beside another call.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	for _, session := range s.sessions {
		session.close()
	}
	if s.tail != nil {
		s.tail.client.Close()
	}
	if s.ledgers.client != nil {
		s.ledgers.client.Close()
	}
	return nil
}

// admit refuses a call before anything is asked of brokers.
func (s *Store) admit(ctx context.Context, op string, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
	case ctx.Err() != nil:
		err = ctx.Err()
	case s.closed:
		err = checkpoint.ErrClosed
	default:
		return nil
	}
	return fmt.Errorf("checkpoint: %s: %w", op, err)
}

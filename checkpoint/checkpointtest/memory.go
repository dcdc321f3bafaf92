package checkpointtest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"genesys-producer/checkpoint"
)

// Memory is a [checkpoint.Store] in memory. It keeps positions encoded, so
// that it refuses and returns exactly what a store on disk does.
//
// It is safe for concurrent use.
type Memory struct {
	mu      sync.Mutex
	stored  map[checkpoint.Key][]byte
	ledgers map[ledger][]byte
	closed  bool
}

// ledger says which one it is.
type ledger struct {
	queue string
	day   checkpoint.Day
}

var _ checkpoint.Store = (*Memory)(nil)

// name is the checkpoint name under which Memory encodes.
const name = "memory"

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{stored: make(map[checkpoint.Key][]byte), ledgers: make(map[ledger][]byte)}
}

// Load returns the position last saved under key.
func (m *Memory) Load(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok, err := m.load(ctx, key)
	if err != nil {
		return checkpoint.Position{}, false, fmt.Errorf("checkpoint: load %v: %w", key, err)
	}
	return p, ok, nil
}

// Take is Load: a Memory that is open has no other writer.
func (m *Memory) Take(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	return m.Load(ctx, key)
}

// Release does nothing.
func (m *Memory) Release(checkpoint.Key) {}

// Keys returns the keys that have a position.
func (m *Memory) Keys(ctx context.Context) ([]checkpoint.Key, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case m.closed:
		return nil, checkpoint.ErrClosed
	}
	keys := slices.Collect(maps.Keys(m.stored))
	checkpoint.SortKeys(keys)
	return keys, nil
}

// Ledger returns a copy of what was saved of the ledger.
func (m *Memory) Ledger(ctx context.Context, queue string, day checkpoint.Day) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.admitDay(ctx, queue, day); err != nil {
		return nil, fmt.Errorf("checkpoint: ledger: %w", err)
	}
	return bytes.Clone(m.ledgers[ledger{queue, day}]), nil
}

// Forget deletes the ledgers of the queue's earlier days.
func (m *Memory) Forget(ctx context.Context, queue string, before checkpoint.Day) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.admitDay(ctx, queue, before); err != nil {
		return fmt.Errorf("checkpoint: forget: %w", err)
	}
	maps.DeleteFunc(m.ledgers, func(l ledger, _ []byte) bool { return l.queue == queue && l.day < before })
	return nil
}

// Rewind stores p under key, wherever it lies, and deletes the ledgers of the queue.
func (m *Memory) Rewind(ctx context.Context, key checkpoint.Key, p checkpoint.Position) (former checkpoint.Position, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	former, _, err = m.load(ctx, key)
	if err != nil {
		return checkpoint.Position{}, fmt.Errorf("checkpoint: rewind %v: %w", key, err)
	}
	text, err := checkpoint.Encode(name, key, p)
	if err != nil {
		return checkpoint.Position{}, fmt.Errorf("checkpoint: rewind %v: %w", key, err)
	}
	maps.DeleteFunc(m.ledgers, func(l ledger, _ []byte) bool { return l.queue == key.Queue })
	m.stored[key] = text
	return former, nil
}

// Save stores p under key, and the chunks with it.
func (m *Memory) Save(ctx context.Context, key checkpoint.Key, p checkpoint.Position, chunks ...checkpoint.Chunk) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	stored, ok, err := m.load(ctx, key)
	if err != nil {
		return fmt.Errorf("checkpoint: save %v: %w", key, err)
	}
	text, err := checkpoint.Encode(name, key, p)
	if err != nil {
		return fmt.Errorf("checkpoint: save %v: %w", key, err)
	}
	if ok {
		if err := checkpoint.MayFollow(key, stored, p); err != nil {
			return err
		}
	}
	changed := make(map[ledger][]byte, len(chunks))
	for _, c := range chunks {
		l := ledger{key.Queue, c.Day}
		old, ok := changed[l]
		if !ok {
			old = m.ledgers[l]
		}
		if err := c.Validate(); err != nil {
			return fmt.Errorf("checkpoint: save %v: %w", key, err)
		}
		if len(old) < c.Offset {
			return fmt.Errorf("checkpoint: save %v: ledger of %s: %w: it has %d bytes, and is to go on at %d",
				key, c.Day, checkpoint.ErrDamaged, len(old), c.Offset)
		}
		changed[l] = append(old[:c.Offset:c.Offset], c.Text...)
	}
	maps.Copy(m.ledgers, changed)
	m.stored[key] = text
	return nil
}

// Close ends the use of the store; what it holds can be had with [Memory.Reopen].
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// Reopen closes m and returns a store that holds what m holds: the world
// after a restart.
func (m *Memory) Reopen() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	next := NewMemory()
	maps.Copy(next.stored, m.stored)
	maps.Copy(next.ledgers, m.ledgers)
	return next
}

// admit refuses a call; m.mu is held.
func (m *Memory) admit(ctx context.Context, key checkpoint.Key) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.closed {
		return checkpoint.ErrClosed
	}
	return key.Validate()
}

// admitDay refuses a call about ledgers; m.mu is held.
func (m *Memory) admitDay(ctx context.Context, queue string, day checkpoint.Day) error {
	if err := m.admit(ctx, live(queue)); err != nil {
		return err
	}
	return day.Validate()
}

// load returns the position stored under key; m.mu is held.
func (m *Memory) load(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	if err := m.admit(ctx, key); err != nil {
		return checkpoint.Position{}, false, err
	}
	text, ok := m.stored[key]
	if !ok {
		return checkpoint.Position{}, false, nil
	}
	p, err := checkpoint.Decode(name, key, text)
	return p, err == nil, err
}

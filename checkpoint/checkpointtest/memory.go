package checkpointtest

import (
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
	mu     sync.Mutex
	stored map[checkpoint.Key][]byte
	closed bool
}

var _ checkpoint.Store = (*Memory)(nil)

// name is the checkpoint name under which Memory encodes.
const name = "memory"

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{stored: make(map[checkpoint.Key][]byte)}
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

// Save stores p under key.
func (m *Memory) Save(ctx context.Context, key checkpoint.Key, p checkpoint.Position) error {
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
	for key, text := range m.stored {
		next.stored[key] = text
	}
	return next
}

// load returns the position stored under key; m.mu is held.
func (m *Memory) load(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	if err := ctx.Err(); err != nil {
		return checkpoint.Position{}, false, err
	}
	if m.closed {
		return checkpoint.Position{}, false, checkpoint.ErrClosed
	}
	if err := key.Validate(); err != nil {
		return checkpoint.Position{}, false, err
	}
	text, ok := m.stored[key]
	if !ok {
		return checkpoint.Position{}, false, nil
	}
	p, err := checkpoint.Decode(name, key, text)
	return p, err == nil, err
}

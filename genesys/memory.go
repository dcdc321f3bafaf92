package genesys

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// bytesInFlight bounds the pages of all walks that are asked for or not yet
// committed. It is a working size, not a limit on a page: a larger page is read
// too, while it is the only one.
const bytesInFlight = 32 << 20

// firstGuess is the size reserved for a page before any has been seen: a page of
// 100 records of 10 KB.
const firstGuess = 1 << 20

// memory bounds the bytes in flight of the whole process. Before a page is asked
// for, the size of the last page that was read is reserved for it.
//
// It cannot deadlock: the pages of a walk reserve in the order in which they are
// committed, so whoever holds memory holds it for the page that is committed next.
type memory struct {
	free  *semaphore.Weighted
	bound int64
	last  atomic.Int64
}

func newMemory(bound int64) *memory {
	m := &memory{free: semaphore.NewWeighted(bound), bound: bound}
	m.last.Store(firstGuess)
	return m
}

func (m *memory) reserve(ctx context.Context) (*reservation, error) {
	n := m.guess()
	return &reservation{m, n}, m.free.Acquire(ctx, n)
}

func (m *memory) tryReserve() (*reservation, bool) {
	n := m.guess()
	return &reservation{m, n}, m.free.TryAcquire(n)
}

func (m *memory) guess() int64 { return min(m.last.Load(), m.bound) }

type reservation struct {
	memory *memory
	held   int64
}

// settle makes the reservation fit the page that was read. What a page is larger
// than its reservation is taken if it is free, and owed otherwise: a page that has
// been read is never waited for.
func (r *reservation) settle(size int64) {
	// One small page, the last of some other walk, must not make room for many large ones.
	r.memory.last.Store(max(size, r.memory.last.Load()*7/8))
	switch size = min(size, r.memory.bound); {
	case size < r.held:
		r.memory.free.Release(r.held - size)
		r.held = size
	case size > r.held && r.memory.free.TryAcquire(size-r.held):
		r.held = size
	}
}

// release gives back what is held. A nil reservation holds nothing.
func (r *reservation) release() {
	if r != nil {
		r.memory.free.Release(r.held)
		r.held = 0
	}
}

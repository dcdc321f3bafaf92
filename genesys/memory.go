package genesys

import (
	"bytes"
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// bytesInFlight bounds the pages of all walks that are asked for or not yet
// committed. It is a working size, not a limit on a page: a larger page is read
// too, while it is the only one. It is enough for the allowance of 300 pages a minute
// at three seconds a page of 100 records of 10 KB.
const bytesInFlight = 16 << 20

// firstGuess is the size reserved for a page before any has been seen: a page of
// 100 records of 10 KB.
const firstGuess = 1 << 20

// grain is what the size of a buffer is a multiple of, so that what one page leaves
// is large enough for the next.
const grain = 256 << 10

// memory bounds the bytes in flight of the whole process. Before a page is asked
// for, the size of the last page that was read is reserved for it. What a page turns
// out to be larger is owed, and paid from what is given back before anybody else can
// reserve it.
//
// It cannot deadlock: the pages of a walk reserve in the order in which they are
// committed, so whoever holds memory holds it for the page that is committed next.
type memory struct {
	free  *semaphore.Weighted
	bound int64
	spare sync.Pool // of *bytes.Buffer: those of pages that nobody needs any more

	mu   sync.Mutex
	last int64 // size of the last page
	owed int64 // held beyond what was acquired
}

func newMemory(bound int64) *memory {
	return &memory{free: semaphore.NewWeighted(bound), bound: bound, last: firstGuess}
}

func (m *memory) reserve(ctx context.Context) (*reservation, error) {
	n := m.guess()
	return &reservation{memory: m, held: n}, m.free.Acquire(ctx, n)
}

func (m *memory) tryReserve() (*reservation, bool) {
	n := m.guess()
	return &reservation{memory: m, held: n}, m.free.TryAcquire(n)
}

func (m *memory) guess() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return min(m.last, m.bound)
}

// read notes the size of a page that was read, and what of it was not reserved.
func (m *memory) read(size, reserved int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// One small page, the last of some other walk, must not make room for many large ones.
	m.last = max(size, m.last*7/8)
	if more := size - reserved; more > 0 && !m.free.TryAcquire(more) {
		m.owed += more
	}
}

// giveBack pays what is owed first.
func (m *memory) giveBack(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	paid := min(n, m.owed)
	m.owed -= paid
	m.free.Release(n - paid)
}

// reservation is the memory of one page.
type reservation struct {
	memory *memory
	held   int64
	body   *bytes.Buffer // what the page was read into; nil: nothing yet
}

// buffer is an empty buffer to read a page of this size into. What an earlier attempt
// has read into it is gone.
func (r *reservation) buffer(size int64) *bytes.Buffer {
	if r.body == nil {
		r.body, _ = r.memory.spare.Get().(*bytes.Buffer)
	}
	if r.body == nil || int64(r.body.Cap()) < size {
		r.body = bytes.NewBuffer(make([]byte, 0, (size+grain-1)/grain*grain))
	}
	r.body.Reset()
	return r.body
}

// keep leaves the buffer to whoever may still read from it: whoever broke the loop off
// may have given a request up that it was sent on with, and that is not yet over.
func (r *reservation) keep() { r.body = nil }

// settle makes the reservation fit the page that was read, which is never waited for.
func (r *reservation) settle(size int64) {
	r.memory.read(size, r.held)
	if size < r.held {
		r.memory.giveBack(r.held - size)
	}
	r.held = size
}

// release gives back what is held.
func (r *reservation) release() {
	// One that is far too large for its page is left to the collector: nobody counts it.
	if r.body != nil && int64(r.body.Cap()) <= 2*(r.held+grain) {
		r.memory.spare.Put(r.body)
	}
	r.body = nil
	r.memory.giveBack(r.held)
	r.held = 0
}

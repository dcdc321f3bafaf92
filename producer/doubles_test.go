package producer_test

import (
	"context"
	"sync"
	"sync/atomic"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
)

// counting tells the process to stop once so many pages are committed.
type counting struct {
	producer.Committer
	left int
	stop func()
}

func (c *counting) Commit(ctx context.Context, s *producer.Sheet) (producer.Outcome, error) {
	n, err := c.Committer.Commit(ctx, s)
	if c.left--; c.left == 0 {
		c.stop()
	}
	return n, err
}

// failingLoad is a store whose positions cannot be read.
type failingLoad struct{ err error }

func (s failingLoad) Load(context.Context, checkpoint.Key) (checkpoint.Position, bool, error) {
	return checkpoint.Position{}, false, s.err
}

func (s failingLoad) Take(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	return s.Load(ctx, key)
}

func (s failingLoad) Release(checkpoint.Key) {}

func (s failingLoad) Save(context.Context, checkpoint.Key, checkpoint.Position, ...checkpoint.Chunk) error {
	return nil
}

func (s failingLoad) Ledger(context.Context, string, checkpoint.Day) ([]byte, error) {
	return nil, s.err
}

func (s failingLoad) Forget(context.Context, string, checkpoint.Day) error { return nil }

// stalling holds back the first page between its read and its publish, until it is
// let go.
type stalling struct {
	producer.Publisher
	first   atomic.Bool
	stalled chan struct{} // closed when the page is held
	let     chan struct{} // closed to let it go
}

func (s *stalling) Publish(ctx context.Context, messages []*producer.Message) ([]*producer.Message, error) {
	if s.first.CompareAndSwap(false, true) {
		close(s.stalled)
		<-s.let
	}
	return s.Publisher.Publish(ctx, messages)
}

// first remembers the queue that came first.
type first struct {
	mu    sync.Mutex
	queue string
}

// is reports whether it was this queue.
func (f *first) is(queue string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.queue == "" {
		f.queue = queue
	}
	return f.queue == queue
}

// commitsLast has the queue that came first commit after the other one has tried to.
func (f *first) commitsLast(inner producer.Committer) producer.Committer {
	tried := make(chan struct{})
	return committer{inner, func(ctx context.Context, s *producer.Sheet) (producer.Outcome, error) {
		if f.is(s.Queue()) {
			<-tried
			return inner.Commit(ctx, s)
		}
		defer close(tried)
		return inner.Commit(ctx, s)
	}}
}

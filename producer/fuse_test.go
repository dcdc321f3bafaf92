package producer_test

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/producer"
)

// errKilled is what a process sees after it was killed: nothing has an effect.
var errKilled = errors.New("the process was killed")

// fuse kills a process at its n-th step. A step is a moment before or after an
// effect on the world.
type fuse struct {
	mu    sync.Mutex
	left  int
	dead  bool
	last  string // the step at which it died
	kill  func()
	steps []string
}

// burn takes one step. A nil fuse never ends.
func (f *fuse) burn(step string) error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return errKilled
	}
	f.steps = append(f.steps, step)
	if f.left--; f.left == 0 {
		f.dead, f.last = true, step
		f.kill()
		return errKilled
	}
	return nil
}

func (f *fuse) hook(when string) func(string) error {
	return func(op string) error {
		if op == checkpointtest.Close {
			return nil
		}
		return f.burn(when + op)
	}
}

type fusedTransport struct {
	http.RoundTripper
	fuse *fuse
}

func (t fusedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.fuse.burn("before request"); err != nil {
		return nil, err
	}
	resp, err := t.RoundTripper.RoundTrip(r)
	if err == nil {
		if err := t.fuse.burn("after request"); err != nil {
			resp.Body.Close()
			return nil, err
		}
	}
	return resp, err
}

type fusedTransactions struct {
	producer.Transactions
	fuse *fuse
}

func (t fusedTransactions) Commit(ctx context.Context, key checkpoint.Key, messages []*producer.Message, next checkpoint.Position, chunks ...checkpoint.Chunk) ([]*producer.Message, error) {
	if err := t.fuse.burn("before commit"); err != nil {
		return nil, err
	}
	refused, err := t.Transactions.Commit(ctx, key, messages, next, chunks...)
	if err != nil {
		return nil, err
	}
	return refused, t.fuse.burn("after commit")
}

type fusedPublisher struct {
	producer.Publisher
	fuse *fuse
}

func (p fusedPublisher) Publish(ctx context.Context, messages []*producer.Message) ([]*producer.Message, error) {
	if err := p.fuse.burn("before publish"); err != nil {
		return nil, err
	}
	refused, err := p.Publisher.Publish(ctx, messages)
	if err != nil {
		return nil, err
	}
	return refused, p.fuse.burn("after ack")
}

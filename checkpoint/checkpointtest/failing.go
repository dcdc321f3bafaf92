package checkpointtest

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"genesys-producer/checkpoint"
)

// The calls of a store, as [Failing] names them to its hooks.
const (
	Load   = "load"
	Take   = "take"
	Save   = "save"
	Ledger = "ledger"
	Forget = "forget"
	Rewind = "rewind"
	Close  = "close"
)

// Failing is a [checkpoint.Store] that fails when it is told to. It is for
// tests that fail at the k-th call, for every k:
//
//	for k := 1; ; k++ {
//		store := &checkpointtest.Failing{Store: memory, After: checkpointtest.FailAt(k, err)}
//		... run, see what was lost or repeated ...
//		if !store.Failed() {
//			break // there is no k-th call
//		}
//	}
//
// Like every store it accepts a position again whose Save has failed, be it
// before or after it took effect.
//
// It is for concurrent use if its Store and its hooks are. Its fields may not
// change once it is in use.
type Failing struct {
	Store  checkpoint.Store
	Before func(op string) error // nil: never fails; its error replaces the call
	After  func(op string) error // nil: never fails; its error replaces the nil of a call that was done

	mu     sync.Mutex
	failed bool
	doubt  map[checkpoint.Key]saved // done, but reported as failed
}

// saved is what a Save was called with.
type saved struct {
	position checkpoint.Position
	chunks   []checkpoint.Chunk
}

var _ checkpoint.Store = (*Failing)(nil)

// FailAt returns a hook that returns err at its k-th call, and never else.
// k counts from 1; with ops, only these calls count. The hook is safe for
// concurrent use.
func FailAt(k int, err error, ops ...string) func(op string) error {
	return count(func(n int) bool { return n == k }, err, ops)
}

// FailFrom is FailAt for a store that stays away: it returns err at the k-th
// call and at every later one.
func FailFrom(k int, err error, ops ...string) func(op string) error {
	return count(func(n int) bool { return n >= k }, err, ops)
}

// Load loads from the store beneath.
func (f *Failing) Load(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	return f.read(ctx, Load, key, f.Store.Load)
}

// Take takes the key in the store beneath.
func (f *Failing) Take(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	return f.read(ctx, Take, key, f.Store.Take)
}

func (f *Failing) read(ctx context.Context, op string, key checkpoint.Key,
	do func(context.Context, checkpoint.Key) (checkpoint.Position, bool, error)) (checkpoint.Position, bool, error) {
	if err := f.hook(f.Before, op); err != nil {
		return checkpoint.Position{}, false, err
	}
	p, ok, err := do(ctx, key)
	if err == nil {
		err = f.hook(f.After, op)
	}
	if err != nil {
		return checkpoint.Position{}, false, err
	}
	return p, ok, nil
}

// Release releases the key in the store beneath.
func (f *Failing) Release(key checkpoint.Key) { f.Store.Release(key) }

// Keys returns the keys of the store beneath.
func (f *Failing) Keys(ctx context.Context) ([]checkpoint.Key, error) { return f.Store.Keys(ctx) }

// Save saves to the store beneath, but for a position that it has there
// already, with the same chunks, because only the report of its Save was a failure.
func (f *Failing) Save(ctx context.Context, key checkpoint.Key, p checkpoint.Position, chunks ...checkpoint.Chunk) error {
	if err := f.hook(f.Before, Save); err != nil {
		return err
	}
	if !f.done(key, p, chunks) {
		if err := f.Store.Save(ctx, key, p, chunks...); err != nil {
			return err
		}
	}
	err := f.hook(f.After, Save)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		delete(f.doubt, key)
		return nil
	}
	if f.doubt == nil {
		f.doubt = make(map[checkpoint.Key]saved)
	}
	f.doubt[key] = saved{p, copies(chunks)}
	return err
}

// Ledger reads from the store beneath.
func (f *Failing) Ledger(ctx context.Context, queue string, day checkpoint.Day) (text []byte, err error) {
	err = f.call(Ledger, func() error {
		text, err = f.Store.Ledger(ctx, queue, day)
		return err
	})
	if err != nil {
		return nil, err
	}
	return text, nil
}

// Forget forgets in the store beneath.
func (f *Failing) Forget(ctx context.Context, queue string, before checkpoint.Day) error {
	return f.call(Forget, func() error { return f.Store.Forget(ctx, queue, before) })
}

// Rewind rewinds the store beneath. Repeated after it was done, but reported as failed,
// it finds the position that the first call has stored.
func (f *Failing) Rewind(ctx context.Context, key checkpoint.Key, p checkpoint.Position) (former checkpoint.Position, err error) {
	err = f.call(Rewind, func() error {
		former, err = f.Store.Rewind(ctx, key, p)
		if err == nil {
			f.mu.Lock()
			delete(f.doubt, key)
			f.mu.Unlock()
		}
		return err
	})
	if err != nil {
		return checkpoint.Position{}, err
	}
	return former, nil
}

// Close closes the store beneath.
func (f *Failing) Close() error { return f.call(Close, f.Store.Close) }

// call does a call between its hooks.
func (f *Failing) call(op string, do func() error) error {
	if err := f.hook(f.Before, op); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return f.hook(f.After, op)
}

// Failed reports whether a hook has made a call fail.
func (f *Failing) Failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

// done reports whether the last Save under key stored p and the chunks but failed.
func (f *Failing) done(key checkpoint.Key, p checkpoint.Position, chunks []checkpoint.Chunk) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	last, ok := f.doubt[key]
	return ok && last.position == p && slices.EqualFunc(last.chunks, chunks, func(a, b checkpoint.Chunk) bool {
		return a.Day == b.Day && a.Offset == b.Offset && bytes.Equal(a.Text, b.Text)
	})
}

// copies returns copies of chunks, whose text the caller may use again.
func copies(chunks []checkpoint.Chunk) []checkpoint.Chunk {
	chunks = slices.Clone(chunks)
	for i := range chunks {
		chunks[i].Text = bytes.Clone(chunks[i].Text)
	}
	return chunks
}

// hook asks hook, if there is one, whether op fails.
func (f *Failing) hook(hook func(string) error, op string) error {
	if hook == nil {
		return nil
	}
	err := hook(op)
	if err != nil {
		f.mu.Lock()
		f.failed = true
		f.mu.Unlock()
	}
	return err
}

// count returns a hook that returns err at the calls of which fail says so.
func count(fail func(n int) bool, err error, ops []string) func(op string) error {
	var mu sync.Mutex
	n := 0
	return func(op string) error {
		if len(ops) > 0 && !slices.Contains(ops, op) {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		n++
		if fail(n) {
			return err
		}
		return nil
	}
}

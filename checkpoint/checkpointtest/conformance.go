package checkpointtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"genesys-producer/checkpoint"
)

// Opener opens an empty store of its own for a test. reopen closes the store
// that is open and opens another over the same state, as after a restart.
type Opener func(t *testing.T) (store checkpoint.Store, reopen func() checkpoint.Store)

// Conformance tests that the stores of open keep the promises of
// [checkpoint.Store]. It calls open once per subtest and closes what it
// leaves open.
func Conformance(t *testing.T, open Opener) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, opened)
	}{
		{"missing is no error", missing},
		{"every field comes back", everyField},
		{"times come back in UTC", timesInUTC},
		{"keys are independent", independent},
		{"keys are listed", listed},
		{"taking a key changes nothing", taken},
		{"positions only grow", onlyGrows},
		{"a walk keeps its query and destination", frozen},
		{"positions survive a restart", survives},
		{"ledgers grow, are cut back and are replaced", ledgersChange},
		{"ledgers are independent", ledgersIndependent},
		{"ledgers survive a restart", ledgersSurvive},
		{"a refused position changes no ledger", ledgersStay},
		{"a chunk that is not valid is refused", chunksRefused},
		{"a failed save may be repeated", repeated},
		{"old ledgers are forgotten", forgotten},
		{"rewinding moves back and deletes ledgers", rewound},
		{"rewinding refuses what is not valid", rewindRefuses},
		{"different keys may be saved at once", concurrent},
		{"a canceled call has no effect", canceled},
		{"what is not valid is refused", refused},
		{"a closed store says so", closed},
	} {
		t.Run(test.name, func(t *testing.T) {
			store, reopen := open(t)
			if store == nil || reopen == nil {
				t.Fatal("open returned no store or no reopen")
			}
			o := opened{Store: store, reopen: reopen}
			test.run(t, o)
			if err := store.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}

// opened is a store under test.
type opened struct {
	checkpoint.Store
	reopen func() checkpoint.Store
}

// live returns the key of the live lane of queue.
func live(queue string) checkpoint.Key {
	return checkpoint.Key{Queue: queue, Lane: checkpoint.Live}
}

func missing(t *testing.T, store opened) {
	for range 2 {
		wantNone(t, store, live("queue-1"))
	}
}

func independent(t *testing.T, store opened) {
	queues := []string{
		"3f2b8a52-7a2c-4f0e-9d1b-6f1f0c9b7e11", "3F2B8A52-7A2C-4F0E-9D1B-6F1F0C9B7E11", "queue", "queue.live", "queue-live",
		"queue.live.json", "lock", ".", "..", "../queue", "/", "/tmp", `\`, "%2e", "%2E", "a b", "a+b", "ü", "\x00", "\n", "con", "~", "*",
	}
	var keys []checkpoint.Key
	for _, queue := range queues {
		keys = append(keys, live(queue), checkpoint.Key{Queue: queue, Lane: checkpoint.Revisit}, checkpoint.Key{Queue: queue, Lane: "revisit-2"})
	}
	for i, key := range keys {
		wantNone(t, store, key)
		p := Sample(key)
		p.Page += i
		mustSave(t, store, key, p)
	}
	for i, key := range keys {
		want := Sample(key)
		want.Page += i
		wantStored(t, store, key, want)
	}
}

func listed(t *testing.T, store opened) {
	var want []checkpoint.Key
	for _, queue := range []string{"queue-2", "Queue-1", "queue.1", "ü/ä", "%41"} {
		for _, lane := range []checkpoint.Lane{checkpoint.Live, checkpoint.Revisit} {
			wantKeys(t, store, want)
			key := checkpoint.Key{Queue: queue, Lane: lane}
			mustSave(t, store, key, Sample(key))
			want = append(want, key)
			checkpoint.SortKeys(want)
		}
	}
	wantKeys(t, store, want)
	wantKeys(t, opened{Store: store.reopen()}, want)
}

func wantKeys(t *testing.T, store opened, want []checkpoint.Key) {
	t.Helper()
	if got, err := store.Keys(t.Context()); err != nil || !slices.Equal(got, want) {
		t.Errorf("keys %v, %v; want %v", got, err, want)
	}
}

func taken(t *testing.T, store opened) {
	key := live("queue-1")
	take := func(want checkpoint.Position, stored bool) {
		t.Helper()
		if got, ok, err := store.Take(t.Context(), key); got != want || ok != stored || err != nil {
			t.Errorf("take %v: %v, %v, %v; want %v", key, got, ok, err, want)
		}
	}
	take(checkpoint.Position{}, false)
	wantKeys(t, store, nil)
	for _, p := range Walk(key) {
		mustSave(t, store, key, p)
		take(p, true)
		store.Release(key)
		store.Release(key)
		wantStored(t, store, key, p)
		wantRefused(t, store, key, p, checkpoint.ErrNotAfter)
		take(p, true)
	}
	wantKeys(t, store, []checkpoint.Key{key})
}

func survives(t *testing.T, store opened) {
	key, other := live("queue-1"), live("queue-2")
	walk := Walk(key)
	var current checkpoint.Store = store
	for i, p := range walk {
		mustSave(t, current, key, p)
		current = store.reopen()
		wantStored(t, current, key, p)
		wantNone(t, current, other)
		wantRefused(t, current, key, walk[i/2], checkpoint.ErrNotAfter)
	}
	if err := current.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func concurrent(t *testing.T, store opened) {
	var group sync.WaitGroup
	for i := range 8 {
		key := live(fmt.Sprintf("queue-%d", i))
		group.Go(func() {
			for _, p := range Walk(key) {
				if err := store.Save(t.Context(), key, p); err != nil {
					t.Errorf("save %v %v: %v", key, p, err)
				}
				if q, ok, err := store.Load(t.Context(), key); err != nil || !ok || q != p {
					t.Errorf("load %v after save: %v, %v, %v; want %v", key, q, ok, err, p)
				}
			}
		})
	}
	group.Wait()
}

func canceled(t *testing.T, store opened) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	key := live("queue-1")
	walk := Walk(key)
	if err := store.Save(ctx, key, walk[0]); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled save: %v", err)
	}
	wantNone(t, store, key)
	mustSave(t, store, key, walk[0])
	if err := store.Save(ctx, key, walk[1]); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled save: %v", err)
	}
	wantStored(t, store, key, walk[0])
	if _, ok, err := store.Load(ctx, key); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("canceled load: %v, %v", ok, err)
	}
	if text, err := store.Ledger(ctx, key.Queue, today); len(text) > 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("canceled ledger: %q, %v", text, err)
	}
	if err := store.Forget(ctx, key.Queue, today); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled forget: %v", err)
	}
	if p, err := store.Rewind(ctx, key, walk[1]); !p.IsZero() || !errors.Is(err, context.Canceled) {
		t.Errorf("canceled rewind: %v, %v", p, err)
	}
	wantStored(t, store, key, walk[0])
	mustSave(t, store, key, walk[1])
	wantStored(t, store, key, walk[1])
}

func closed(t *testing.T, store opened) {
	key := live("queue-1")
	mustSave(t, store, key, Sample(key))
	for range 2 {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if _, ok, err := store.Load(t.Context(), key); ok || !errors.Is(err, checkpoint.ErrClosed) {
			t.Errorf("load from a closed store: %v, %v", ok, err)
		}
		if _, ok, err := store.Take(t.Context(), key); ok || !errors.Is(err, checkpoint.ErrClosed) {
			t.Errorf("take from a closed store: %v, %v", ok, err)
		}
		if keys, err := store.Keys(t.Context()); keys != nil || !errors.Is(err, checkpoint.ErrClosed) {
			t.Errorf("keys of a closed store: %v, %v", keys, err)
		}
		if text, err := store.Ledger(t.Context(), key.Queue, today); len(text) > 0 || !errors.Is(err, checkpoint.ErrClosed) {
			t.Errorf("ledger of a closed store: %q, %v", text, err)
		}
		if err := store.Forget(t.Context(), key.Queue, today); !errors.Is(err, checkpoint.ErrClosed) {
			t.Errorf("forget in a closed store: %v", err)
		}
		if p, err := store.Rewind(t.Context(), key, Sample(key)); !p.IsZero() || !errors.Is(err, checkpoint.ErrClosed) {
			t.Errorf("rewind of a closed store: %v, %v", p, err)
		}
		p := Sample(key)
		p.Page++
		if err := store.Save(t.Context(), key, p); !errors.Is(err, checkpoint.ErrClosed) {
			t.Errorf("save to a closed store: %v", err)
		}
	}
}

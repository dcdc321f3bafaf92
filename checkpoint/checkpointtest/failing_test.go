package checkpointtest_test

import (
	"errors"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

var _ checkpoint.Store = (*checkpointtest.Failing)(nil)

const errInjected = checkpoint.Reason("injected")

func TestFailingConformance(t *testing.T) {
	checkpointtest.Conformance(t, func(t *testing.T) (checkpoint.Store, func() checkpoint.Store) {
		memory, reopen := openMemory(t)
		return &checkpointtest.Failing{Store: memory}, func() checkpoint.Store {
			return &checkpointtest.Failing{Store: reopen()}
		}
	})
}

// A loop that stores every position of a walk, tries each again until it is
// stored, and goes on after a restart with what the store has, reaches the
// end whichever call fails, before or after its effect.
func TestFailingAtEveryCall(t *testing.T) {
	key := checkpoint.Key{Queue: "queue-1", Lane: checkpoint.Live}
	walk := checkpointtest.Walk(key)
	for k := 1; ; k++ {
		failed := false
		for _, after := range []bool{false, true} {
			memory := checkpointtest.NewMemory()
			store := &checkpointtest.Failing{Store: memory}
			if hook := checkpointtest.FailAt(k, errInjected); after {
				store.After = hook
			} else {
				store.Before = hook
			}
			tries := 0
			for _, p := range walk {
				for saved := false; !saved; tries++ {
					saved = store.Save(t.Context(), key, p) == nil
				}
			}
			got, ok, err := memory.Load(t.Context(), key)
			if err != nil || !ok || got != walk[len(walk)-1] {
				t.Fatalf("call %d, after %v: stored %v, %v, %v", k, after, got, ok, err)
			}
			if store.Failed() != (tries > len(walk)) {
				t.Fatalf("call %d: Failed %v after %d tries", k, store.Failed(), tries)
			}
			failed = failed || store.Failed()
		}
		if !failed {
			if k != len(walk)+1 {
				t.Errorf("%d calls could fail, want %d", k-1, len(walk))
			}
			return
		}
	}
}

func TestFailingBeforeAndAfterTheEffect(t *testing.T) {
	key := checkpoint.Key{Queue: "queue-1", Lane: checkpoint.Live}
	walk := checkpointtest.Walk(key)
	for _, test := range []struct {
		name   string
		store  *checkpointtest.Failing
		stored checkpoint.Position
	}{
		{"before", &checkpointtest.Failing{Before: checkpointtest.FailAt(2, errInjected, checkpointtest.Save)}, walk[0]},
		{"after", &checkpointtest.Failing{After: checkpointtest.FailAt(2, errInjected, checkpointtest.Save)}, walk[1]},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := test.store
			store.Store = checkpointtest.NewMemory()
			if err := store.Save(t.Context(), key, walk[0]); err != nil {
				t.Fatal(err)
			}
			if err := store.Save(t.Context(), key, walk[1]); !errors.Is(err, errInjected) {
				t.Errorf("second save: %v", err)
			}
			if p, _, err := store.Load(t.Context(), key); err != nil || p != test.stored {
				t.Errorf("stored %v, %v; want %v", p, err, test.stored)
			}
			if err := store.Save(t.Context(), key, walk[1]); err != nil {
				t.Errorf("the same save again: %v", err)
			}
			if err := store.Save(t.Context(), key, walk[1]); !errors.Is(err, checkpoint.ErrNotAfter) {
				t.Errorf("the same save after it succeeded: %v", err)
			}
		})
	}
}

func TestFailFromStaysAway(t *testing.T) {
	key := checkpoint.Key{Queue: "queue-1", Lane: checkpoint.Live}
	for name, store := range map[string]*checkpointtest.Failing{
		"before": {Before: checkpointtest.FailFrom(2, errInjected)},
		"after":  {After: checkpointtest.FailFrom(2, errInjected)},
	} {
		store.Store = checkpointtest.NewMemory()
		if _, _, err := store.Load(t.Context(), key); err != nil {
			t.Errorf("%s: first call: %v", name, err)
		}
		for range 3 {
			if _, _, err := store.Load(t.Context(), key); !errors.Is(err, errInjected) {
				t.Errorf("%s: load: %v", name, err)
			}
			if err := store.Save(t.Context(), key, checkpointtest.Sample(key)); !errors.Is(err, errInjected) {
				t.Errorf("%s: save: %v", name, err)
			}
		}
		if err := store.Close(); !errors.Is(err, errInjected) {
			t.Errorf("%s: close: %v", name, err)
		}
	}
}

// The calls about ledgers fail before or after their effect as the others do. A Save
// that was done but reported as failed may be repeated with its chunks, not with others.
func TestFailingWithLedgers(t *testing.T) {
	key := checkpoint.Key{Queue: "queue-1", Lane: checkpoint.Live}
	walk, day := checkpointtest.Walk(key), checkpoint.Day("2026-03-01")
	chunk := checkpoint.Chunk{Day: day, Text: []byte("one")}
	other := checkpoint.Chunk{Day: day, Text: []byte("two")}
	for _, after := range []bool{false, true} {
		store := &checkpointtest.Failing{Store: checkpointtest.NewMemory()}
		failing := ""
		hook := func(op string) error {
			if op == failing {
				return errInjected
			}
			return nil
		}
		if after {
			store.After = hook
		} else {
			store.Before = hook
		}
		call := map[string]func() error{
			checkpointtest.Save:   func() error { return store.Save(t.Context(), key, walk[1], chunk) },
			checkpointtest.Ledger: func() error { _, err := store.Ledger(t.Context(), key.Queue, day); return err },
			checkpointtest.Forget: func() error { return store.Forget(t.Context(), key.Queue, "2026-03-02") },
			checkpointtest.Rewind: func() error { _, err := store.Rewind(t.Context(), key, walk[0]); return err },
		}
		for _, step := range []struct{ op, before, done string }{
			{checkpointtest.Save, "", "one"}, {checkpointtest.Ledger, "one", "one"}, {checkpointtest.Forget, "one", ""},
			{checkpointtest.Rewind, "", ""}, {checkpointtest.Save, "", "one"}, {checkpointtest.Rewind, "one", ""},
		} {
			failing = step.op
			want := step.before
			if after {
				want = step.done
			}
			for range 2 {
				if err := call[step.op](); !errors.Is(err, errInjected) {
					t.Errorf("%s, after %v: %v", step.op, after, err)
				}
				if text, err := store.Store.Ledger(t.Context(), key.Queue, day); err != nil || string(text) != want {
					t.Errorf("%s, after %v: ledger %q, %v; want %q", step.op, after, text, err, want)
				}
			}
			failing = ""
			if step.op == checkpointtest.Save && after {
				if err := store.Save(t.Context(), key, walk[1], other); !errors.Is(err, checkpoint.ErrNotAfter) {
					t.Errorf("the same position with another chunk: %v", err)
				}
			}
			if err := call[step.op](); err != nil {
				t.Errorf("%s again, after %v: %v", step.op, after, err)
			}
		}
		if !store.Failed() {
			t.Error("it did not notice that it failed")
		}
	}
}

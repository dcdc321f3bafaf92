package checkpoint_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

// rewindSteps returns the steps of a Rewind of a queue that has one ledger.
func rewindSteps() []string {
	return append([]string{
		"former create", "former write", "former fsync", "former close", "former rename", "former fsync directory",
		"ledger remove", "ledger fsync directory",
	}, steps()...)
}

// formers returns the content of the copies that were kept of the position of a key.
func formers(t *testing.T, store *checkpoint.Dir, k checkpoint.Key) (texts []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(store.File(k)))
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^` + regexp.QuoteMeta(filepath.Base(store.File(k))) + `\.\d{8}T\d{6}Z\.former$`)
	for _, entry := range entries {
		if !name.MatchString(entry.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(filepath.Dir(store.File(k)), entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

// What was stored is kept beside what is stored now, each time.
func TestRewindKeepsTheFormer(t *testing.T) {
	store := openDir(t, t.TempDir())
	k := checkpoint.Key{Queue: strings.Repeat("/", 64), Lane: checkpoint.Lane(strings.Repeat("l", 32))} // of the longest names
	walk := checkpointtest.Walk(k)
	var want []string
	if former, err := store.Rewind(t.Context(), k, walk[0]); err != nil || !former.IsZero() {
		t.Fatalf("of nothing: %v, %v", former, err)
	}
	for i, p := range walk[1:] { // several within a second
		text, err := os.ReadFile(store.File(k))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, string(text))
		if former, err := store.Rewind(t.Context(), k, p); err != nil || former != walk[i] {
			t.Errorf("rewind: %v, %v; want %v", former, err, walk[i])
		}
		if got := formers(t, store, k); !slices.Equal(got, want) {
			t.Fatalf("%d are kept, want %d", len(got), len(want))
		}
	}
	if keys, err := store.Keys(t.Context()); err != nil || !slices.Equal(keys, []checkpoint.Key{k}) {
		t.Errorf("keys %v, %v", keys, err)
	}
}

func TestRewindSteps(t *testing.T) {
	w := newLedgered(t)
	if err := w.store.Forget(t.Context(), key().Queue, march1); err != nil {
		t.Fatal(err)
	}
	var got []string
	w.store.SetBefore(func(step string) error { got = append(got, step); return nil })
	if _, err := w.store.Rewind(t.Context(), key(), w.old); err != nil {
		t.Error(err)
	}
	if !slices.Equal(got, rewindSteps()) {
		t.Errorf("steps %q, the tests know %q", got, rewindSteps())
	}
	if err := w.store.Close(); err != nil {
		t.Error(err)
	}
}

// Each step of a Rewind fails in turn. The new position is never there with a ledger
// from before it, nor without a copy of the old one; the Rewind can be tried again.
func TestRewindFailsAtEveryStep(t *testing.T) {
	for k, failing := range rewindSteps() {
		t.Run(failing, func(t *testing.T) {
			w := newLedgered(t)
			if err := w.store.Forget(t.Context(), key().Queue, march1); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(w.store.File(key()))
			if err != nil {
				t.Fatal(err)
			}
			to := checkpointtest.Walk(key())[0]
			w.stopAt(k, func() error { return syscall.ENOSPC })
			if former, err := w.store.Rewind(t.Context(), key(), to); !former.IsZero() || !errors.Is(err, checkpoint.ErrUnwritable) ||
				!errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), failing+": ") {
				t.Errorf("rewind: %v, %v", former, err)
			}
			w.store.SetBefore(nil)
			want := w.old
			if k > slices.Index(rewindSteps(), "rename") {
				want = to
			}
			if p, ok, err := w.store.Load(t.Context(), key()); err != nil || !ok || p != want {
				t.Errorf("stored %v, %v, %v; want %v", p, ok, err, want)
			}
			text, err := w.store.Ledger(t.Context(), key().Queue, march1)
			if err != nil || len(text) > 0 != (k <= slices.Index(rewindSteps(), "ledger remove")) {
				t.Errorf("ledger of %d bytes, %v", len(text), err)
			}
			if former, err := w.store.Rewind(t.Context(), key(), to); err != nil || former != want {
				t.Errorf("again: %v, %v; want %v", former, err, want)
			}
			if !slices.Contains(formers(t, w.store, key()), string(before)) {
				t.Error("no copy of the old position is kept")
			}
			if err := w.store.Close(); err != nil {
				t.Error(err)
			}
			expect(t, w.dir, to)
		})
	}
}

// What cannot be read is not moved, and its ledgers stay.
func TestRewindOfWhatCannotBeRead(t *testing.T) {
	w := newLedgered(t)
	if err := os.WriteFile(w.store.File(key()), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if former, err := w.store.Rewind(t.Context(), key(), w.old); !former.IsZero() || !errors.Is(err, checkpoint.ErrDamaged) {
		t.Errorf("rewind: %v, %v", former, err)
	}
	if text, err := w.store.Ledger(t.Context(), key().Queue, march1); err != nil || len(text) == 0 {
		t.Errorf("ledger: %q, %v", text, err)
	}
	if got := found(w.store.File(key())); !strings.HasSuffix(got, "{<nil>") || len(formers(t, w.store, key())) > 0 {
		t.Errorf("it is %s", got)
	}
	if err := w.store.Close(); err != nil {
		t.Error(err)
	}
}

// A Save that failed after it took effect may be repeated, but not behind a Rewind.
func TestRewindEndsTheDoubt(t *testing.T) {
	store := openDir(t, t.TempDir())
	p, _ := oldAndNew()
	store.SetBefore(func(step string) error {
		if step == "fsync directory" {
			return syscall.EIO
		}
		return nil
	})
	if err := store.Save(t.Context(), key(), p); !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	store.SetBefore(nil)
	if former, err := store.Rewind(t.Context(), key(), p); err != nil || former != p {
		t.Errorf("rewind: %v, %v", former, err)
	}
	if err := store.Save(t.Context(), key(), p); !errors.Is(err, checkpoint.ErrNotAfter) {
		t.Errorf("save: %v", err)
	}
}

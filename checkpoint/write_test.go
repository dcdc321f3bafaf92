package checkpoint_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

// steps returns the steps of a write, in their order.
func steps() []string {
	return []string{"create", "write", "fsync", "close", "rename", "fsync directory"}
}

// oldAndNew returns a position to be stored, and the one that follows it.
func oldAndNew() (old, next checkpoint.Position) {
	old = checkpointtest.Sample(key())
	next = old
	next.Page, next.Read = old.Page+1, old.Read+100
	return old, next
}

// expect checks that the position stored below dir, opened anew, is want,
// that no temporary file is left, and that the lane can go on from it.
func expect(t *testing.T, dir string, want checkpoint.Position) {
	t.Helper()
	store, err := checkpoint.OpenDir(dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	got, ok, err := store.Load(t.Context(), key())
	if err != nil || !ok || got != want {
		t.Errorf("stored %v, %v, %v; want %v", got, ok, err, want)
	}
	left, err := filepath.Glob(filepath.Join(dir, "default", "*.tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	want.Page++
	save(t, store, want)
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

func TestStepsAreThese(t *testing.T) {
	store := openDir(t, t.TempDir())
	var got []string
	store.SetBefore(func(step string) error { got = append(got, step); return nil })
	save(t, store, checkpointtest.Sample(key()))
	if !slices.Equal(got, steps()) {
		t.Errorf("steps %q, the tests know %q", got, steps())
	}
}

// Each step of a write fails in turn. The error names file and cause; the old
// or the new position is stored; the same save can be tried again.
func TestSaveFailsAtEveryStep(t *testing.T) {
	for k, failing := range steps() {
		t.Run(failing, func(t *testing.T) {
			dir := t.TempDir()
			store := openDir(t, dir)
			old, next := oldAndNew()
			save(t, store, old)
			store.SetBefore(func(step string) error {
				if step == failing {
					return syscall.ENOSPC
				}
				return nil
			})
			want := old
			if k > slices.Index(steps(), "rename") {
				want = next
			}
			for range 2 { // the second time, too, after a failure that took effect
				err := store.Save(t.Context(), key(), next)
				if !errors.Is(err, checkpoint.ErrUnwritable) || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), store.File(key())+": ") {
					t.Errorf("save: %v", err)
				}
				if p, ok, err := store.Load(t.Context(), key()); err != nil || !ok || p != want {
					t.Errorf("after the failure: %v, %v, %v; want %v", p, ok, err, want)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "default", "*.tmp")); len(left) > 0 {
				t.Errorf("left over: %v", left)
			}
			store.SetBefore(nil)
			save(t, store, next)
			for _, p := range []checkpoint.Position{old, next} {
				if err := store.Save(t.Context(), key(), p); !errors.Is(err, checkpoint.ErrNotAfter) {
					t.Errorf("save of %v after the retry: %v", p, err)
				}
			}
			if err := store.Close(); err != nil {
				t.Error(err)
			}
			expect(t, dir, next)
		})
	}
}

// The process ends ahead of each step in turn, so that everything up to there
// is on disk and nothing is tidied up.
func TestCrashAheadOfEveryStep(t *testing.T) {
	for k, last := range steps() {
		t.Run(last, func(t *testing.T) {
			dir := t.TempDir()
			store, err := checkpoint.OpenDir(dir, "default")
			if err != nil {
				t.Fatal(err)
			}
			old, next := oldAndNew()
			save(t, store, old)
			crash(t, store, last, next)
			want := old
			if k > slices.Index(steps(), "rename") {
				want = next
			}
			expect(t, dir, want)
		})
	}
}

// crash saves p up to the step named, where the process ends.
func crash(t *testing.T, store *checkpoint.Dir, last string, p checkpoint.Position) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Fatal("did not get to the step")
		}
		if err := store.Abandon(); err != nil {
			t.Fatal(err)
		}
	}()
	store.SetBefore(func(step string) error {
		if step == last {
			panic("crash")
		}
		return nil
	})
	_ = store.Save(t.Context(), key(), p)
}

// What a loss of power makes of a temporary file, be it cut at any length,
// has no effect on the position.
func TestTemporaryFileTornAtEveryByte(t *testing.T) {
	dir := t.TempDir()
	store, err := checkpoint.OpenDir(dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	old, next := oldAndNew()
	save(t, store, old)
	text := encode(t, next)
	for length := range len(text) + 1 {
		temporary := store.File(key()) + ".tmp"
		if err := os.WriteFile(temporary, text[:length], 0o600); err != nil {
			t.Fatal(err)
		}
		if p, ok, err := store.Load(t.Context(), key()); err != nil || !ok || p != old {
			t.Fatalf("cut at %d: %v, %v, %v", length, p, ok, err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		if store, err = checkpoint.OpenDir(dir, "default"); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(temporary); err == nil {
			t.Fatalf("cut at %d: the temporary file is left", length)
		}
	}
	if err := os.WriteFile(store.File(key())+".tmp", append(text, text...), 0o600); err != nil { // longer than what is written over it
		t.Fatal(err)
	}
	save(t, store, next)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, dir, next)
}

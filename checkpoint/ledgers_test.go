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
)

// day2 has a ledger that is replaced where that of march1 grows.
const day2 checkpoint.Day = "2026-02-28"

// stepsWithChunks returns the steps of a Save that replaces one ledger, makes another
// one longer, and stores the position.
func stepsWithChunks() []string {
	return append([]string{
		"ledger create", "ledger write", "ledger fsync", "ledger close", "ledger rename", "ledger fsync directory",
		"ledger open", "ledger write", "ledger truncate", "ledger fsync", "ledger close",
	}, steps()...)
}

// ledgered is a directory with a position and two ledgers, and a Save that is to follow.
type ledgered struct {
	dir       string
	store     *checkpoint.Dir
	old, next checkpoint.Position
	book      *book // of march1; its last frame is the one to be saved
	chunks    []checkpoint.Chunk
}

func newLedgered(t *testing.T) *ledgered {
	t.Helper()
	w := &ledgered{dir: t.TempDir(), book: newBook()}
	store, err := checkpoint.OpenDir(w.dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	w.store = store
	w.old, w.next = oldAndNew()
	first := w.book.write(t, window(0), 0, version("a", 1), version("b", 1))
	w.old.Ledgers[0] = w.book.last()
	if err := store.Save(t.Context(), key(), w.old, first, checkpoint.Chunk{Day: day2, Text: []byte("before")}); err != nil {
		t.Fatal(err)
	}
	// Of a page that was not completed, and longer than the next chunk.
	torn := append(slices.Clone(w.book.text), strings.Repeat("torn", 100)...)
	if err := os.WriteFile(store.LedgerFile(key().Queue, march1), torn, 0o600); err != nil {
		t.Fatal(err)
	}
	w.chunks = []checkpoint.Chunk{{Day: day2, Text: []byte("after")}, w.book.write(t, window(0), 0, version("c", 1), version("a", 2))}
	w.next.Ledgers[0] = w.book.last()
	return w
}

// check looks at what is stored after the Save has come as far as ahead of step k.
func (w *ledgered) check(t *testing.T, k int) {
	t.Helper()
	got, ok, err := w.store.Load(t.Context(), key())
	if err != nil || !ok || got != w.old && got != w.next {
		t.Fatalf("stored %v, %v, %v", got, ok, err)
	}
	if isNext := got == w.next; isNext != (k > slices.Index(stepsWithChunks(), "rename")) {
		t.Errorf("stored %v", got)
	}
	grown, err := w.store.Ledger(t.Context(), key().Queue, march1)
	if err != nil {
		t.Fatal(err)
	}
	if l := mustRead(t, grown, got.Ledgers[0], window(0)); l.Mark() != got.Ledgers[0] {
		t.Errorf("the ledger holds up to %+v, the position says %+v", l.Mark(), got.Ledgers[0])
	}
	replaced, err := w.store.Ledger(t.Context(), key().Queue, day2)
	if err != nil || string(replaced) != "after" && (got == w.next || string(replaced) != "before") {
		t.Errorf("with %v: the replaced ledger is %q, %v", got, replaced, err)
	}
	if got == w.next && string(grown) != string(w.book.text) {
		t.Errorf("with %v: the grown ledger is %q", got, grown)
	}
}

// again repeats the Save, and looks at all that is stored when it is done.
func (w *ledgered) again(t *testing.T) {
	t.Helper()
	if err := w.store.Save(t.Context(), key(), w.next, w.chunks...); err != nil {
		t.Fatalf("the same save again: %v", err)
	}
	w.check(t, len(stepsWithChunks()))
	if left, err := filepath.Glob(filepath.Join(w.dir, "default", "*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// stopAt makes stop take the place of the k-th step, counting from 0.
func (w *ledgered) stopAt(k int, stop func() error) {
	n := -1
	w.store.SetBefore(func(string) error {
		if n++; n == k {
			return stop()
		}
		return nil
	})
}

func TestStepsWithChunksAreThese(t *testing.T) {
	w := newLedgered(t)
	var got []string
	w.store.SetBefore(func(step string) error { got = append(got, step); return nil })
	w.again(t)
	if !slices.Equal(got, stepsWithChunks()) {
		t.Errorf("steps %q, the tests know %q", got, stepsWithChunks())
	}
	if err := w.store.Close(); err != nil {
		t.Error(err)
	}
}

// Each step fails in turn. Never is the position there without its ledgers; the old one
// has what it vouches for; the same Save can be tried again.
func TestSaveWithChunksFailsAtEveryStep(t *testing.T) {
	for k, failing := range stepsWithChunks() {
		t.Run(failing, func(t *testing.T) {
			w := newLedgered(t)
			for range 2 { // the second time, too
				w.stopAt(k, func() error { return syscall.ENOSPC })
				err := w.store.Save(t.Context(), key(), w.next, w.chunks...)
				if !errors.Is(err, checkpoint.ErrUnwritable) || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), failing+": ") {
					t.Errorf("save: %v", err)
				}
				w.check(t, k)
			}
			w.store.SetBefore(nil)
			w.again(t)
			if err := w.store.Close(); err != nil {
				t.Error(err)
			}
			expect(t, w.dir, w.next)
		})
	}
}

// The process ends ahead of each step in turn. A new one finds either position with its
// ledgers, and saves the next one if that is not there.
func TestCrashAheadOfEveryStepWithChunks(t *testing.T) {
	for k, last := range stepsWithChunks() {
		t.Run(last, func(t *testing.T) {
			w := newLedgered(t)
			func() {
				defer func() {
					if recover() == nil {
						t.Fatal("did not get to the step")
					}
				}()
				w.stopAt(k, func() error { panic("crash") })
				_ = w.store.Save(t.Context(), key(), w.next, w.chunks...)
			}()
			if err := w.store.Abandon(); err != nil {
				t.Fatal(err)
			}
			w.store = openDir(t, w.dir)
			w.check(t, k)
			if p, _, _ := w.store.Load(t.Context(), key()); p == w.old {
				w.again(t)
			}
			w.check(t, len(stepsWithChunks()))
		})
	}
}

// A chunk in place that is written up to any byte leaves what the old position says.
func TestChunkTornAtEveryByte(t *testing.T) {
	w := newLedgered(t)
	held, file := w.old.Ledgers[0].Length, w.store.LedgerFile(key().Queue, march1)
	for length := held; length < len(w.book.text); length++ {
		for _, rest := range []string{"", "torntorn"} {
			if err := os.WriteFile(file, append(slices.Clone(w.book.text[:length]), rest...), 0o600); err != nil {
				t.Fatal(err)
			}
			w.check(t, 0)
		}
	}
	w.again(t)
	if err := w.store.Close(); err != nil {
		t.Error(err)
	}
}

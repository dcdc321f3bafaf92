package checkpoint_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
)

// A ledger that is shorter than its position says is not filled up with zero bytes.
func TestChunkBehindTheEnd(t *testing.T) {
	store := openDir(t, t.TempDir())
	old, next := oldAndNew()
	save(t, store, old)
	for name, place := range map[string]func(file string) error{
		"missing":     func(string) error { return nil },
		"short":       func(file string) error { return os.WriteFile(file, []byte("12"), 0o600) },
		"a directory": func(file string) error { return errors.Join(os.Remove(file), os.Mkdir(file, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			file := store.LedgerFile(key().Queue, march1)
			_ = os.RemoveAll(file)
			if name == "a directory" {
				_ = os.WriteFile(file, nil, 0o600)
			}
			if err := place(file); err != nil {
				t.Fatal(err)
			}
			before := found(file)
			err := store.Save(t.Context(), key(), next, checkpoint.Chunk{Day: march1, Offset: 3, Text: []byte("x")})
			want := checkpoint.ErrDamaged
			if name == "a directory" {
				want = checkpoint.ErrUnreadable
				if _, err := store.Ledger(t.Context(), key().Queue, march1); !errors.Is(err, checkpoint.ErrUnreadable) {
					t.Errorf("ledger: %v", err)
				}
			}
			if !errors.Is(err, want) || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "nothing is lost") {
				t.Errorf("save: %v", err)
			}
			if after := found(file); after != before {
				t.Errorf("it was %s\nit is  %s", before, after)
			}
			if p, ok, err := store.Load(t.Context(), key()); err != nil || !ok || p != old {
				t.Errorf("stored %v, %v, %v", p, ok, err)
			}
		})
	}
}

// What a crash leaves of a ledger that is replaced is removed at the next open, and what
// is none of ours stays.
func TestOpenRemovesTemporaryLedgers(t *testing.T) {
	dir := t.TempDir()
	store, err := checkpoint.OpenDir(dir, "default")
	if err != nil {
		t.Fatal(err)
	}
	ledger := store.LedgerFile("../Queue", march1)
	if want := filepath.Join(dir, "default", "%2e%2e%2f%51ueue.2026-03-01.ledger"); ledger != want {
		t.Errorf("the file is %s, want %s", ledger, want)
	}
	kept := filepath.Join(dir, "default", "notes.tmp")
	for _, file := range []string{ledger, ledger + ".tmp", kept} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	openDir(t, dir)
	for file, want := range map[string]bool{ledger: true, ledger + ".tmp": false, kept: true} {
		if _, err := os.Lstat(file); (err == nil) != want {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// Files that only look like ledgers of the queue are not forgotten.
func TestForgetLeavesOtherFiles(t *testing.T) {
	store := openDir(t, t.TempDir())
	p, _ := oldAndNew()
	if err := store.Save(t.Context(), key(), p, checkpoint.Chunk{Day: day2, Text: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(store.File(key()))
	others := []string{
		key().Queue + ".2026-2-28.ledger", key().Queue + ".2026-02-28.ledger.bak", strings.ToUpper(key().Queue) + ".2026-02-28.ledger",
		"2026-02-28.ledger", ".2026-02-28.ledger", key().Queue + ".2026-02-28.json", "%zz.2026-02-28.ledger",
	}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Forget(t.Context(), key().Queue, march1); err != nil {
		t.Error(err)
	}
	for _, name := range others {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Lstat(store.LedgerFile(key().Queue, day2)); err == nil {
		t.Error("the ledger is not forgotten")
	}
	if q, ok, err := store.Load(t.Context(), key()); err != nil || !ok || q != p {
		t.Errorf("stored %v, %v, %v", q, ok, err)
	}
}

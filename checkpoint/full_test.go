package checkpoint_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"genesys-producer/checkpoint"
)

// A full disk, a real one: the temporary file is a link to /dev/full.
func TestDiskFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no /dev/full")
	}
	store := openDir(t, t.TempDir())
	old, next := oldAndNew()
	save(t, store, old)
	if err := os.Symlink("/dev/full", store.File(key())+".tmp"); err != nil {
		t.Fatal(err)
	}
	if err := store.Save(t.Context(), key(), next); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("save: %v", err)
	}
	if p, ok, err := store.Load(t.Context(), key()); err != nil || !ok || p != old {
		t.Errorf("stored %v, %v, %v; want %v", p, ok, err, old)
	}
	save(t, store, next) // the link is gone
}

// A directory that cannot be written, also for root: the place of the
// temporary file is taken.
func TestTemporaryFileCannotBeCreated(t *testing.T) {
	dir := t.TempDir()
	store := openDir(t, dir)
	old, next := oldAndNew()
	save(t, store, old)
	if err := os.MkdirAll(filepath.Join(store.File(key())+".tmp", "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := store.Save(t.Context(), key(), next)
	if !errors.Is(err, checkpoint.ErrUnwritable) || !errors.Is(err, syscall.EISDIR) || !strings.Contains(err.Error(), "permissions") {
		t.Errorf("save: %v", err)
	}
	if p, ok, err := store.Load(t.Context(), key()); err != nil || !ok || p != old {
		t.Errorf("stored %v, %v, %v; want %v", p, ok, err, old)
	}
}

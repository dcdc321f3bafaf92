package checkpoint_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"genesys-producer/checkpoint"
)

// Who holds the positions is told while they are open, and they stay open; before and
// after it is nobody, and whoever asked has changed nothing.
func TestHolder(t *testing.T) {
	dir := t.TempDir()
	mustBe := func(held bool) {
		t.Helper()
		holder, err := checkpoint.Holder(dir, "default")
		if err != nil || (holder != "") != held || held && !strings.HasPrefix(holder, "pid ") {
			t.Fatalf("holder %q, error %v; held: want %v", holder, err, held)
		}
	}
	mustBe(false)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Fatalf("asking has made %v (%v)", entries, err)
	}
	for range 2 { // also where the lock file is one that was left
		store, err := checkpoint.OpenDir(dir, "default")
		if err != nil {
			t.Fatal(err)
		}
		mustBe(true)
		if _, _, err := store.Load(t.Context(), checkpoint.Key{Queue: "q", Lane: checkpoint.Live}); err != nil {
			t.Errorf("who was asked about fails: %v", err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		mustBe(false)
	}
}

// A service that starts while somebody looks for a holder starts.
func TestWhoLooksForAHolderKeepsNobodyOut(t *testing.T) {
	dir := t.TempDir()
	looking, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	all.Go(func() {
		for looking.Err() == nil {
			if _, err := checkpoint.Holder(dir, "default"); err != nil {
				t.Error(err)
			}
		}
	})
	for range 300 {
		store, err := checkpoint.OpenDir(dir, "default")
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// So does one whose forerunner was killed, and has left its signature.
func TestWhoLooksAtWhatWasKilledKeepsNobodyOut(t *testing.T) {
	for _, left := range []string{"", "pid 1 host gone since 2026-03-01T00:00:00Z\n"} {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "default", "lock")
			if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(left), 0o600)); err != nil {
				t.Fatal(err)
			}
			looking, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer looking.Close()
			if err := checkpoint.FlockShared(looking); err != nil {
				t.Fatal(err)
			}
			opened := make(chan error, 1)
			go func() {
				store, err := checkpoint.OpenDir(dir, "default")
				if err == nil {
					err = store.Close()
				}
				opened <- err
			}()
			synctest.Wait() // it has found that somebody has the lock
			if err := checkpoint.Unlock(looking); err != nil {
				t.Fatal(err)
			}
			if err := <-opened; err != nil {
				t.Errorf("what was left is %q: %v", left, err)
			}
		})
	}
}

// A lock file that cannot be looked at is told.
func TestHolderUnreadable(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "default"), nil, 0o600); err != nil { // no directory
		t.Fatal(err)
	}
	if holder, err := checkpoint.Holder(dir, "default"); err == nil {
		t.Errorf("holder %q, and no error", holder)
	}
}

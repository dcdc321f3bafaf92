package checkpoint_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

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

// A lock file that cannot be looked at is told.
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

func TestHolderUnreadable(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "default"), nil, 0o600); err != nil { // no directory
		t.Fatal(err)
	}
	if holder, err := checkpoint.Holder(dir, "default"); err == nil {
		t.Errorf("holder %q, and no error", holder)
	}
}

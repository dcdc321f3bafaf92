package transact_test

import (
	"context"
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/transact"
)

// Ledgers of earlier days are deleted, through an outage too, and leave the index. Who has
// lost the key deletes nothing.
func TestForget(t *testing.T) {
	for _, kind := range []kmsg.Key{kmsg.Produce, kmsg.EndTxn, kmsg.Fetch, kmsg.ApiVersions} { // the last: none
		for lost, f := range map[string]fate{"request": {unsent: true}, "answer": {unheard: true}} {
			t.Run(kind.Name()+"/"+lost, func(t *testing.T) {
				w := onBrokers(t, 1)
				wire := w.throughWire(nil)
				store := w.store()
				for page := 1; page <= 3; page++ {
					w.mustSave(store, "q-1", page, chunk(today, page-1, "x"), chunk(yesterday, page-1, "y"), chunk("2026-02-01", page-1, "z"))
					w.mustSave(store, "q-2", page, chunk(yesterday, page-1, "y"))
				}
				if kind != kmsg.ApiVersions {
					wire.change(only(kind, f, 1, 2))
				}
				if err := store.Forget(t.Context(), "q-1", today); err != nil {
					t.Fatal(err)
				}
				wire.change(nil)
				for _, s := range []*transact.Store{store, w.store()} {
					w.wantLedger(s, "q-1", today, "xxx")
					w.wantLedger(s, "q-1", yesterday, "")
					w.wantLedger(s, "q-1", "2026-02-01", "")
					w.wantLedger(s, "q-2", yesterday, "yyy")
				}
				w.mustSave(store, "q-1", 4, chunk(today, 3, "x")) // the queue goes on
				wire.change(nil)
				if err := store.Forget(t.Context(), "q-1", today); err != nil {
					t.Fatal(err)
				}
				if n := wire.count(kmsg.Produce); n > 0 {
					t.Errorf("%d requests to delete what is deleted", n)
				}
				if n := store.Known(); n != 2 {
					t.Errorf("the index has something of %d ledgers, want 2", n)
				}
				w.mustTake(w.store(), "q-1", 4)
				if err := store.Forget(t.Context(), "q-1", "2026-03-02"); !errors.Is(err, checkpoint.ErrFenced) {
					t.Errorf("%v, want that another has the key", err)
				}
				w.wantLedger(w.store(), "q-1", today, "xxxx")
			})
		}
	}
}

// Ledgers are deleted between two walks, too: that leaves nothing open, and who has lost the
// key meanwhile notices all the same. A walk keeps what it has.
func TestForgetGivesBackWhatItOpened(t *testing.T) {
	w := onBrokers(t, 1)
	store := w.store()
	for page, walks := range []bool{true, false} {
		w.mustSave(store, "q-1", page+1, chunk(today, page, "x"), chunk(yesterday, 0, "y"))
		open := 1
		if !walks {
			store.Release(key("q-1"))
			open = 0
		}
		if err := store.Forget(t.Context(), "q-1", today); err != nil {
			t.Fatal(err)
		}
		if n := store.Connected(); n != open {
			t.Errorf("a walk goes on: %v; %d keys have a client, want %d", walks, n, open)
		}
		w.wantLedger(store, "q-1", yesterday, "")
	}
	w.mustSave(store, "q-1", 3, chunk(yesterday, 0, "y"))
	store.Release(key("q-1"))
	w.mustTake(w.store(), "q-1", 3)
	if err := store.Forget(t.Context(), "q-1", today); !errors.Is(err, checkpoint.ErrFenced) {
		t.Errorf("%v, want that another has the key", err)
	}
	if n := store.Connected(); n != 0 {
		t.Errorf("%d keys have a client, want none", n)
	}
	w.wantLedger(w.store(), "q-1", yesterday, "y")
}

// A commit that was given up and a deletion after it do not keep the same commit from being
// made again.
func TestForgetAfterACommitInDoubt(t *testing.T) {
	w := onBrokers(t, 1)
	wire := w.throughWire(nil)
	store := w.store()
	w.mustSave(store, "q-1", 1, chunk(yesterday, 0, "y"))
	ctx, giveUp := context.WithCancel(t.Context())
	wire.change(only(kmsg.EndTxn, fate{done: giveUp, told: t.Context().Done()}, 1))
	err := store.Save(ctx, key("q-1"), at("q-1", 2), chunk(today, 0, "x"))
	wire.change(nil)
	if err := store.Forget(t.Context(), "q-1", today); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		w.mustSave(store, "q-1", 2, chunk(today, 0, "x"))
	}
	w.wantPosition(2)
	w.wantLedger(store, "q-1", today, "x")
	w.wantLedger(store, "q-1", yesterday, "")
}

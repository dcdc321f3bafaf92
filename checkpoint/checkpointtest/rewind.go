package checkpointtest

import (
	"errors"
	"testing"

	"genesys-producer/checkpoint"
)

func forgotten(t *testing.T, store opened) {
	one, two := newPages(t, "queue-1"), newPages(t, "queue-1.2")
	all := []checkpoint.Chunk{chunk(yesterday, 0, "y"), chunk(today, 0, "t"), chunk(tomorrow, 0, "m"), chunk("2025-12-31", 0, "o")}
	saved := one.save(store, all...)
	two.save(store, all...)
	forget := func(before checkpoint.Day) {
		t.Helper()
		if err := store.Forget(t.Context(), "queue-1", before); err != nil {
			t.Errorf("forget before %s: %v", before, err)
		}
	}
	want := func(queue, older, old, now, later string) {
		t.Helper()
		wantLedger(t, store, queue, "2025-12-31", older)
		wantLedger(t, store, queue, yesterday, old)
		wantLedger(t, store, queue, today, now)
		wantLedger(t, store, queue, tomorrow, later)
	}
	forget("2025-12-31")
	want("queue-1", "o", "y", "t", "m")
	forget(today)
	forget(today)
	want("queue-1", "", "", "t", "m")
	want("queue-1.2", "o", "y", "t", "m")
	wantStored(t, store, one.key, saved)
	one.save(store, chunk(yesterday, 0, "new"), chunk(today, 1, "t"))
	want("queue-1", "", "new", "tt", "m")
	forget("2026-03-03")
	want("queue-1", "", "", "", "")
}

func rewound(t *testing.T, store opened) {
	one, two := newPages(t, "queue-1"), newPages(t, "queue-1.2")
	first := one.save(store, chunk(today, 0, "a"), chunk(yesterday, 0, "b"))
	one.save(store)
	third := one.save(store, chunk(today, 1, "c"))
	other := two.save(store, chunk(today, 0, "z"))
	earlier := first
	earlier.Page, earlier.Read, earlier.Query.PageSize = 0, 0, 25
	rewind := func(p, want checkpoint.Position) {
		t.Helper()
		if former, err := store.Rewind(t.Context(), one.key, p); err != nil || former != want {
			t.Errorf("rewind to %v: %v, %v; want %v", p, former, err, want)
		}
		wantStored(t, store, one.key, p)
		wantLedger(t, store, "queue-1", today, "")
		wantLedger(t, store, "queue-1", yesterday, "")
	}
	rewind(first, third)
	wantRefused(t, store, one.key, first, checkpoint.ErrNotAfter)
	one.next = third
	one.save(store, chunk(today, 0, "d"))
	wantLedger(t, store, "queue-1", today, "d")
	rewind(earlier, third)
	rewind(earlier, earlier) // as after a failure that was none
	rewind(third, earlier)   // forward, too
	wantStored(t, store, two.key, other)
	wantLedger(t, store, "queue-1.2", today, "z")
	wantKeys(t, store, []checkpoint.Key{one.key, two.key})

	store.Store = store.reopen()
	wantStored(t, store, one.key, third)
	wantLedger(t, store, "queue-1", today, "")
	wantLedger(t, store, "queue-1.2", today, "z")
	if former, err := store.Rewind(t.Context(), live("queue-3"), Sample(live("queue-3"))); err != nil || !former.IsZero() {
		t.Errorf("rewind where nothing is stored: %v, %v", former, err)
	}
	wantStored(t, store, live("queue-3"), Sample(live("queue-3")))
	if err := store.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func rewindRefuses(t *testing.T, store opened) {
	p := newPages(t, "queue-1")
	saved := p.save(store, chunk(today, 0, "a"))
	for _, test := range []struct {
		key      checkpoint.Key
		position checkpoint.Position
	}{
		{p.key, checkpoint.Position{}},
		{p.key, Sample(live("queue-2"))},
		{checkpoint.Key{Queue: "queue-1", Lane: "../live"}, saved},
		{checkpoint.Key{Lane: checkpoint.Live}, saved},
	} {
		if former, err := store.Rewind(t.Context(), test.key, test.position); !former.IsZero() || !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("rewind of %+v to %v: %v, %v", test.key, test.position, former, err)
		}
	}
	wantStored(t, store, p.key, saved)
	wantLedger(t, store, "queue-1", today, "a")
}

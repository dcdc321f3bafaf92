package checkpointtest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
)

// Days in their order. The text of a chunk means nothing to a store, and is no frame here.
const (
	yesterday checkpoint.Day = "2026-02-28"
	today     checkpoint.Day = "2026-03-01"
	tomorrow  checkpoint.Day = "2026-03-02"
)

// pages saves one page after the other under a key, with chunks.
type pages struct {
	*testing.T
	key  checkpoint.Key
	next checkpoint.Position
}

func newPages(t *testing.T, queue string) *pages {
	return &pages{T: t, key: live(queue), next: Sample(live(queue))}
}

// save saves the next page, and returns its position.
func (p *pages) save(store checkpoint.Store, chunks ...checkpoint.Chunk) checkpoint.Position {
	p.Helper()
	if err := store.Save(p.Context(), p.key, p.next, chunks...); err != nil {
		p.Fatalf("save %v %v: %v", p.key, p.next, err)
	}
	saved := p.next
	p.next.Page, p.next.Read = p.next.Page+1, p.next.Read+100
	return saved
}

func chunk(day checkpoint.Day, offset int, text string) checkpoint.Chunk {
	return checkpoint.Chunk{Day: day, Offset: offset, Text: []byte(text)}
}

func wantLedger(t *testing.T, store checkpoint.Store, queue string, day checkpoint.Day, want string) {
	t.Helper()
	if text, err := store.Ledger(t.Context(), queue, day); err != nil || string(text) != want {
		t.Errorf("ledger of queue %s of %s: %q, %v; want %q", queue, day, text, err, want)
	}
}

func ledgersChange(t *testing.T, store opened) {
	p := newPages(t, "queue-1")
	wantLedger(t, store, "queue-1", today, "")
	long := strings.Repeat("0123456789", 10_000)
	for _, step := range []struct {
		chunks []checkpoint.Chunk
		want   string
	}{
		{[]checkpoint.Chunk{chunk(today, 0, "abc")}, "abc"},
		{[]checkpoint.Chunk{chunk(today, 3, "\x00\xff\n")}, "abc\x00\xff\n"},
		{nil, "abc\x00\xff\n"},
		{[]checkpoint.Chunk{chunk(today, 6, "gh")}, "abc\x00\xff\ngh"},
		{[]checkpoint.Chunk{chunk(today, 4, "x")}, "abc\x00x"}, // cut back
		{[]checkpoint.Chunk{chunk(today, 5, "yz")}, "abc\x00xyz"},
		{[]checkpoint.Chunk{chunk(today, 2, "")}, "ab"},
		{[]checkpoint.Chunk{chunk(today, 2, long)}, "ab" + long},
		{[]checkpoint.Chunk{chunk(today, 0, "new")}, "new"}, // replaced
		{[]checkpoint.Chunk{chunk(today, 3, "er"), chunk(today, 5, "!")}, "newer!"},
		{[]checkpoint.Chunk{chunk(today, 0, "")}, ""},
		{[]checkpoint.Chunk{chunk(today, 0, "again")}, "again"},
	} {
		saved := p.save(store, step.chunks...)
		wantLedger(t, store, "queue-1", today, step.want)
		wantStored(t, store, p.key, saved)
	}
	text, err := store.Ledger(t.Context(), "queue-1", today)
	if err != nil {
		t.Fatal(err)
	}
	clear(text) // it is the caller's
	wantLedger(t, store, "queue-1", today, "again")
}

func ledgersIndependent(t *testing.T, store opened) {
	queues := []string{"queue-1", "Queue-1", "queue-1.2026-03-01", "../queue-1", "ü"}
	days := []checkpoint.Day{yesterday, today, tomorrow}
	for _, queue := range queues {
		p := newPages(t, queue)
		p.save(store, chunk(today, 0, queue), chunk(yesterday, 0, queue))
		p.save(store, chunk(today, len(queue), string(today)), chunk(yesterday, len(queue), string(yesterday)))
	}
	for _, queue := range queues {
		for _, day := range days[:2] {
			wantLedger(t, store, queue, day, queue+string(day))
		}
		wantLedger(t, store, queue, tomorrow, "")
	}
	other := checkpoint.Key{Queue: queues[0], Lane: checkpoint.Revisit} // of the same ledger
	if err := store.Save(t.Context(), other, Sample(other), chunk(today, 2, "!")); err != nil {
		t.Error(err)
	}
	wantLedger(t, store, queues[0], today, queues[0][:2]+"!")
	var keys []checkpoint.Key
	for _, queue := range queues {
		keys = append(keys, live(queue))
	}
	keys = append(keys, other)
	checkpoint.SortKeys(keys)
	wantKeys(t, store, keys) // a ledger is no key
}

func ledgersSurvive(t *testing.T, store opened) {
	p := newPages(t, "queue-1")
	var current checkpoint.Store = store
	want := ""
	for _, more := range []string{"a", "bc", "", "defg"} {
		saved := p.save(current, chunk(today, len(want), more), chunk(yesterday, 0, more))
		want += more
		current = store.reopen()
		wantStored(t, current, p.key, saved)
		wantLedger(t, current, "queue-1", today, want)
		wantLedger(t, current, "queue-1", yesterday, more)
	}
	if err := current.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// A position that is refused leaves its chunks outside.
func ledgersStay(t *testing.T, store opened) {
	p := newPages(t, "queue-1")
	first := p.save(store, chunk(today, 0, "first"))
	second := p.save(store, chunk(today, 5, "second"))
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	changed := p.next
	changed.Query.PageSize = 25
	for _, bad := range []struct {
		ctx      context.Context
		position checkpoint.Position
		want     error
	}{
		{t.Context(), first, checkpoint.ErrNotAfter},
		{t.Context(), second, checkpoint.ErrNotAfter},
		{t.Context(), changed, checkpoint.ErrWalkChanged},
		{t.Context(), checkpoint.Position{}, checkpoint.ErrInvalid},
		{canceled, p.next, context.Canceled},
	} {
		err := store.Save(bad.ctx, p.key, bad.position, chunk(today, 5, "third"), chunk(yesterday, 0, "third"))
		if !errors.Is(err, bad.want) {
			t.Errorf("save of %v: %v; want %v", bad.position, err, bad.want)
		}
		wantStored(t, store, p.key, second)
		wantLedger(t, store, "queue-1", today, "firstsecond")
		wantLedger(t, store, "queue-1", yesterday, "")
	}
	p.save(store, chunk(today, 5, "third"))
	wantLedger(t, store, "queue-1", today, "firstthird")
}

func chunksRefused(t *testing.T, store opened) {
	p := newPages(t, "queue-1")
	saved := p.save(store, chunk(today, 0, "good"))
	for _, day := range []checkpoint.Day{"", ".", "../x", "2026-3-1", "2026-02-30", "20260301", "2026-03-01 ", "0001-01-01"} {
		if err := store.Save(t.Context(), p.key, p.next, chunk(today, 4, "er"), chunk(day, 0, "bad")); !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("save with a chunk of day %q: %v", day, err)
		}
		if text, err := store.Ledger(t.Context(), "queue-1", day); len(text) > 0 || !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("ledger of day %q: %q, %v", day, text, err)
		}
		if err := store.Forget(t.Context(), "queue-1", day); !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("forget before day %q: %v", day, err)
		}
	}
	if err := store.Save(t.Context(), p.key, p.next, chunk(today, -1, "bad")); !errors.Is(err, checkpoint.ErrInvalid) {
		t.Errorf("save with a chunk at -1: %v", err)
	}
	for _, queue := range []string{"", "\xff", strings.Repeat("q", 65)} {
		if text, err := store.Ledger(t.Context(), queue, today); len(text) > 0 || !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("ledger of queue %q: %q, %v", queue, text, err)
		}
		if err := store.Forget(t.Context(), queue, today); !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("forget of queue %q: %v", queue, err)
		}
	}
	wantStored(t, store, p.key, saved)
	wantLedger(t, store, "queue-1", today, "good")
}

// repeated cancels saves in their midst. Whatever has become of one, no position is
// there without its chunk, and the same save, done again, is done.
func repeated(t *testing.T, store opened) {
	p := newPages(t, "queue-1")
	old := p.save(store, chunk(today, 0, "0"))
	want := []byte("0")
	for i := range 8 {
		c := chunk(today, len(want), string(rune('a'+i)))
		if i == 4 {
			c.Offset, want = 0, nil
		}
		want = append(want, c.Text...)
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		err := store.Save(ctx, p.key, p.next, c)
		if err != nil {
			got, _, loadErr := store.Load(t.Context(), p.key)
			text, ledgerErr := store.Ledger(t.Context(), "queue-1", today)
			whole := got == old || got == p.next && bytes.Equal(text, want)
			if loadErr != nil || ledgerErr != nil || !whole {
				t.Errorf("after %v: %v, %v with the ledger %q, %v; wanted is %q", err, got, loadErr, text, ledgerErr, want)
			}
			err = store.Save(t.Context(), p.key, p.next, c)
		}
		if err != nil {
			t.Fatalf("save again: %v", err)
		}
		wantStored(t, store, p.key, p.next)
		wantLedger(t, store, "queue-1", today, string(want))
		wantRefused(t, store, p.key, p.next, checkpoint.ErrNotAfter)
		old = p.next
		p.next.Page++
	}
}

package checkpoint_test

import (
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

// hundred returns the items of a page of 100 conversations, of which the first is the n-th.
func hundred(n int, known bool) []checkpoint.Item {
	items := make([]checkpoint.Item, 100)
	for i := range items {
		id := checkpoint.IDOf(string(binary.BigEndian.AppendUint64(nil, uint64(n+i))))
		items[i] = checkpoint.Item{ID: id, Hash: checkpoint.Hash(id[:8]), Known: known}
	}
	return items
}

// A day of 10,000 conversations, of which half are seen once again, takes at most 40
// bytes a conversation in the store.
func TestLedgerSizeInTheStore(t *testing.T) {
	l := mustRead(t, nil, checkpoint.Mark{}, window(0))
	store := openDir(t, t.TempDir())
	p, _ := oldAndNew()
	enter := func(items []checkpoint.Item) {
		c, mark := l.Mark().Frame(window(0), 0, time.Now(), items)
		p.Page, p.Ledgers[0] = p.Page+1, mark
		if err := store.Save(t.Context(), key(), p, c); err != nil {
			t.Fatal(err)
		}
		l.Take(c)
	}
	const count = 10_000
	for n := 0; n < count; n += 100 {
		enter(hundred(n, false))
		if n%200 == 0 {
			enter(hundred(n, true))
		}
	}
	text, err := store.Ledger(t.Context(), key().Queue, march1)
	if err != nil || len(text) != l.Mark().Length || l.Len() != count {
		t.Fatalf("%d bytes of %d conversations: %v", len(text), l.Len(), err)
	}
	each := float64(len(text)) / count
	if t.Logf("%.2f bytes a conversation and version", each); each > 40 {
		t.Errorf("%.2f bytes a conversation and version, want 40 at most", each)
	}
}

// A ledger in memory takes at most 64 bytes a conversation, also where its map has just
// grown: it does when 57,344 times a power of 2 are entered, the tables within it at
// random a little before or after.
func TestLedgerSizeInMemory(t *testing.T) {
	sizes := map[int]bool{}
	for _, n := range []int{2_000, 4_000, 10_000, 28_700, 50_000, 57_000, 57_400, 58_000, 60_000, 62_000, 70_000, 100_000, 114_700, 115_000, 118_000, 122_000, 229_400, 230_000, 236_000, 244_000} {
		sizes[n] = true
	}
	before := heap()
	l := mustRead(t, nil, checkpoint.Mark{}, window(0))
	for most := 0.0; l.Len() < 250_000; {
		c, _ := l.Mark().Frame(window(0), 0, time.Now(), hundred(l.Len(), false))
		l.Take(c)
		if !sizes[l.Len()] {
			continue
		}
		each := float64(heap()-before) / float64(l.Len())
		if each > 64 {
			t.Errorf("%d conversations: %.1f bytes each, want 64 at most", l.Len(), each)
		}
		most = max(most, each)
		t.Logf("%d conversations: %.1f bytes each, %.1f at most so far", l.Len(), each, most)
	}
	runtime.KeepAlive(l)
}

// heap returns how many bytes are in use.
func heap() int {
	runtime.GC()
	runtime.GC() // what the first one has made free
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

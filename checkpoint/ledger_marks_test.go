package checkpoint_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

func TestTakeRefusesWhatDoesNotFollow(t *testing.T) {
	b := newBook()
	first, second := b.write(t, window(0), 0, version("a", 1)), b.write(t, window(0), 0, version("b", 1))
	other, torn := first, first
	other.Day = "2026-03-02"
	torn.Text = torn.Text[:len(torn.Text)-1]
	l := mustRead(t, nil, checkpoint.Mark{}, window(0))
	for _, c := range []checkpoint.Chunk{second, other, torn} {
		l.Take(c)
		wantTold(t, l, "0:")
	}
	l.Take(first)
	l.Take(first)
	l.Take(second)
	if wantTold(t, l, "2: a=1 in0 found new b=1 in0 found new", "a", "b"); l.Mark() != b.last() {
		t.Errorf("mark %+v, want %+v", l.Mark(), b.last())
	}
}

// Marks are a chain of SHA-256, cut to 8 bytes each.
func TestMarksChain(t *testing.T) {
	b, sum := newBook(), ""
	for i := range 3 {
		c := b.write(t, window(0), 0, version(fmt.Sprint(i), i))
		whole := sha256.Sum256(append([]byte(sum), c.Text...))
		sum = hex.EncodeToString(whole[:8])
		if b.last().Sum != sum {
			t.Errorf("frame %d: sum %s, want %s", i, b.last().Sum, sum)
		}
	}
	wrong := b.last()
	wrong.Sum = b.marks[1].Sum
	if l, intact := checkpoint.ReadLedger(b.text, march1, wrong, window(0)); intact || l.Len() != 3 || l.Mark() != b.last() {
		t.Errorf("a wrong sum: %d, %+v, intact %v", l.Len(), l.Mark(), intact)
	}
}

// What lies behind the mark is of no completed page, if this walk wrote it, and true, if
// another one did.
func TestReadLedgerCutsBackAtTheMark(t *testing.T) {
	b := newBook()
	b.write(t, window(0), 0, version("a", 1))
	b.write(t, window(0), 0, version("b", 1))
	held := b.last()
	b.write(t, window(0), 0, version("c", 1))
	b.write(t, window(0), 0, version("a", 2))
	l := mustRead(t, b.text, held, window(0))
	if wantTold(t, l, "2: a=1 in0 found new b=1 in0 found new", "a", "b", "c"); l.Mark() != held {
		t.Errorf("mark %+v, want %+v", l.Mark(), held)
	}
	if c, _ := l.Mark().Frame(window(0), 0, time.Time{}, nil); c.Offset != held.Length {
		t.Errorf("the next chunk is at %d, want %d", c.Offset, held.Length)
	}

	b.write(t, window(1), 0, version("d", 1), version("b", 2))
	behind := b.last()
	b.write(t, window(0), 0, version("e", 1))
	l = mustRead(t, b.text, held, window(0))
	if wantTold(t, l, "4: a=2 in0 found new b=2 in0 found new c=1 d=1", "a", "b", "c", "d", "e"); l.Mark() != behind {
		t.Errorf("mark %+v, want %+v", l.Mark(), behind)
	}
	for _, none := range []checkpoint.Mark{{}, {Day: "2026-02-28", Length: 7}, {Day: march1}} { // the walk has completed no page of this day
		l = mustRead(t, b.text, none, window(0))
		if wantTold(t, l, "4: a=2 b=2 c=1 d=1", "a", "b", "c", "d", "e"); l.Mark() != behind {
			t.Errorf("mark %+v, want %+v", l.Mark(), behind)
		}
	}
}

// A compacted ledger has each conversation, in its last version, and no window.
func TestCompact(t *testing.T) {
	l := mustRead(t, nil, checkpoint.Mark{}, window(0))
	const count = 1<<15 + 17 // more than a frame has
	var all []string
	for n := 0; n < count; n += 250 {
		var items []checkpoint.Item
		for i := n; i < min(n+250, count); i++ {
			all = append(all, fmt.Sprint(i))
			items = append(items, version(all[i], i%5, checkpoint.Flag(i%8)))
		}
		c, _ := l.Mark().Frame(window(0), 0, time.Time{}, append(items, seen("0"), version("1", n%7)))
		l.Take(c)
	}
	c, mark := l.Compact()
	if c.Day != march1 || c.Offset != 0 || mark.Length != len(c.Text) || len(c.Text) > 21*count+2*26 {
		t.Errorf("a chunk of %d bytes at %d, and the mark %+v", len(c.Text), c.Offset, mark)
	}
	back := mustRead(t, c.Text, mark, window(0))
	for _, name := range all {
		before, _ := l.Get(checkpoint.IDOf(name))
		after, ok := back.Get(checkpoint.IDOf(name))
		if !ok || after.Hash != before.Hash || after.Flags() != before.Flags() || after.Found() || after.New() || after.In(0) {
			t.Fatalf("%s was %+v, is %+v, %v", name, before, after, ok)
		}
	}
	if back.Len() != count || back.Mark() != mark || back.Found() != nil || back.Open() != l.Open() {
		t.Errorf("%d conversations, mark %+v, %d found", back.Len(), back.Mark(), len(back.Found()))
	}
	if again, same := back.Compact(); same != mark || string(again.Text) != string(c.Text) {
		t.Error("compacted again, it is another text")
	}
	if c, mark := mustRead(t, nil, checkpoint.Mark{}, window(0)).Compact(); len(c.Text) != 0 || mark != (checkpoint.Mark{Day: march1}) {
		t.Errorf("nothing is compacted to %+v, %+v", c, mark)
	}
}

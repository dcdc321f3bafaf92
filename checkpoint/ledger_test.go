package checkpoint_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

const march1 checkpoint.Day = "2026-03-01"

// window returns the walk of the n-th hour of the day.
func window(n int) checkpoint.Walk {
	p := checkpointtest.Sample(key())
	p.Query.From = p.Query.From.Add(time.Duration(n) * time.Hour)
	p.Query.To = p.Query.From.Add(time.Hour)
	return checkpoint.WalkOf(checkpoint.Live, p)
}

// version returns a version of a conversation that its ledger does not have.
func version(conversation string, number int, flags ...checkpoint.Flag) checkpoint.Item {
	item := checkpoint.Item{ID: checkpoint.IDOf(conversation), Hash: checkpoint.Hash{byte(number), 1, 2, 3, 4, 5, 6, 0xff}}
	for _, f := range flags {
		item.Flags |= f
	}
	return item
}

// seen returns a version of a conversation that its ledger has.
func seen(conversation string) checkpoint.Item {
	return checkpoint.Item{ID: checkpoint.IDOf(conversation), Known: true}
}

// book is a ledger's text, with the mark behind each frame.
type book struct {
	text  []byte
	marks []checkpoint.Mark // the first is that of the empty ledger
}

func newBook() *book { return &book{marks: []checkpoint.Mark{{Day: march1}}} }

func (b *book) last() checkpoint.Mark { return b.marks[len(b.marks)-1] }

// write adds a frame of a page.
func (b *book) write(t testing.TB, walk checkpoint.Walk, pass int, items ...checkpoint.Item) checkpoint.Chunk {
	t.Helper()
	c, mark := b.last().Frame(walk, pass, time.UnixMilli(1772323200000), items)
	if c.Day != march1 || c.Offset != len(b.text) || mark.Day != march1 || mark.Length != len(b.text)+len(c.Text) {
		t.Fatalf("a frame at %d of %s behind %d bytes, and the mark %+v", c.Offset, c.Day, len(b.text), mark)
	}
	b.text, b.marks = append(b.text, c.Text...), append(b.marks, mark)
	return c
}

// told returns all that a ledger tells of conversations, in one line.
func told(l *checkpoint.Ledger, conversations ...string) string {
	text := fmt.Sprintf("%d:", l.Len())
	for _, c := range conversations {
		e, ok := l.Get(checkpoint.IDOf(c))
		if !ok {
			continue
		}
		text += fmt.Sprintf(" %s=%d", c, e.Hash[0])
		for pass := range 3 {
			if e.In(pass) {
				text += fmt.Sprintf(" in%d", pass)
			}
		}
		if e.Found() {
			text += " found"
		}
		if e.New() {
			text += " new"
		}
		if e.Flags() != 0 {
			text += fmt.Sprintf(" flags%d", e.Flags())
		}
	}
	return text
}

func wantTold(t *testing.T, l *checkpoint.Ledger, want string, conversations ...string) {
	t.Helper()
	if got := told(l, conversations...); got != want {
		t.Errorf("ledger has  %s\nwant        %s", got, want)
	}
}

// mustRead reads what must be intact.
func mustRead(t *testing.T, text []byte, mark checkpoint.Mark, walk checkpoint.Walk) *checkpoint.Ledger {
	t.Helper()
	l, intact := checkpoint.ReadLedger(text, march1, mark, walk)
	if !intact {
		t.Errorf("not intact at %+v", mark)
	}
	return l
}

func TestLedgerOfNothing(t *testing.T) {
	for _, mark := range []checkpoint.Mark{{}, {Day: march1}, {Day: "2026-02-28", Length: 7, Sum: "x"}} {
		l := mustRead(t, nil, mark, window(0))
		if l.Len() != 0 || l.Open() != 0 || l.Found() != nil || l.Mark() != (checkpoint.Mark{Day: march1}) {
			t.Errorf("nothing is read as %d, %+v", l.Len(), l.Mark())
		}
	}
}

// What a ledger is told frame by frame, it tells again when it is read, at each mark.
func TestLedgerComesBack(t *testing.T) {
	b, live := newBook(), mustRead(t, nil, checkpoint.Mark{}, window(0))
	all := []string{"a", "b", "c", "d"}
	for i, items := range [][]checkpoint.Item{
		{version("a", 1, checkpoint.Open), version("b", 1, checkpoint.Letter)},
		{},
		{version("c", 1, checkpoint.Superseded), version("a", 2)},
		{seen("b"), version("d", 1, checkpoint.Open, checkpoint.Letter, checkpoint.Superseded)},
	} {
		live.Take(b.write(t, window(0), 0, items...))
		back := mustRead(t, b.text, b.last(), window(0))
		if live.Mark() != b.last() || back.Mark() != b.last() {
			t.Errorf("frame %d: marks %+v and %+v, want %+v", i, live.Mark(), back.Mark(), b.last())
		}
		wantTold(t, back, told(live, all...), all...)
	}
	wantTold(t, live, "4: a=2 in0 found new b=1 in0 found new flags2 c=1 in0 found new flags4 d=1 in0 found new flags7", all...)
	if live.Open() != 1 {
		t.Errorf("%d open, want 1", live.Open())
	}
}

// A window's passes are told apart, and what they found together; another window begins anew.
func TestLedgerRemembersPasses(t *testing.T) {
	b := newBook()
	b.write(t, window(0), 0, version("a", 1), version("b", 1))
	b.write(t, window(0), 1, seen("a"), version("c", 1))
	b.write(t, window(0), 1, version("a", 2))
	first := b.last()
	wantTold(t, mustRead(t, b.text, first, window(0)), "3: a=2 in1 found new b=1 in0 found new c=1 in1 found new", "a", "b", "c")

	l := mustRead(t, b.text, first, window(1))
	wantTold(t, l, "3: a=2 b=1 c=1", "a", "b", "c")
	l.Take(b.write(t, window(1), 0, seen("a"), version("b", 2)))
	l.Take(b.write(t, window(1), 1, seen("a"), seen("b"), seen("never seen")))
	wantTold(t, l, "3: a=2 in1 found b=2 in1 found new c=1", "a", "b", "c", "never seen")
	wantTold(t, mustRead(t, b.text, b.last(), window(1)), told(l, "a", "b", "c"), "a", "b", "c")

	items := l.Found()
	known := map[checkpoint.ID]bool{}
	for _, item := range items {
		known[item.ID] = item.Known
	}
	if want := (map[checkpoint.ID]bool{checkpoint.IDOf("a"): true, checkpoint.IDOf("b"): false}); len(items) != 2 || !maps.Equal(known, want) {
		t.Errorf("found %+v", items)
	}
}

// The walk of a position is that of its window, whatever the page and pass.
func TestWalkOf(t *testing.T) {
	p := checkpointtest.Sample(key())
	same, turn, size, shorter := p, p, p, p
	same.Pass, same.Page, same.Ended, same.Account.Pages = 3, 99, true, 8
	same.Query.From = p.Query.From.In(time.FixedZone("east", 3600))
	turn.Turn++
	size.Query.PageSize = 25
	shorter.Query.To = p.Query.To.Add(-time.Minute)
	if checkpoint.WalkOf(checkpoint.Live, p) != checkpoint.WalkOf(checkpoint.Live, same) {
		t.Error("another page of the same window is of another walk")
	}
	walks := map[checkpoint.Walk]bool{{}: true, checkpoint.WalkOf(checkpoint.Live, p): true, checkpoint.WalkOf(checkpoint.Revisit, p): true}
	for _, q := range []checkpoint.Position{turn, size, shorter} {
		walks[checkpoint.WalkOf(checkpoint.Live, q)] = true
	}
	if len(walks) != 6 {
		t.Errorf("%d different walks, want 6", len(walks))
	}
}

func TestDigest(t *testing.T) {
	items := []checkpoint.Item{version("b", 2, checkpoint.Open), version("a", 1), version("c", 3)}
	var lines []string // each is 20 bytes, as it is hashed
	for conversation, hash := range map[string]byte{"a": 1, "b": 2, "c": 3} {
		id := sha256.Sum256([]byte(conversation))
		lines = append(lines, string(id[:12])+string([]byte{hash, 1, 2, 3, 4, 5, 6, 0xff}))
	}
	slices.Sort(lines)
	want := fmt.Sprintf("%x", sha256.Sum256([]byte(lines[0]+lines[1]+lines[2])))
	if got := checkpoint.Digest(items); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
	items[2].Known, items[1].Flags = true, checkpoint.Letter
	if got := checkpoint.Digest([]checkpoint.Item{items[2], items[0], items[1]}); got != want {
		t.Errorf("in another order, with other flags: %s, want %s", got, want)
	}
	if got, want := checkpoint.Digest(nil), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; got != want {
		t.Errorf("of nothing: %s, want %s", got, want)
	}
}

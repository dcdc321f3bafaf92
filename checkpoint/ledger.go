package checkpoint

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// Ledger knows of each conversation of one queue that began on one day which version
// of it was published last for this queue. That version was acknowledged: what is in a
// ledger is true, and what is not in it is published, perhaps again. So a ledger that
// is lost costs messages that say nothing new, and never a conversation.
//
// It also remembers what of it the passes of one window have had, which is what
// a restart in the middle of a walk must know to count on.
//
// It takes some 30 to 60 bytes a conversation in memory, and is not safe for concurrent use.
type Ledger struct {
	entries map[ID]Entry
	mark    Mark
}

// Walk tells the frames of one window from those of any other.
type Walk [8]byte

// WalkOf returns what stands for the walk of a position: the same for each of its passes,
// as long as its window is the same, and not one that was cut in between.
func WalkOf(lane Lane, p Position) Walk {
	text, err := marshal([]any{lane, p.Turn, p.Query, p.Account.Before < 0})
	if err != nil { // text and times: nothing that could fail
		return Walk{}
	}
	sum := sha256.Sum256(text)
	return Walk(sum[:])
}

// ReadLedger reads what a store has of a day's ledger, for the walk of a window. What a
// position of that walk vouches for is the ledger up to its mark. Frames of the walk
// behind it are of a page that is not completed, and are left out: the next chunk cuts
// them off. What other walks have written there is kept, and what is before it.
//
// false: the text does not have what the mark says. What of it is whole is true all the
// same, but what the walk has had cannot be told from it.
func ReadLedger(text []byte, day Day, want Mark, walk Walk) (l *Ledger, intact bool) {
	l = newLedger(day)
	rest := text
	if want.Day == day {
		rest = l.read(text, want.Length, walk)
	}
	if want.Day == day && l.mark != want {
		l = newLedger(day)
		l.read(text, len(text), walk)
		return l, false
	}
	l.read(rest, foreign(rest, walk), Walk{})
	return l, true
}

func newLedger(day Day) *Ledger { return &Ledger{entries: map[ID]Entry{}, mark: Mark{Day: day}} }

// read takes whole frames up to a length, and returns the text behind them. Those of the
// walk say what it has had.
func (l *Ledger) read(text []byte, length int, walk Walk) (rest []byte) {
	rest = text
	for len(text)-len(rest) < length {
		f, ok := parseFrame(rest)
		if !ok {
			break
		}
		l.take(f, f.walk == walk && walk != Walk{})
		rest = rest[len(f.text):]
	}
	return rest
}

// foreign returns how much of a text there is up to its last frame of another walk.
func foreign(text []byte, walk Walk) (length int) {
	for at := 0; ; {
		f, ok := parseFrame(text[at:])
		if !ok {
			return length
		}
		at += len(f.text)
		if f.walk != walk {
			length = at
		}
	}
}

// Get returns what the ledger has of a conversation.
func (l *Ledger) Get(id ID) (Entry, bool) {
	e, ok := l.entries[id]
	return e, ok
}

// Len returns how many conversations it has.
func (l *Ledger) Len() int { return len(l.entries) }

// Mark returns how long it is, and the sum of that.
func (l *Ledger) Mark() Mark { return l.mark }

// Frame returns the chunk that enters what a page had, read at an instant, into the
// ledger that has the mark, and the mark of the ledger with it.
func (m Mark) Frame(walk Walk, pass int, read time.Time, items []Item) (Chunk, Mark) {
	text := appendFrame(nil, frame{walk: walk, pass: pass, read: read, items: items})
	return Chunk{m.Day, m.Length, text}, m.after(text)
}

// Take enters the frame of a chunk, of the walk that the ledger was read for, once it is
// stored.
func (l *Ledger) Take(c Chunk) {
	if f, ok := parseFrame(c.Text); ok && c.Day == l.mark.Day && c.Offset == l.mark.Length {
		l.take(f, true)
	}
}

func (l *Ledger) take(f frame, own bool) {
	for _, item := range f.items {
		e, known := l.entries[item.ID]
		switch {
		case item.Known && !known:
			continue // of a version that an earlier frame must have had
		case item.Known, item.Flags&Superseded != 0 && known: // what was published stays what is known
		default:
			e.Hash, e.state = item.Hash, uint32(item.Flags)|e.state&^0x7f
		}
		if own {
			e.state = uint32(f.pass+1)<<passShift | e.state&0xff
			if !item.Known {
				e.state |= touched
			}
		}
		l.entries[item.ID] = e
	}
	l.mark = l.mark.after(f.text)
}

// after is the mark of a ledger to which text was added.
func (m Mark) after(text []byte) Mark {
	sum := sha256.New()
	sum.Write([]byte(m.Sum))
	sum.Write(text)
	return Mark{m.Day, m.Length + len(text), hex.EncodeToString(sum.Sum(nil)[:8])}
}

// Compact returns a chunk that replaces the ledger, by one that has each conversation
// once and nothing of any window; and the mark of that.
func (l *Ledger) Compact() (Chunk, Mark) {
	ids := slices.SortedFunc(maps.Keys(l.entries), func(a, b ID) int { return slices.Compare(a[:], b[:]) })
	mark := Mark{Day: l.mark.Day}
	var text []byte
	for part := range slices.Chunk(ids, 1<<15) {
		f := frame{items: make([]Item, len(part))}
		for i, id := range part {
			e := l.entries[id]
			f.items[i] = Item{ID: id, Hash: e.Hash, Flags: e.Flags()}
		}
		one := appendFrame(nil, f)
		mark = mark.after(one)
		text = append(text, one...)
	}
	return Chunk{l.mark.Day, 0, text}, mark
}

// Open returns how many conversations had no end when they were read last.
func (l *Ledger) Open() (n int) {
	for _, e := range l.entries {
		if e.Flags()&Open != 0 {
			n++
		}
	}
	return n
}

// Found returns what the passes of the window have had, in no order.
func (l *Ledger) Found() (items []Item) {
	for id, e := range l.entries {
		if e.Found() {
			items = append(items, Item{ID: id, Hash: e.Hash, Flags: e.Flags(), Known: !e.New()})
		}
	}
	return items
}

// Digest returns the SHA-256, in hex, of the items' ids and hashes, 20 bytes each, in
// the order of the ids. It sorts the items.
func Digest(items []Item) string {
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(slices.Compare(a.ID[:], b.ID[:]), slices.Compare(a.Hash[:], b.Hash[:]))
	})
	sum := sha256.New()
	for _, item := range items {
		sum.Write(item.ID[:])
		sum.Write(item.Hash[:])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

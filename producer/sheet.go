package producer

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// Sheet is a page on its way: which of its records are versions that the queue's ledger
// does not have, and what the position is once they are published.
type Sheet struct {
	Page *genesys.Page

	pos     checkpoint.Position // before it; after it, once that is stored
	key     checkpoint.Key
	ledgers *ledgers
	lines   []line // one for each record
}

// Queue is the id of the queue that the page is of.
func (s *Sheet) Queue() string { return s.key.Queue }

// line is a record of a sheet.
type line struct {
	record   genesys.Record
	ledger   int // of its day
	item     checkpoint.Item
	repeated bool     // it was on an earlier page of the pass, or above
	news     bool     // no pass of the window has had the conversation
	message  *Message // nil: its version is known
}

// sift holds a page against the ledgers.
func (l *ledgers) sift(ctx context.Context, page *genesys.Page, key checkpoint.Key, pos checkpoint.Position) (*Sheet, error) {
	s := &Sheet{Page: page, pos: pos, key: key, ledgers: l, lines: make([]line, len(page.Records))}
	above := map[checkpoint.ID]checkpoint.Item{}
	for i, r := range page.Records {
		sum := sha256.Sum256(r.Raw)
		n := line{record: r, ledger: l.day(checkpoint.DayOf(r.Start))}
		n.item = checkpoint.Item{ID: checkpoint.IDOf(r.ID), Hash: checkpoint.Hash(sum[:])}
		if r.ID == "" {
			n.item.ID = checkpoint.ID(sum[:]) // the same defect is the same record
		}
		if r.End.IsZero() && r.Defect == "" {
			n.item.Flags |= checkpoint.Open
		}
		if _, err := l.open(ctx, n.ledger); err != nil {
			return nil, err
		}
		e, ok := l.read.Get(n.item.ID)
		n.item.Known = ok && e.Hash == n.item.Hash && e.Flags()&checkpoint.Superseded == 0
		n.repeated, n.news = e.In(pos.Pass), !e.Found()
		if other, ok := above[n.item.ID]; ok {
			n.repeated, n.news = true, false
			n.item.Known = other.Hash == n.item.Hash
		}
		above[n.item.ID] = n.item
		s.lines[i] = n
	}
	return s, nil
}

// messages makes one message of each record whose version is new, in order.
func (s *Sheet) messages(topic, producer string) (fresh []*Message) {
	make := messages(s.Page, s.pos, topic, producer)
	for i := range s.lines {
		n := &s.lines[i]
		if !n.item.Known {
			n.message = make(n.record, hex.AppendEncode(nil, n.item.Hash[:]))
			fresh = append(fresh, n.message)
		}
	}
	return fresh
}

// outcome counts what has become of the records.
func (s *Sheet) outcome() (o Outcome) {
	for _, n := range s.lines {
		switch {
		case n.message == nil:
			o.Unchanged++
		case n.message.superseded:
			o.Superseded++
		case n.message.grave != nil:
			o.DeadLetters++
		default:
			o.Published++
		}
	}
	return o
}

// next is the position that follows the page as its messages are now, and what the
// ledgers are to be given for it.
func (s *Sheet) next() (checkpoint.Position, []checkpoint.Chunk) {
	next, page, o := s.pos, s.Page, s.outcome()
	next.Page, next.Read, next.Last = page.Number, page.Read, page.Last
	a := &next.Account
	if a.Pages++; page.Number == 1 {
		a.FirstAt = int(page.SentAt.UnixMilli())
	}
	a.Totals.See(page.Number, page.Total)
	a.Published += o.Published
	a.Superseded += o.Superseded
	a.Letters += o.DeadLetters
	a.Rows, a.Print = len(page.Records), fingerprint(page)
	a.ReadAt = int(page.FetchedAt.UnixMilli()) // as consumers are told: the next start goes on behind it

	var items [2][]checkpoint.Item
	for _, n := range s.lines {
		if n.repeated {
			a.Repeated++
		} else {
			a.Distinct++
		}
		if n.news {
			a.News++
		}
		if outside(n.record, next.Query) {
			a.Outside++
		}
		if n.repeated && n.item.Known {
			continue // nothing to be told
		}
		if m := n.message; m != nil && m.superseded {
			n.item.Flags |= checkpoint.Superseded
		} else if m != nil && m.grave != nil {
			n.item.Flags |= checkpoint.Letter
		}
		items[n.ledger] = append(items[n.ledger], n.item)
	}
	next.Ledgers = s.ledgers.marks
	var chunks []checkpoint.Chunk
	for n := range items {
		if len(items[n]) > 0 {
			var c checkpoint.Chunk
			c, next.Ledgers[n] = next.Ledgers[n].Frame(s.ledgers.walk, next.Pass, page.SentAt, items[n])
			chunks = append(chunks, c)
		}
	}
	slices.Reverse(chunks) // the earlier day first
	return next, chunks
}

// stored takes note that the position is stored.
func (s *Sheet) stored(next checkpoint.Position, chunks []checkpoint.Chunk) {
	s.pos = next
	s.ledgers.stored(chunks, next.Ledgers)
}

// outside reports whether a record has no time in the interval that was asked for. The
// vendor's documents differ on whether such records are answered.
func outside(r genesys.Record, q checkpoint.Query) bool {
	return !r.Start.IsZero() && (!r.Start.Before(q.To) || !r.End.IsZero() && r.End.Before(q.Since))
}

// fingerprint is a short hash of the ids on a page, in their order.
func fingerprint(page *genesys.Page) string {
	sum := sha256.New()
	for _, r := range page.Records {
		id := checkpoint.IDOf(r.ID)
		sum.Write(id[:])
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// readAt is when the first page of an account's pass was sent for: what changed before, the
// pass has shown.
func readAt(a checkpoint.Account) time.Time {
	return time.UnixMilli(int64(cmp.Or(a.FirstAt, a.ReadAt))).UTC()
}

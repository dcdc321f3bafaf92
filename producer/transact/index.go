package transact

import (
	"cmp"
	"slices"
	"sync"

	"genesys-producer/checkpoint"
)

// ledgerID is whose ledger it is, within one checkpoint name.
type ledgerID struct {
	queue string
	day   checkpoint.Day
}

// place is where a record lies in the ledger topic.
type place struct {
	partition int32
	record    int64 // its offset
}

// piece is a record that holds a part of a ledger's text: so many bytes, from an offset on.
type piece struct {
	at     place
	offset int
	length int32
}

// pieces are what is known of one ledger.
type pieces struct {
	held []piece // in the order of their offsets
	seen []place // the last record of each partition that has a part in it
}

// index knows where the text of each ledger lies, and not the text: some 24 bytes a
// record, where the text is a hundred times as much. It is safe for concurrent use.
//
// Of one ledger, records of a partition count in their order: what comes late (a topic
// that is read on tells again what this store has written itself) changes nothing.
type index struct {
	mu      sync.Mutex
	ledgers map[ledgerID]*pieces
}

// take enters a record: it holds so many bytes of the ledger from an offset on. -1: it
// deletes what the partition had there.
func (x *index) take(id ledgerID, offset int, at place, length int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	p := x.ledgers[id]
	if p == nil {
		if x.ledgers == nil {
			x.ledgers = map[ledgerID]*pieces{}
		}
		p = new(pieces)
		x.ledgers[id] = p
	}
	if !p.see(at) {
		return
	}
	// The same key in another partition is another record: the topic was given more
	// partitions, and who replaced it has deleted it there.
	p.held = slices.DeleteFunc(p.held, func(one piece) bool { return one.offset == offset && one.at.partition == at.partition })
	if length >= 0 {
		i, _ := slices.BinarySearchFunc(p.held, offset, func(one piece, offset int) int { return cmp.Compare(one.offset, offset+1) })
		p.held = slices.Insert(p.held, i, piece{at, offset, int32(length)})
	}
}

// see takes note of a record. false: a later one was seen.
func (p *pieces) see(at place) bool {
	for i, known := range p.seen {
		if known.partition == at.partition {
			p.seen[i].record = max(known.record, at.record)
			return known.record < at.record
		}
	}
	p.seen = append(p.seen, at)
	return true
}

// of returns the pieces of a ledger.
func (x *index) of(id ledgerID) []piece {
	x.mu.Lock()
	defer x.mu.Unlock()
	if p := x.ledgers[id]; p != nil {
		return slices.Clone(p.held)
	}
	return nil
}

// days returns the days of which a queue has a ledger, in their order.
func (x *index) days(queue string) (days []checkpoint.Day) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for id, p := range x.ledgers {
		if id.queue == queue && len(p.held) > 0 {
			days = append(days, id.day)
		}
	}
	slices.Sort(days)
	return days
}

// lose removes a piece whose record is gone.
func (x *index) lose(id ledgerID, lost piece) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if p := x.ledgers[id]; p != nil {
		p.held = slices.DeleteFunc(p.held, func(one piece) bool { return one == lost })
	}
}

// clear forgets all.
func (x *index) clear() {
	x.mu.Lock()
	defer x.mu.Unlock()
	clear(x.ledgers)
}

// tidy forgets ledgers that are deleted, once their partitions are read to behind that:
// until then, what was read late could bring them back.
func (x *index) tidy(read map[int32]int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for id, p := range x.ledgers {
		late := slices.ContainsFunc(p.seen, func(at place) bool { return read[at.partition] <= at.record })
		if len(p.held) == 0 && !late {
			delete(x.ledgers, id)
		}
	}
}

// whole returns those pieces that the ledger's text consists of, from its beginning as far
// as they follow each other. A piece ends where the next one begins, as it was cut there.
func whole(held []piece) []piece {
	end := 0
	for i, p := range held {
		if p.offset > end {
			return held[:i]
		}
		end = p.offset + int(p.length)
	}
	return held
}

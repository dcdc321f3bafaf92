package genesystest

import (
	"slices"
	"time"
)

// Conversation is one record as a query would find it at this moment.
type Conversation struct {
	ID     string
	Queues []string  // those it has been in so far, in order
	Start  time.Time // to the millisecond
	End    time.Time // zero: under way
	JSON   []byte    // as the API serves it in the simulator's dialect
}

// Conversations returns the truth: what a query for the queue and the
// half-open interval finds now, in the order of the API. An empty queue stands
// for all of them, a zero to for no bound. Every record is composed: of many
// conversations better ask for the IDs.
func (s *Simulator) Conversations(queue string, from, to time.Time) []Conversation {
	now := s.now().UnixMilli()
	var all []Conversation
	for _, k := range s.library.find(s.interval(queue, from, to), now) {
		all = append(all, s.shown(k, now))
	}
	return all
}

// IDs returns the ids of Conversations, cheaply.
func (s *Simulator) IDs(queue string, from, to time.Time) []string {
	var ids []string
	for _, k := range s.library.find(s.interval(queue, from, to), s.now().UnixMilli()) {
		ids = append(ids, k.id)
	}
	return ids
}

// Conversation returns the one with the id, if queries have begun to find it by
// now: from its start, or later if Life has it lag.
func (s *Simulator) Conversation(id string) (Conversation, bool) {
	now := s.now().UnixMilli()
	k := s.library.get(id)
	if k == nil || k.findable() > now {
		return Conversation{}, false
	}
	return s.shown(k, now), true
}

// Put adds a conversation to the queues, or replaces the one with its ID and
// takes that out of all other queues. No queues: where the former one was.
//
// With JSON, that is what is served, whatever it holds: the ID is then no more
// than the name by which the test knows the record. So are records made that no
// reader can use: {"note":1} has no id, {"conversationId":""} an empty one,
// {"conversationId":7} one that is no text, {"conversationId":"a","conversationId":"a"}
// a doubled one (in the dialect Entities the member is "id"), and null is no record.
// What is no JSON breaks the whole answer. Without, a record is composed for ID, Start
// and End, with a zero End under way until it is put again.
func (s *Simulator) Put(queues []string, c Conversation) {
	now := s.now().UnixMilli()
	k := &sketch{id: c.ID, seed: mix(s.config.Seed, rollPut, mixText(c.ID)), start: c.Start.UnixMilli(),
		end: never, late: never, edited: now, text: slices.Clone(c.JSON)}
	k.size = drawSize(new(dice(k.seed)), s.config.MeanSize)
	k.span = max(now-k.start, 1000)
	if !c.End.IsZero() {
		k.end = c.End.UnixMilli()
		k.span = k.end - k.start
	}
	if old := s.library.get(c.ID); old != nil {
		k.seed, k.revision = old.seed, old.revision
		if len(queues) == 0 {
			for _, t := range old.stops {
				queues = append(queues, t.queue)
			}
		}
	}
	if len(queues) == 0 {
		queues = s.config.Queues[:1]
	}
	k.stops = spread(k, queues)
	if k.text != nil { // its segments are the test's own affair
		for i := range k.stops {
			k.stops[i].at = k.start
		}
	}
	s.library.put(k)
}

// Remove takes a conversation out of all queues, as a deletion by law does.
func (s *Simulator) Remove(id string) bool { return s.library.remove(id) }

// Revise changes the record of a conversation without changing when or where
// it took place: an evaluation is added, as days after the end. A record that
// a test has put with its own JSON cannot be revised.
func (s *Simulator) Revise(id string) bool {
	old := s.library.get(id)
	if old == nil || old.text != nil {
		return false
	}
	revised := *old
	revised.revision++
	revised.edited = s.now().UnixMilli()
	s.library.put(&revised)
	return true
}

func (s *Simulator) shown(k *sketch, now int64) Conversation {
	c := Conversation{ID: k.id, Start: time.UnixMilli(k.start).UTC()}
	if end, ended := k.endBy(now); ended {
		c.End = time.UnixMilli(end).UTC()
	}
	for _, t := range k.stops {
		if t.at <= now {
			c.Queues = append(c.Queues, t.queue)
		}
	}
	c.JSON = appendRecord(make([]byte, 0, k.size+4096), k, s.config.Dialect, now, &s.layouts)
	return c
}

func (s *Simulator) interval(queue string, from, to time.Time) interval {
	i := interval{queue: s.config.visible(queue), from: from.UnixMilli(), to: never, wholeDays: s.config.WholeDays}
	if !to.IsZero() {
		i.to = to.UnixMilli()
	}
	return i
}

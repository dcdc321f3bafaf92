package transact

import (
	"fmt"

	"genesys-producer/checkpoint"
)

// Index is what the store knows of where ledgers lie.
func (s *Store) Index() map[string][]string {
	x := &s.ledgers.index
	x.mu.Lock()
	defer x.mu.Unlock()
	all := map[string][]string{}
	for id, p := range x.ledgers {
		for _, one := range p.held {
			name := id.queue + " " + string(id.day)
			all[name] = append(all[name], fmt.Sprintf("%d+%d at %d/%d", one.offset, one.length, one.at.partition, one.at.record))
		}
	}
	return all
}

// Known is how many ledgers the index has something of, deleted ones included.
func (s *Store) Known() int {
	x := &s.ledgers.index
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.ledgers)
}

// TakenForPosition reports whether a record of this key would be taken for a position.
func (s *Store) TakenForPosition(text string) (checkpoint.Key, bool) { return s.keyOf(text) }

// Connected is how many keys have a client of their own.
func (s *Store) Connected() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.sessions {
		unlock := session.lock()
		if session.client != nil {
			n++
		}
		unlock()
	}
	return n
}

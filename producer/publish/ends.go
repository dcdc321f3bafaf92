package publish

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// ends remembers where each partition ended after its last acknowledgement. A message
// that is written before that end tells that acknowledged ones are gone: the topic was
// deleted and created again, or a replica that lacks them was made its leader. Brokers
// tell it in no other way.
type ends struct {
	mu      sync.Mutex
	offsets map[int]int64 // by partition: the least offset that its next message can have
}

// span is where a partition has put what was sent to it.
type span struct{ first, end int64 }

// now is where the partitions end.
func (e *ends) now() map[int]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.offsets)
}

// acknowledged notes what partitions have acknowledged, and says which of the offsets
// that were acknowledged before are gone, and which perhaps, of partitions that were not
// written to. then is where the partitions ended before the messages were sent.
func (e *ends) acknowledged(then map[int]int64, spans map[int]span) (gone, perhaps []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(then)) {
		if s, written := spans[id]; !written {
			perhaps = append(perhaps, fmt.Sprintf("partition %d offsets up to %d", id, then[id]-1))
		} else if s.first < then[id] {
			gone = append(gone, fmt.Sprintf("partition %d offsets %d to %d", id, s.first, then[id]-1))
		}
	}
	if len(gone) > 0 || e.offsets == nil {
		e.offsets = map[int]int64{} // of all partitions: it is told once
	}
	for id, s := range spans {
		e.offsets[id] = max(e.offsets[id], s.end)
	}
	return gone, perhaps
}

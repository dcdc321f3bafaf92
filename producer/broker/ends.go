package broker

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Ends remembers where partitions ended after their last acknowledgement. A message
// that is written before that end tells that acknowledged ones are gone: the topic was
// deleted and created again, or a replica that lacks them was made its leader. Brokers
// tell it in no other way. The zero Ends remembers nothing. It is safe for concurrent
// use.
type Ends struct {
	mu      sync.Mutex
	offsets map[Partition]int64 // the least offset that the next message of each can have
}

// Partition is a partition of a topic.
type Partition struct {
	Topic  string
	Number int
}

func (p Partition) String() string { return fmt.Sprintf("topic %s partition %d", p.Topic, p.Number) }

// Span is where a partition has put what was sent to it: the first offset, and the one
// behind the last.
type Span struct{ First, End int64 }

// Now is where the partitions end.
func (e *Ends) Now() map[Partition]int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.offsets)
}

// Acknowledged notes what partitions have acknowledged. It logs which of the offsets
// that were acknowledged before are gone, and which perhaps: those of partitions that
// were not written to. then is where the partitions ended before the messages were sent.
func (e *Ends) Acknowledged(log *slog.Logger, then map[Partition]int64, spans map[Partition]Span) {
	e.mu.Lock()
	defer e.mu.Unlock()
	gone, deleted := []string(nil), map[string]bool{}
	for p, s := range spans {
		if s.First < then[p] {
			gone = append(gone, fmt.Sprintf("%v offsets %d to %d", p, s.First, then[p]-1))
			deleted[p.Topic] = true
		}
	}
	var perhaps []string
	for p, end := range then {
		if _, written := spans[p]; !written && deleted[p.Topic] {
			perhaps = append(perhaps, fmt.Sprintf("%v offsets up to %d", p, end-1))
		}
	}
	if e.offsets == nil {
		e.offsets = map[Partition]int64{}
	}
	maps.DeleteFunc(e.offsets, func(p Partition, _ int64) bool { return deleted[p.Topic] }) // of all its partitions: it is told once
	for p, s := range spans {
		e.offsets[p] = max(e.offsets[p], s.End)
	}
	if len(gone) > 0 {
		slices.Sort(gone)
		slices.Sort(perhaps)
		log.Error("kafka: messages that the topic had acknowledged are gone; the walk goes on after them",
			"gone", strings.Join(gone, ", "), "perhaps", strings.Join(perhaps, ", "), "cause", "the topic was deleted and created again, or a replica without them became the leader",
			"fix", "to publish them again, run beside this under another CHECKPOINT_NAME, with WINDOW_FROM before the first that is missing and WINDOW_TO=now")
	}
}

// SpansOf is where records are that were acknowledged.
func SpansOf(records []*kgo.Record) map[Partition]Span {
	spans := map[Partition]Span{}
	for _, r := range records {
		p := Partition{r.Topic, int(r.Partition)}
		s, ok := spans[p]
		if !ok {
			s.First = r.Offset
		}
		spans[p] = Span{min(s.First, r.Offset), max(s.End, r.Offset+1)}
	}
	return spans
}

package transact

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// tail reads a partition from its beginning to its end, and later on to its new end.
//
// An open transaction, be it of another queue, holds back the last stable offset: a
// reader of what is committed sees nothing behind it, not even what is committed. So
// the tail reads up to that offset what is committed, and from there to the end by
// itself, telling by their markers which transactions are. What is compacted lies
// before that offset, so no marker is missing behind it, nor before it, where a leader has
// handed out less: a marker stays as long as a record of its transaction does.
type tail struct {
	client    *kgo.Client
	topic     string
	partition int32
	stable    int64 // the offset up to which all is known; -1: not begun
	id        [16]byte
	anew      func() // is called where the topic is not the one that it was; may be nil
}

// readOn hands every committed record that it has not handed out yet to see, in the
// order of their offsets, and some again: see tells them by these. It returns how many
// transactions are open.
func (t *tail) readOn(ctx context.Context, see func(*kgo.Record)) (open int, err error) {
	leaders, id, err := leaders(ctx, t.client, t.topic)
	if err != nil {
		return 0, fmt.Errorf("topic %s: %w", t.topic, err)
	}
	if t.stable >= 0 && t.id != id { // deleted and created again: offsets mean nothing any more
		t.stable = -1
		if t.anew != nil {
			t.anew()
		}
	}
	t.id = id
	leader, ok := leaders[t.partition]
	if !ok {
		return 0, fmt.Errorf("topic %s: partition %d: %w", t.topic, t.partition, kerr.UnknownTopicOrPartition)
	}
	if t.stable < 0 {
		if err := t.toStart(ctx); err != nil {
			return 0, err
		}
	}
	end, err := t.end(ctx)
	if err != nil {
		return 0, err
	}
	return t.readTo(ctx, leader, end, see)
}

// toStart has the tail begin with the first record that the partition has now.
func (t *tail) toStart(ctx context.Context) error {
	starts, err := kadm.NewClient(t.client).ListStartOffsets(ctx, t.topic)
	start, _ := starts.Lookup(t.topic, t.partition)
	if err = errors.Join(err, start.Err); err != nil {
		return fmt.Errorf("topic %s: start: %w", t.topic, err)
	}
	t.stable = start.Offset
	return nil
}

// end asks for the offset behind the partition's last record. An answer to Fetch that has
// nothing more may come from a leader that was just elected, and does not yet know how far
// it has all there is; asked for the end, it says so (KIP-207).
func (t *tail) end(ctx context.Context) (int64, error) {
	ends, err := kadm.NewClient(t.client).ListEndOffsets(ctx, t.topic)
	end, _ := ends.Lookup(t.topic, t.partition)
	if err = errors.Join(err, end.Err); err != nil {
		return 0, fmt.Errorf("topic %s: end: %w", t.topic, err)
	}
	return end.Offset, nil
}

// readTo is readOn, from where the tail has begun, with a leader that has said where the
// partition ends.
func (t *tail) readTo(ctx context.Context, leader int32, end int64, see func(*kgo.Record)) (open int, err error) {
	t.stable, err = t.read(ctx, leader, t.stable, 0, kgo.ReadCommitted(), see)
	if err != nil {
		return 0, err
	}
	undecided := map[int64][]*kgo.Record{} // records of transactions, by producer id
	_, err = t.read(ctx, leader, t.stable, end, kgo.ReadUncommitted(), func(r *kgo.Record) {
		switch {
		case r.Attrs.IsControl():
			if committed(r) {
				for _, r := range undecided[r.ProducerID] {
					see(r)
				}
			}
			delete(undecided, r.ProducerID)
		case r.Attrs.IsTransactional():
			undecided[r.ProducerID] = append(undecided[r.ProducerID], r)
		default:
			see(r)
		}
	})
	return len(undecided), err
}

// committed reports whether a control record ends a transaction well.
func committed(r *kgo.Record) bool {
	var key kmsg.ControlRecordKey
	return key.ReadFrom(r.Key) == nil && key.Type == kmsg.ControlRecordKeyTypeCommit
}

// read reads to the end, and on until an answer has nothing more, and returns the offset
// behind.
func (t *tail) read(ctx context.Context, leader int32, offset, end int64, level kgo.IsolationLevel, see func(*kgo.Record)) (int64, error) {
	for {
		answer, next, err := t.fetch(ctx, leader, offset, largestAnswer, level)
		if err != nil {
			return offset, fmt.Errorf("topic %s: read from offset %d: %w", t.topic, offset, err)
		}
		for _, r := range answer.Records {
			see(r)
		}
		// What is there is answered, and a gap that compaction has left is read over. So an
		// answer that brings us no further has come to what the broker knows as the end.
		switch {
		case next > offset:
			offset = next
		case offset >= end:
			return offset, nil
		default:
			if err := pause(ctx, 20*time.Millisecond); err != nil {
				return offset, fmt.Errorf("topic %s: the leader does not hand out what it has from offset %d to %d: %w", t.topic, offset, end, err)
			}
		}
	}
}

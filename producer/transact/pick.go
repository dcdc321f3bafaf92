package transact

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// near is how many offsets may lie between two records for both to be asked for at once.
const near = 100

// overhead is about how many bytes a record and its batch take besides the value.
const overhead = 256

// load returns the text of a ledger. A record that is gone, as topics are deleted and
// leaders lose what they had, ends it there: nobody vouches for a ledger.
func (l *ledgers) load(ctx context.Context, id ledgerID) ([]byte, error) {
	if err := l.current(ctx); err != nil {
		return nil, err
	}
	held := whole(l.index.of(id))
	if len(held) == 0 {
		return nil, nil
	}
	topic := l.store.config.LedgerTopic
	brokers, now, err := leaders(ctx, l.client, topic)
	if err != nil {
		return nil, fmt.Errorf("topic %s: %w", topic, err)
	}
	l.mu.Lock()
	same := l.id == now
	l.mu.Unlock()
	if !same {
		l.stale()
		return l.load(ctx, id)
	}
	wanted, values := make(map[place]string, len(held)), make(map[place][]byte, len(held))
	byPartition := map[int32][]piece{}
	for _, p := range held {
		byPartition[p.at.partition] = append(byPartition[p.at.partition], p)
		wanted[p.at] = ledgerKey(l.store.config.Name, id, p.offset)
	}
	for partition, some := range byPartition {
		slices.SortFunc(some, func(a, b piece) int { return cmp.Compare(a.at.record, b.at.record) })
		t := &tail{client: l.client, topic: topic, partition: partition}
		err := t.pick(ctx, brokers[partition], some, func(r *kgo.Record) {
			if at := (place{partition, r.Offset}); wanted[at] == string(r.Key) {
				values[at] = r.Value
			}
		})
		if err != nil {
			return nil, err
		}
	}
	last := held[len(held)-1]
	text := make([]byte, 0, last.offset+int(last.length))
	for _, p := range held {
		value, ok := values[p.at]
		if !ok || len(value) != int(p.length) {
			l.index.lose(id, p)
			return text[:p.offset], nil
		}
		text = append(text[:p.offset], value...)
	}
	return text, nil
}

// pick hands the records of pieces, which are in the order of their offsets, to see, and
// some others: what lies near is read in one pass. Those that are gone it passes over.
func (t *tail) pick(ctx context.Context, leader int32, wanted []piece, see func(*kgo.Record)) error {
	for len(wanted) > 0 {
		first, size := wanted[0].at.record, 0
		for i, p := range wanted {
			if i > 0 && p.at.record-wanted[i-1].at.record > near {
				break
			}
			size += int(p.length) + overhead
		}
		// It is known that they are committed, whatever is open before them.
		answer, next, err := t.fetch(ctx, leader, first, int32(min(size, largestAnswer)), kgo.ReadUncommitted())
		switch {
		case errors.Is(err, kerr.OffsetOutOfRange):
			next = first + 1
		case err != nil:
			return fmt.Errorf("topic %s: read offset %d: %w", t.topic, first, err)
		case next <= first:
			end, err := t.end(ctx)
			if err != nil {
				return err
			}
			if end > first { // the leader does not hand it out yet
				if err := pause(ctx, 20*time.Millisecond); err != nil {
					return fmt.Errorf("topic %s: the leader does not hand out what it has at offset %d: %w", t.topic, first, err)
				}
				continue
			}
			next = first + 1
		}
		for _, r := range answer.Records {
			see(r)
		}
		for len(wanted) > 0 && wanted[0].at.record < next {
			wanted = wanted[1:]
		}
	}
	return nil
}

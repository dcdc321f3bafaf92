package transact

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/checkpoint"
)

// ledgers is what a store knows of the ledger topic: where the text of each ledger of its
// name lies. It is read once, at the first use, and later on where somebody else may have
// written. What the store writes itself it enters as brokers acknowledge it.
type ledgers struct {
	store *Store
	index index

	reading chan struct{} // holds one value while the topic is read
	client  *kgo.Client   // nil: not connected yet
	tails   map[int32]*tail

	mu    sync.Mutex // guards what follows
	id    [16]byte   // of the topic
	asked int        // how often somebody has said that there may be more; what is read on is read once for all of them
	read  int        // of these, for how many it was read since; 0: never
}

func newLedgers(s *Store) *ledgers {
	return &ledgers{store: s, reading: make(chan struct{}, 1), tails: map[int32]*tail{}, asked: 1}
}

// stale says that somebody else may have written, or this store what it does not know of.
func (l *ledgers) stale() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
}

// begin makes sure that the topic was read once. It takes its time, and waits for brokers.
func (l *ledgers) begin(ctx context.Context) error {
	l.mu.Lock()
	begun := l.read > 0
	l.mu.Unlock()
	if begun {
		return nil
	}
	return l.store.config.Ladder.Until(ctx, loadTimeout, func(ctx context.Context) error { return decided(ctx, l.readOn) })
}

// current reads on where there may be more than is known.
func (l *ledgers) current(ctx context.Context) error {
	l.mu.Lock()
	current := l.read >= l.asked
	l.mu.Unlock()
	if current {
		return nil
	}
	_, err := l.readOn(ctx)
	return err
}

// readOn takes note of what was committed since it last did, and says how many
// transactions are open.
func (l *ledgers) readOn(ctx context.Context) (open int, err error) {
	select {
	case l.reading <- struct{}{}:
		defer func() { <-l.reading }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	l.mu.Lock()
	asked, first := l.asked, l.read == 0
	l.mu.Unlock()
	if l.client == nil {
		if l.client, err = newReader(l.store.config.Config); err != nil {
			return 0, err
		}
	}
	topic := l.store.config.LedgerTopic
	brokers, id, err := leaders(ctx, l.client, topic)
	if err != nil {
		return 0, fmt.Errorf("topic %s: %w", topic, err)
	}
	l.meet(id)
	if err := l.follow(ctx, brokers); err != nil {
		return 0, fmt.Errorf("topic %s: %w", topic, err)
	}
	ends, err := kadm.NewClient(l.client).ListEndOffsets(ctx, topic) // see tail.end
	if err = errors.Join(err, ends.Error()); err != nil {
		return 0, fmt.Errorf("topic %s: end: %w", topic, err)
	}
	read := map[int32]int64{}
	for partition, t := range l.tails {
		end, _ := ends.Lookup(topic, partition)
		if first || t.stable != end.Offset { // at first, to learn that reading is allowed
			some, err := t.readTo(ctx, brokers[partition], end.Offset, l.see)
			if errors.Is(err, kerr.OffsetOutOfRange) {
				some, err = l.readAnew(ctx, t, brokers[partition], end.Offset)
			}
			if err != nil {
				return open, err
			}
			open += some
		}
		read[partition] = t.stable
	}
	l.index.tidy(read)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read = asked
	return open, nil
}

// readAnew reads a partition that no longer has what comes next, or never had: since this
// store read last, records were deleted, or lost by leaders. What of the ledgers is gone is
// found out where it is asked for.
func (l *ledgers) readAnew(ctx context.Context, t *tail, leader int32, end int64) (open int, err error) {
	if err := t.toStart(ctx); err != nil {
		return 0, err
	}
	return t.readTo(ctx, leader, end, l.see)
}

// meet takes note of the topic's id. Where it is another topic of the same name, offsets
// mean nothing any more, and what it held is gone.
func (l *ledgers) meet(id [16]byte) {
	l.mu.Lock()
	known := l.id
	l.id = id
	l.mu.Unlock()
	if known == id || known == [16]byte{} {
		return
	}
	l.store.config.Log.Error("kafka: the ledger topic was deleted and created again, and what it had of published versions is gone; conversations that are read again are published again",
		"topic", l.store.config.LedgerTopic, "fix", "none is needed: each queue begins new ledgers")
	clear(l.tails)
	l.index.clear()
}

// follow begins a tail for each partition that has none.
func (l *ledgers) follow(ctx context.Context, brokers map[int32]int32) error {
	if len(l.tails) == len(brokers) {
		return nil
	}
	topic := l.store.config.LedgerTopic
	starts, err := kadm.NewClient(l.client).ListStartOffsets(ctx, topic)
	if err = errors.Join(err, starts.Error()); err != nil {
		return err
	}
	for partition := range brokers {
		if start, ok := starts.Lookup(topic, partition); ok && l.tails[partition] == nil {
			l.tails[partition] = &tail{client: l.client, topic: topic, partition: partition, stable: start.Offset}
		}
	}
	return nil
}

// see enters a committed record. Those of other names are passed over.
func (l *ledgers) see(r *kgo.Record) {
	if id, offset, ok := parseLedgerKey(l.store.config.Name, string(r.Key)); ok {
		length := len(r.Value)
		if r.Value == nil {
			length = -1
		}
		l.index.take(id, offset, place{r.Partition, r.Offset}, length)
	}
}

// took enters what this store has committed.
func (l *ledgers) took(changes []change, records []*kgo.Record) {
	for i, c := range changes {
		l.index.take(c.id, c.offset, place{records[i].Partition, records[i].Offset}, c.length())
	}
}

// Ledger implements [checkpoint.Store]. It asks brokers for those records alone that hold
// the text, and some beside them. What another process has committed since this store last
// read on is not seen; who takes a key of the queue reads on.
func (s *Store) Ledger(ctx context.Context, queue string, day checkpoint.Day) (text []byte, err error) {
	id := ledgerID{queue, day}
	op := fmt.Sprintf("ledger of queue %s day %s", queue, day)
	if err := s.admitLedgers(ctx, op, id.validate()); err != nil {
		return nil, err
	}
	if err = s.ledgers.begin(ctx); err == nil {
		err = s.config.Ladder.Until(ctx, loadTimeout, func(ctx context.Context) error {
			text, err = s.ledgers.load(ctx, id)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", op, err)
	}
	return text, nil
}

// admitLedgers is admit for what needs the ledger topic.
func (s *Store) admitLedgers(ctx context.Context, op string, err error) error {
	if err == nil && s.config.LedgerTopic == "" {
		err = &SetupError{"the store was given no topic for ledgers"}
	}
	return s.admit(ctx, op, err)
}

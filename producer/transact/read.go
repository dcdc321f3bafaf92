package transact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer"
	"genesys-producer/producer/broker"
)

// Read is a message as it was read. Who keeps a part of it keeps the whole answer that it
// came in: what is to be kept is better copied.
type Read struct {
	Partition int32
	Offset    int64
	Time      time.Time // of publishing, in whole milliseconds
	Key       string
	Value     []byte
	Headers   []producer.Header
}

// Header returns the value of a header, the first of that key; empty where there is none.
func (r Read) Header(key string) string {
	for _, h := range r.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

// Range is how far a partition was read.
type Range struct {
	Partition        int32
	First, End       int64     // offsets: the first, and the one behind the last
	Earliest, Latest time.Time // publishing of those messages that were handed out; zero: there was none
	Messages         int       // that were handed out
	Open             int       // transactions that had not ended at End: their messages are left out
}

// readTries is how often in a row brokers may fail to bring a reader further.
const readTries = 8

// ReadTopic hands every committed message that was published at a time or later to see,
// partition by partition, in the order of their offsets, as far as the topic reached when
// it was called; the zero time: from the beginning. It needs memory for one answer of
// the brokers at a time, however large the topic is. It does not wait for
// brokers that are away, but for those that move or start again. It returns the ranges of
// those partitions that were read, after an error too; the last of them may be incomplete
// then.
func ReadTopic(ctx context.Context, c Config, topic string, since time.Time, see func(Read)) ([]Range, error) {
	client, err := newReader(c)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	ends, err := endsOf(ctx, admin, topic)
	if err != nil {
		return nil, broker.Explain(err)
	}
	since = since.Truncate(time.Millisecond) // as messages are stamped
	var starts kadm.ListedOffsets
	if since.IsZero() {
		starts, err = admin.ListStartOffsets(ctx, topic)
	} else {
		starts, err = admin.ListOffsetsAfterMilli(ctx, since.UnixMilli(), topic)
	}
	if err = errors.Join(err, starts.Error()); err != nil {
		return nil, broker.Explain(fmt.Errorf("topic %s: starts: %w", topic, err))
	}
	var ranges []Range
	for partition, end := range ends {
		start, ok := starts.Lookup(topic, int32(partition))
		if !ok {
			return ranges, broker.Explain(fmt.Errorf("topic %s: starts: partition %d: %w", topic, partition, kerr.UnknownTopicOrPartition))
		}
		r := &reader{tail: tail{client: client, topic: topic, partition: int32(partition)}, since: since, see: see, at: min(start.Offset, end),
			Range: Range{Partition: int32(partition), First: min(start.Offset, end), End: end}}
		err := r.readAll(ctx)
		ranges = append(ranges, r.Range)
		if err != nil {
			return ranges, broker.Explain(err)
		}
	}
	return ranges, nil
}

// reader reads a partition once, up to an end.
type reader struct {
	tail
	Range
	since time.Time
	see   func(Read)
	at    int64 // all before it is done
}

// readAll reads up to the last stable offset what is committed, and from there to the end
// twice: first what becomes of transactions, and then the messages of those that are
// committed. See tail.
func (r *reader) readAll(ctx context.Context) error {
	err := r.pass(ctx, kgo.ReadCommitted(), r.hand)
	if err != nil || r.at >= r.End {
		return err
	}
	stable, fates, open := r.at, map[int64][]fate{}, map[int64]bool{}
	err = r.pass(ctx, kgo.ReadUncommitted(), func(m *kgo.Record) {
		switch {
		case m.Attrs.IsControl():
			fates[m.ProducerID] = append(fates[m.ProducerID], fate{m.Offset, committed(m)})
			delete(open, m.ProducerID)
		case m.Attrs.IsTransactional():
			open[m.ProducerID] = true
		}
	})
	if err != nil {
		return err
	}
	r.at, r.Open = stable, len(open)
	return r.pass(ctx, kgo.ReadUncommitted(), func(m *kgo.Record) {
		switch {
		case m.Attrs.IsControl():
		case m.Attrs.IsTransactional():
			ends := fates[m.ProducerID]
			i := slices.IndexFunc(ends, func(f fate) bool { return f.at > m.Offset })
			if i >= 0 && ends[i].committed {
				r.hand(m)
			}
		default:
			r.hand(m)
		}
	})
}

// fate is the end of a transaction, and where it lies.
type fate struct {
	at        int64
	committed bool
}

// pass reads from where the reader is up to the end. Of what is committed, it reads as far
// as a broker hands it out.
func (r *reader) pass(ctx context.Context, level kgo.IsolationLevel, see func(*kgo.Record)) error {
	for tries := 0; r.at < r.End; {
		before := r.at
		done, err := r.from(ctx, level, see)
		if done || err == nil {
			return nil
		}
		if tries++; r.at > before {
			tries = 0
		}
		if tries > readTries || ctx.Err() != nil || broker.Final(err) {
			return fmt.Errorf("topic %s: partition %d: read offset %d: %w", r.topic, r.Partition, r.at, err)
		}
		if err := pause(ctx, time.Duration(tries)*100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// from asks one leader, as long as it brings the reader further. done: it hands out no more
// of what is committed.
func (r *reader) from(ctx context.Context, level kgo.IsolationLevel, see func(*kgo.Record)) (done bool, err error) {
	brokers, id, err := leaders(ctx, r.client, r.topic)
	switch {
	case err != nil:
		return false, err
	case r.id != [16]byte{} && r.id != id:
		return false, &SetupError{"it was deleted and created again meanwhile"}
	}
	r.id = id
	for r.at < r.End {
		bounded, cancel := context.WithTimeout(ctx, attemptTimeout)
		answer, next, err := r.fetch(bounded, brokers[r.Partition], r.at, largestAnswer, level)
		cancel()
		if err != nil {
			return false, err
		}
		for _, m := range answer.Records {
			if m.Offset < r.End {
				see(m)
			}
		}
		if next <= r.at {
			return level == kgo.ReadCommitted(), fmt.Errorf("the leader does not hand out what it has up to offset %d", r.End)
		}
		r.at = next
	}
	return false, nil
}

// hand hands a committed message out.
func (r *reader) hand(m *kgo.Record) {
	if m.Timestamp.Before(r.since) { // another clock has stamped it, though it lies behind
		return
	}
	read := Read{m.Partition, m.Offset, m.Timestamp, string(m.Key), m.Value, make([]producer.Header, len(m.Headers))}
	for i, h := range m.Headers {
		read.Headers[i] = producer.Header(h)
	}
	if r.Messages == 0 || m.Timestamp.Before(r.Earliest) {
		r.Earliest = m.Timestamp
	}
	if m.Timestamp.After(r.Latest) {
		r.Latest = m.Timestamp
	}
	r.Messages++
	r.see(read)
}

package transact

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/broker"
)

// commit makes the messages and the position durable in one transaction, or nothing of
// them. After an error the session opens anew, which ends the transaction and reads the
// position back: whether a commit that was not answered took place is never guessed.
func (s *session) commit(ctx context.Context, messages []*producer.Message, next checkpoint.Position, text []byte) (refused []*producer.Message, err error) {
	refused, err = s.try(ctx, messages, next, text)
	if broker.TransactionOver(err) {
		return s.try(ctx, messages, next, text) // which tells whether we are fenced
	}
	return refused, err
}

func (s *session) try(ctx context.Context, messages []*producer.Message, next checkpoint.Position, text []byte) (refused []*producer.Message, err error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	if s.settled(text) {
		return nil, nil
	}
	if err := s.own(); err != nil {
		return nil, err
	}
	stored, found, err := s.store.stored("save", s.key)
	if err == nil && found {
		err = checkpoint.MayFollow(s.key, stored, next)
	}
	if err != nil {
		return nil, err
	}
	return s.transact(ctx, messages, text)
}

// transact writes the messages, and the position as it is encoded, in one transaction.
func (s *session) transact(ctx context.Context, messages []*producer.Message, text []byte) (refused []*producer.Message, err error) {
	records := make([]*kgo.Record, len(messages), len(messages)+1)
	for i, m := range messages {
		records[i] = record(m)
	}
	position := &kgo.Record{Topic: s.store.config.Topic, Key: []byte(s.store.recordKey(s.key)), Value: text,
		Headers: []kgo.RecordHeader{{Key: instanceHeader, Value: []byte(s.store.instance)}}}

	if err := s.client.BeginTransaction(); err != nil {
		s.close()
		return nil, err
	}
	s.open = true
	then := s.store.ends.Now()
	failed, err := s.write(ctx, append(records, position))
	tooLarge := errors.Is(err, kerr.MessageTooLarge)
	switch {
	case tooLarge && !s.singly:
		// A batch is refused as a whole. Alone, each message is told for itself.
		if err := s.undo(ctx); err != nil {
			return nil, err
		}
		s.singly = true
		return s.transact(ctx, messages, text)
	case tooLarge && failed < len(messages):
		return messages[failed : failed+1], s.undo(ctx)
	case err == nil:
		s.doubt = text // until there is an answer
		err = s.client.EndTransaction(ctx, kgo.TryCommit)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	s.doubt, s.open, s.singly = nil, false, false
	s.store.note(s.key, entry{position.Offset, text, s.store.instance})
	s.store.ends.Acknowledged(s.store.config.Log, then, broker.SpansOf(records))
	_ = s.renew(ctx) // brokers may have given another epoch; else the one before is good
	return nil, nil
}

// undo ends a transaction of which brokers have refused something.
func (s *session) undo(ctx context.Context) error {
	err := s.client.EndTransaction(ctx, kgo.TryAbort)
	if err == nil {
		err = s.renew(ctx)
	}
	if err != nil {
		s.close()
		return err
	}
	s.open = false
	return nil
}

// write sends the records and waits until each is acknowledged. It returns the first
// error, and the number of the record that it is about.
//
// The first records for a topic are sent while franz-go (1.22) still takes up the topic's
// partitions. Acknowledged before that is done, they are overlooked by EndTransaction,
// which then aborts what it is told to commit, without an error. AbortBufferedRecords,
// with nothing buffered, waits for it.
func (s *session) write(ctx context.Context, records []*kgo.Record) (failed int, err error) {
	answers := make(chan answer, len(records)) // what comes after an error is of no use
	open := 0
	for i, r := range records {
		s.client.Produce(ctx, r, func(_ *kgo.Record, err error) { answers <- answer{i, err} })
		open++
		if !s.singly && i < len(records)-1 {
			continue
		}
		for err := s.client.Flush(ctx); open > 0; open-- {
			select {
			case a := <-answers:
				if a.err != nil {
					return a.record, written(records[a.record].Topic, s.trouble.behind(a.err))
				}
			default: // Flush waits for all answers, unless it fails
				return 0, cmp.Or(err, errors.New("records were not answered for"))
			}
		}
	}
	return 0, s.client.AbortBufferedRecords(ctx)
}

// answer is what became of one record.
type answer struct {
	record int
	err    error
}

func written(topic string, err error) error {
	if broker.IsRefusal(err) {
		return &broker.RefusedError{Topic: topic, Err: err}
	}
	return fmt.Errorf("topic %s: %w", topic, err)
}

// record is a message as franz-go wants it, stamped with the time of publishing: a
// conversation's own would let retention delete old ones at once.
func record(m *producer.Message) *kgo.Record {
	r := &kgo.Record{Topic: m.Topic, Key: []byte(m.Key), Value: m.Value, Headers: make([]kgo.RecordHeader, len(m.Headers))}
	for i, h := range m.Headers {
		r.Headers[i] = kgo.RecordHeader(h)
	}
	return r
}

// codec is a compression as franz-go names it.
func codec(name string) kgo.CompressionCodec {
	switch name {
	case "gzip":
		return kgo.GzipCompression()
	case "snappy":
		return kgo.SnappyCompression()
	case "lz4":
		return kgo.Lz4Compression()
	case "zstd":
		return kgo.ZstdCompression()
	}
	return kgo.NoCompression()
}

package transact

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/broker"
)

// page is what is committed as one.
type page struct {
	messages []*producer.Message
	chunks   []checkpoint.Chunk
	next     checkpoint.Position
	text     []byte // next, as it is encoded
}

// commit makes a page durable in one transaction, or nothing of it. After an error the
// session opens anew, which ends the transaction and reads the position back: whether a
// commit that was not answered took place is never guessed.
func (s *session) commit(ctx context.Context, p page) (refused []*producer.Message, err error) {
	refused, err = s.try(ctx, p)
	if broker.TransactionOver(err) {
		return s.try(ctx, p) // which tells whether we are fenced
	}
	return refused, err
}

func (s *session) try(ctx context.Context, p page) (refused []*producer.Message, err error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	if s.settled(p.text) {
		return nil, nil
	}
	if err := s.own(); err != nil {
		return nil, err
	}
	stored, found, err := s.store.stored("save", s.key)
	if err == nil && found {
		err = checkpoint.MayFollow(s.key, stored, p.next)
	}
	if err != nil {
		return nil, err
	}
	w := writing{messages: p.messages, text: p.text}
	if len(p.chunks) > 0 {
		if err := s.store.ledgers.current(ctx); err != nil {
			return nil, err
		}
		w.changes = s.store.ledgers.index.changes(s.key.Queue, p.chunks)
	}
	return s.transact(ctx, w)
}

// transact writes all that there is in one transaction.
func (s *session) transact(ctx context.Context, w writing) (refused []*producer.Message, err error) {
	records, position := s.records(w)
	if len(w.changes) > 0 {
		defer func() {
			if err != nil {
				s.store.ledgers.stale() // it is not known what of them is there
			}
		}()
	}
	if err := s.client.BeginTransaction(); err != nil {
		s.close()
		return nil, err
	}
	s.open = true
	then := s.store.ends.Now()
	tooLarge, err := s.write(ctx, records, len(w.messages), s.parts(w.messages, len(records)-len(w.messages)))
	switch {
	case len(tooLarge) > 0:
		if err := s.undo(ctx); err != nil {
			return nil, err
		}
		if refused = s.learn(w.messages, tooLarge); len(refused) > 0 {
			return refused, nil
		}
		return s.transact(ctx, w)
	case err == nil:
		if position != nil {
			s.doubt = w.text // until there is an answer
		}
		err = s.client.EndTransaction(ctx, kgo.TryCommit)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	s.open, s.room = false, 0
	s.store.ledgers.took(w.changes, records[len(w.messages):])
	if position != nil {
		s.doubt = nil
		s.store.note(s.key, entry{position.Offset, w.text, s.store.instance})
	}
	records = slices.DeleteFunc(records, func(r *kgo.Record) bool { return r.Topic == s.store.config.LedgerTopic }) // which may be lost
	s.store.ends.Acknowledged(s.store.config.Log, then, broker.SpansOf(records))
	if s.renew(ctx) != nil { // brokers may have given another epoch
		s.close()
	}
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

// write sends the records part by part, and waits until each is acknowledged. A part is
// told by the number of the record behind it. Where batches are refused for their size,
// write returns the numbers of the messages that were in them, which are the first records.
//
// The first records for a topic are sent while franz-go (1.22) still takes up the topic's
// partitions. Acknowledged before that is done, they are overlooked by EndTransaction,
// which then aborts what it is told to commit, without an error. AbortBufferedRecords,
// with nothing buffered, waits for it.
func (s *session) write(ctx context.Context, records []*kgo.Record, messages int, parts []int) (tooLarge [][]int, err error) {
	answers := make(chan answer, len(records)) // what comes after an error is of no use
	begin := 0
	for _, end := range parts {
		for i := begin; i < end; i++ {
			s.client.Produce(ctx, records[i], func(_ *kgo.Record, err error) { answers <- answer{i, err} })
		}
		if tooLarge, err = s.answered(ctx, records, messages, answers, end-begin); err != nil || len(tooLarge) > 0 {
			return tooLarge, err
		}
		begin = end
	}
	if err := s.client.AbortBufferedRecords(ctx); err != nil {
		return nil, err
	}
	// Where franz-go asks for another epoch by itself, brokers abort what they have of the
	// transaction, and it goes on with the rest (invariant 1).
	for _, r := range records {
		if r.ProducerID != s.id || r.ProducerEpoch != s.epoch {
			return nil, fmt.Errorf("topic %s: a record was written under epoch %d of producer id %d, and the transaction has %d of %d: %w",
				r.Topic, r.ProducerEpoch, r.ProducerID, s.epoch, s.id, kerr.InvalidTxnState)
		}
	}
	return nil, nil
}

// answer is what became of one record.
type answer struct {
	record int
	err    error
}

// answered waits for the answers to what was sent.
func (s *session) answered(ctx context.Context, records []*kgo.Record, messages int, answers <-chan answer, sent int) (tooLarge [][]int, err error) {
	flushed := s.client.Flush(ctx)
	batches := map[partition][]int{}
	for ; sent > 0; sent-- {
		select {
		case a := <-answers:
			r := records[a.record]
			switch {
			case a.err == nil:
			case errors.Is(a.err, kerr.MessageTooLarge) && a.record < messages: // of the service's own records, it is a setting
				of := partition{r.Topic, r.Partition}
				batches[of] = append(batches[of], a.record)
			case err == nil:
				err = written(r.Topic, s.trouble.behind(a.err))
			}
		default: // Flush waits for all answers, unless it fails
			return nil, cmp.Or(flushed, errors.New("records were not answered for"))
		}
	}
	if len(batches) > 0 {
		return slices.Collect(maps.Values(batches)), nil
	}
	return nil, err
}

func written(topic string, err error) error {
	if broker.IsRefusal(err) {
		return &broker.RefusedError{Topic: topic, Err: err}
	}
	return fmt.Errorf("topic %s: %w", topic, err)
}

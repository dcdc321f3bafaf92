package transact

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer"
)

// writing is what is written in one transaction.
type writing struct {
	messages []*producer.Message
	changes  []change      // of ledgers
	kept     []*kgo.Record // of the checkpoint topic, besides the position
	text     []byte        // the position, as it is encoded; nil: the stored one stays
}

// records are those of what is written: first the messages, then the changes of ledgers, and the
// position last.
func (s *session) records(w writing) (records []*kgo.Record, position *kgo.Record) {
	for _, m := range w.messages {
		records = append(records, record(m))
	}
	for _, c := range w.changes {
		records = append(records, s.store.ledgerRecord(c))
	}
	records = append(records, w.kept...)
	if w.text != nil {
		position = &kgo.Record{Topic: s.store.config.Topic, Key: []byte(s.store.recordKey(s.key)), Value: w.text,
			Headers: []kgo.RecordHeader{{Key: instanceHeader, Value: []byte(s.store.instance)}}}
		records = append(records, position)
	}
	return records, position
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

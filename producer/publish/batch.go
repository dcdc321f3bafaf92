package publish

import (
	"errors"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"

	"genesys-producer/producer"
)

// record is a message as kafka-go wants it, with the bytes it takes in a batch.
type record struct {
	Key, Value []byte
	Headers    []kafka.Header
	size       int
	message    *producer.Message
}

func encode(m *producer.Message) record {
	r := record{Key: []byte(m.Key), Value: m.Value, Headers: make([]kafka.Header, len(m.Headers)), size: m.Size(), message: m}
	for i, h := range m.Headers {
		r.Headers[i] = kafka.Header(h)
	}
	return r
}

// batchEnd is how many of the records fit into one batch: one at least.
func batchEnd(records []record, limit int) int {
	size := 0
	for i, r := range records {
		if size += r.size; size > limit && i > 0 {
			return i
		}
	}
	return len(records)
}

// reader hands the records to kafka-go. They are stamped with the time of
// publishing: a conversation's own would let retention delete old ones at once.
func reader(batch []record, now time.Time) kafka.RecordReader {
	records := make([]kafka.Record, len(batch))
	for i, r := range batch {
		records[i] = kafka.Record{
			Time: now, Key: kafka.NewBytes(r.Key), Value: kafka.NewBytes(r.Value), Headers: r.Headers,
		}
	}
	return kafka.NewRecordReader(records...)
}

// partitionOf is where a key belongs: as the Java client has it, so that topics of
// other producers can be joined.
func partitionOf(key []byte, partitions []int) int {
	return kafka.Murmur2Balancer{Consistent: true}.Balance(kafka.Message{Key: key}, partitions...)
}

func isOneOf(err error, codes ...kafka.Error) bool {
	var code kafka.Error
	return errors.As(err, &code) && slices.Contains(codes, code)
}

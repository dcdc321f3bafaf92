package transact

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/checkpoint"
)

// largestChunk is how many bytes of a ledger one record holds: less than brokers let pass
// in a batch.
const largestChunk = 900_000

// change is what one record does to a ledger.
type change struct {
	id        ledgerID
	offset    int
	text      []byte // nil: what lies there is deleted
	partition int32  // -1: that of the ledger
}

// length is that of the text; -1: there is none.
func (c change) length() int {
	if c.text == nil {
		return -1
	}
	return len(c.text)
}

// ledgerKey is the key of a record that holds a part of a ledger: name/queue/day/offset.
// Names, days and offsets have no slash.
func ledgerKey(name string, id ledgerID, offset int) string {
	return fmt.Sprintf("%s/%s/%s/%012d", name, id.queue, id.day, offset)
}

// parseLedgerKey is the inverse of ledgerKey. false: it is of another name, or not ours.
func parseLedgerKey(name, text string) (id ledgerID, offset int, ok bool) {
	rest, own := strings.CutPrefix(text, name+"/")
	end := strings.LastIndexByte(rest, '/')
	if !own || end < 0 {
		return id, 0, false
	}
	offset, err := strconv.Atoi(rest[end+1:])
	day := strings.LastIndexByte(rest[:end], '/')
	if err != nil || day < 0 {
		return id, 0, false
	}
	id = ledgerID{rest[:day], checkpoint.Day(rest[day+1 : end])}
	return id, offset, id.validate() == nil && ledgerKey(name, id, offset) == text
}

// validate refuses what cannot have a ledger.
func (id ledgerID) validate() error {
	if err := (checkpoint.Key{Queue: id.queue, Lane: checkpoint.Live}).Validate(); err != nil {
		return err
	}
	if begin := id.day.Begin(); begin.IsZero() || checkpoint.DayOf(begin) != id.day {
		return fmt.Errorf("day %q: %w: want a day such as 2026-03-01", id.day, checkpoint.ErrInvalid)
	}
	return nil
}

// validateChunks refuses those that no ledger can have.
func validateChunks(queue string, chunks []checkpoint.Chunk) error {
	for _, c := range chunks {
		if err := (ledgerID{queue, c.Day}).validate(); err != nil {
			return err
		}
		if c.Offset < 0 {
			return fmt.Errorf("chunk at offset %d: %w: want 0 or more", c.Offset, checkpoint.ErrInvalid)
		}
	}
	return nil
}

// changes are what stores chunks of a queue: each deletes what is known behind its
// beginning, and follows. So a reader who takes the records of a partition in their order
// comes to the same text, whatever of it compaction has left.
func (x *index) changes(queue string, chunks []checkpoint.Chunk) (all []change) {
	held := map[checkpoint.Day][]piece{}
	for _, c := range chunks {
		id := ledgerID{queue, c.Day}
		if _, ok := held[c.Day]; !ok {
			held[c.Day] = x.of(id)
		}
		held[c.Day] = slices.DeleteFunc(held[c.Day], func(p piece) bool {
			if p.offset >= c.Offset {
				all = append(all, change{id: id, offset: p.offset, partition: p.at.partition})
			}
			return p.offset >= c.Offset
		})
		add := func(offset int, text []byte) {
			all = append(all, change{id, offset, text, -1})
			held[c.Day] = append(held[c.Day], piece{place{partition: -1}, offset, int32(len(text))})
		}
		if len(c.Text) == 0 && c.Offset > 0 { // it cuts off, within a piece perhaps
			add(c.Offset, []byte{})
		}
		at := c.Offset
		for part := range slices.Chunk(c.Text, largestChunk) {
			add(at, part)
			at += len(part)
		}
	}
	return all
}

// deletions are what deletes the ledgers of a queue and some days.
func (x *index) deletions(queue string, days []checkpoint.Day) (all []change) {
	for _, day := range days {
		all = append(all, x.changes(queue, []checkpoint.Chunk{{Day: day}})...)
	}
	return all
}

// ledgerRecord is the record that makes a change.
func (s *Store) ledgerRecord(c change) *kgo.Record {
	return &kgo.Record{Topic: s.config.LedgerTopic, Partition: c.partition, Value: c.text,
		Key: []byte(ledgerKey(s.config.Name, c.id, c.offset))}
}

// partitioner puts messages where the Java client has them, and all records of a ledger in
// one partition: that of their key without the offset, or the one that they ask for.
type partitioner struct{ ledgers string }

// ForTopic implements [kgo.Partitioner].
func (p partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	java := kgo.StickyKeyPartitioner(nil).ForTopic(topic) // murmur2 of the key
	if topic != p.ledgers {
		return java
	}
	return byLedger{java}
}

type byLedger struct{ java kgo.TopicPartitioner }

// RequiresConsistency implements [kgo.TopicPartitioner].
func (byLedger) RequiresConsistency(*kgo.Record) bool { return true }

// Partition implements [kgo.TopicPartitioner].
func (b byLedger) Partition(r *kgo.Record, partitions int) int {
	if r.Partition >= 0 {
		return int(r.Partition)
	}
	return b.java.Partition(&kgo.Record{Key: r.Key[:bytes.LastIndexByte(r.Key, '/')]}, partitions)
}

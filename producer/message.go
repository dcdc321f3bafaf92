package producer

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// Message is one conversation on its way to Kafka, or a dead letter.
type Message struct {
	Topic   string
	Key     string // the conversation's id
	Value   []byte // the record's bytes as they came (invariant 4)
	Headers []Header

	record     genesys.Record
	asked      *asked
	superseded bool   // a version that was read later is published: it is not sent
	grave      *grave // of a dead letter
}

// asked is the request that a page's records came with.
type asked struct {
	query checkpoint.Query
	page  int
}

// Header is one header of a [Message]. Messages of one page share its bytes.
type Header struct {
	Key   string
	Value []byte
}

const (
	// recordOverhead is the most that a record takes besides key, value and
	// headers: lengths, attributes, and the differences of time and offset.
	recordOverhead = 40
	// headerOverhead is the most that a header's two lengths take.
	headerOverhead = 10
	// batchOverhead is the head of a batch.
	batchOverhead = 61
)

// Size is the most bytes that the message takes as a batch of its own, before
// compression, which makes a large one that cannot be compressed a little larger.
func (m *Message) Size() int {
	size := batchOverhead + recordOverhead + len(m.Key) + len(m.Value)
	for _, h := range m.Headers {
		size += headerOverhead + len(h.Key) + len(h.Value)
	}
	return size
}

// messages returns what makes a message of a page's record and its content-hash. producer
// names this program and its version.
func messages(page *genesys.Page, pos checkpoint.Position, topic, producer string) func(r genesys.Record, hash []byte) *Message {
	window := genesys.Query{From: pos.Query.From, To: pos.Query.To}
	shared := []Header{
		{"queue-id", []byte(pos.Query.Queue)},
		{"window", []byte(window.Interval())},
		{"page", strconv.AppendInt(nil, int64(page.Number), 10)},
		{"pass", strconv.AppendInt(nil, int64(pos.Pass), 10)},
		{"fetched-at", strconv.AppendInt(nil, page.FetchedAt.UnixMilli(), 10)},
		{"content-type", []byte("application/json")},
		{"producer", []byte(producer)},
	}
	from := &asked{pos.Query, page.Number}
	return func(r genesys.Record, hash []byte) *Message {
		headers := append(make([]Header, 0, len(shared)+1), shared...)
		return &Message{Topic: topic, Key: r.ID, Value: r.Raw,
			Headers: append(headers, Header{"content-hash", hash}), record: r, asked: from}
	}
}

// contentHash is the first 16 hex digits of the SHA-256 of a value.
func contentHash(value []byte) []byte {
	sum := sha256.Sum256(value)
	return hex.AppendEncode(nil, sum[:8])
}

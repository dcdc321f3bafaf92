package producer

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// Message is one conversation on its way to Kafka.
type Message struct {
	Key     string // the conversation's id
	Value   []byte // the record's bytes as they came (invariant 4)
	Headers []Header
}

// Header is one header of a [Message]. Messages of one page share its bytes.
type Header struct {
	Key   string
	Value []byte
}

// messages makes one message of each of a page's records, in order. producer names
// this program and its version.
func messages(page *genesys.Page, pos checkpoint.Position, producer string) []Message {
	shared := []Header{
		{"queue-id", []byte(pos.Query.Queue)},
		{"window", []byte(query(pos).Interval())},
		{"page", strconv.AppendInt(nil, int64(page.Number), 10)},
		{"pass", strconv.AppendInt(nil, int64(pos.Pass), 10)},
		{"fetched-at", strconv.AppendInt(nil, page.SentAt.UnixMilli(), 10)},
		{"content-type", []byte("application/json")},
		{"producer", []byte(producer)},
	}
	result := make([]Message, len(page.Records))
	for i, r := range page.Records {
		headers := append(make([]Header, 0, len(shared)+1), shared...)
		result[i] = Message{r.ID, r.Raw, append(headers, Header{"content-hash", contentHash(r.Raw)})}
	}
	return result
}

// contentHash is the first 16 hex digits of the SHA-256 of a value.
func contentHash(value []byte) []byte {
	sum := sha256.Sum256(value)
	return hex.AppendEncode(nil, sum[:8])
}

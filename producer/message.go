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

// Header is one header of a [Message].
type Header struct{ Key, Value string }

// messages makes one message of each of a page's records, in order. producer names
// this program and its version.
func messages(page *genesys.Page, pos checkpoint.Position, producer string) []Message {
	shared := []Header{
		{"queue-id", pos.Query.Queue},
		{"window", query(pos).Interval()},
		{"page", strconv.Itoa(page.Number)},
		{"pass", strconv.Itoa(pos.Pass)},
		{"fetched-at", strconv.FormatInt(page.SentAt.UnixMilli(), 10)},
		{"content-type", "application/json"},
		{"producer", producer},
	}
	result := make([]Message, len(page.Records))
	for i, r := range page.Records {
		headers := append(make([]Header, 0, len(shared)+1), shared...)
		result[i] = Message{r.ID, r.Raw, append(headers, Header{"content-hash", contentHash(r.Raw)})}
	}
	return result
}

// contentHash is the first 16 hex digits of the SHA-256 of a value.
func contentHash(value []byte) string {
	sum := sha256.Sum256(value)
	return hex.EncodeToString(sum[:8])
}

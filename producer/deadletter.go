package producer

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"genesys-producer/genesys"
)

// Reference stands for a record that does not fit into a dead letter.
type Reference struct {
	ConversationID string `json:"conversationId,omitempty"`
	Bytes          int    `json:"bytes"`
	GzipBytes      int    `json:"gzipBytes"`
	SHA256         string `json:"sha256"`     // of the record, 64 hex digits
	FetchAgain     string `json:"fetchAgain"` // how the API can be asked for it
}

// DeadLetters says where records go that cannot be published.
type DeadLetters struct {
	Topic string
	Limit int // bytes of a message; a larger one is a dead letter
}

// grave is what is told of a dead letter, and what it can be instead (invariant 8).
type grave struct {
	reason  string
	headers []Header // of the message that it was
	form    string   // raw, gzip or reference
	smaller []form   // where that one is refused
}

// form is a value that a dead letter can have.
type form struct {
	name  string
	value []byte
}

// judge makes dead letters of the messages that cannot be published as they are, for
// what their records lack or for their size.
func (d DeadLetters) judge(messages []*Message) error {
	for _, m := range messages {
		reason := m.record.Defect
		if size := m.Size(); reason == "" && size > d.Limit {
			reason = fmt.Sprintf("it takes %d bytes, more than KAFKA_MAX_MESSAGE_BYTES (%d)", size, d.Limit)
		}
		if reason == "" {
			continue
		}
		if err := d.bury(m, reason); err != nil {
			return err
		}
	}
	return nil
}

// bury makes a dead letter of a message, or one of a smaller form of a dead letter: the
// first that fits. It fails where the smallest was refused.
func (d DeadLetters) bury(m *Message, reason string) error {
	if m.grave == nil {
		m.grave = &grave{reason: reason, headers: m.Headers, smaller: m.forms()}
		m.Topic = d.Topic
		if m.Key == "" {
			m.Key = string(contentHash(m.record.Raw)) // a repeat has the same key
		}
	}
	g := m.grave
	if len(g.smaller) == 0 {
		return fmt.Errorf("dead-letter topic %s refuses a message of %d bytes for its size: raise its max.message.bytes", d.Topic, m.Size())
	}
	for {
		next := g.smaller[0]
		g.form, g.smaller = next.name, g.smaller[1:]
		m.Value = next.value
		m.Headers = append(g.headers[:len(g.headers):len(g.headers)],
			Header{"dead-letter-reason", []byte(g.reason)},
			Header{"dead-letter-form", []byte(g.form)},
			Header{"content-bytes", strconv.AppendInt(nil, int64(len(m.record.Raw)), 10)})
		if m.Size() <= d.Limit || len(g.smaller) == 0 {
			return nil
		}
	}
}

// forms are the values that a dead letter can have, the largest first.
func (m *Message) forms() []form {
	zipped := zip(m.record.Raw)
	return []form{{"raw", m.record.Raw}, {"gzip", zipped}, {"reference", m.reference(len(zipped))}}
}

// reference is a [Reference] as JSON.
func (m *Message) reference(zipped int) []byte {
	sum := sha256.Sum256(m.record.Raw)
	r := Reference{m.record.ID, len(m.record.Raw), zipped, hex.EncodeToString(sum[:]), ""}
	q := m.asked.query
	r.FetchAgain = fmt.Sprintf("GET /api/v2/analytics/conversations/%s/details on %s", url.PathEscape(r.ConversationID), q.API)
	if r.ConversationID == "" {
		r.FetchAgain = fmt.Sprintf("page %d, at %d records a page, of the conversation-details query of queue %s and interval %s on %s",
			m.asked.page, q.PageSize, q.Queue, genesys.Query{From: q.Since, To: q.To}.Interval(), q.API)
	}
	text, err := json.Marshal(r)
	if err != nil { // text and numbers: nothing that could fail
		return nil
	}
	return text
}

func zip(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text) // a Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

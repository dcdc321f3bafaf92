package producer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// Attestation says of a window that it is closed, and what was found: one message to
// KAFKA_WINDOWS_TOPIC. attestation.schema.json describes it for consumers.
type Attestation struct {
	Format  string `json:"format"`
	Version int    `json:"version"`

	Queue   string          `json:"queue"`
	Window  string          `json:"window"`   // from/to, as in the header of its messages
	Asked   string          `json:"asked"`    // the interval that was asked for
	Lane    checkpoint.Lane `json:"lane"`     // live, or revisit: a day walked again for late changes
	Turn    int             `json:"turn"`     // of lane revisit: which revisit of the queue
	Pass    int             `json:"pass"`     // the last one
	Looks   int             `json:"looks"`    // passes that were walked to their end
	ReadAt  int64           `json:"readAt"`   // when its last page was sent for, in Unix milliseconds
	Verdict Verdict         `json:"verdict"`  // complete, stable, unstable or truncated
	Why     string          `json:"why"`      // empty where it is complete
	Topic   string          `json:"topic"`    // of the conversations
	Cluster string          `json:"cluster"`  // of the topic; may be empty
	Pages   int             `json:"pages"`    // of all passes
	Totals  [2]int          `json:"totals"`   // the last pass's first and last; -1: the API said none
	Repeats int             `json:"repeated"` // records of the last pass that came twice

	Distinct    int `json:"distinct"`      // conversations
	Published   int `json:"published"`     // messages
	Unchanged   int `json:"unchanged"`     // conversations whose versions had all been published before
	Superseded  int `json:"superseded"`    // versions that were not published because a later read was
	DeadLetters int `json:"deadLetters"`   // versions that went to the dead-letter topic
	Outside     int `json:"outsideWindow"` // records of the last pass without any time in the interval asked for
	Open        int `json:"open"`          // conversations of its start days that had no end when they were read last
	LeftOpen    int `json:"leftOpen"`      // of a day that is visited no more: those that still had none

	// Digest is the SHA-256, in hex, of 20 bytes for each conversation, in the order of
	// these: the first 12 of the SHA-256 of its id and the first 8 of its version's.
	Digest string `json:"digest"`
	// Offsets are, for each partition of the topic in order, one before which there is no
	// message of the window and one from which on there is none.
	Offsets [][2]int64 `json:"offsets"`
}

// attest makes the message for a window that has its verdict. Made again, it is the same.
func attest(topic, producer string, lane checkpoint.Lane, pos checkpoint.Position, leftOpen int) *Message {
	q, a := pos.Query, pos.Account
	window := genesys.Query{From: q.From, To: q.To}.Interval()
	text, err := json.Marshal(Attestation{
		Format: "genesys-producer/window", Version: 1,
		Queue: q.Queue, Window: window, Asked: genesys.Query{From: q.Since, To: q.To}.Interval(),
		Lane: lane, Turn: pos.Turn, Pass: pos.Pass, Looks: a.Looks + 1, ReadAt: int64(a.ReadAt),
		Verdict: Verdict(a.Final.Verdict), Why: a.Final.Why,
		Topic: pos.Destination.Topic, Cluster: pos.Destination.Cluster,
		Pages: a.Pages, Totals: [2]int{a.Totals.First, a.Totals.Last}, Repeats: a.Repeated,
		Distinct: a.Final.Found, Published: a.Published, Unchanged: a.Final.Unchanged,
		Superseded: a.Superseded, DeadLetters: a.Letters, Outside: a.Outside, Open: a.Final.Open, LeftOpen: leftOpen,
		Digest: a.Final.Digest, Offsets: between(a.Begin, a.Final.End),
	})
	if err != nil { // text and numbers: nothing that could fail
		panic(err)
	}
	return &Message{Topic: topic, Key: q.Queue + "/" + window, Value: text,
		Headers: []Header{{"content-type", []byte("application/json")}, {"producer", []byte(producer)}}}
}

// notAttested is the error of an attestation that was not published, or refused.
func notAttested(m *Message, err error) error {
	if err == nil {
		err = fmt.Errorf("brokers refuse its %d bytes for their size: raise max.message.bytes of the topic", len(m.Value))
	}
	return fmt.Errorf("attest window %s in topic %s: %w", m.Key, m.Topic, err)
}

// offsets writes the ends of a topic's partitions as an account has them.
func offsets(ends []int64) string {
	texts := make([]string, len(ends))
	for i, end := range ends {
		texts[i] = strconv.FormatInt(end, 10)
	}
	return strings.Join(texts, ",")
}

// between reads two of them. A partition that was added meanwhile begins at 0.
func between(begin, end string) [][2]int64 {
	first, after := strings.Split(begin, ","), strings.Split(end, ",")
	all := make([][2]int64, len(after))
	for i := range after {
		if i < len(first) {
			all[i][0], _ = strconv.ParseInt(first[i], 10, 64) // ours
		}
		all[i][1], _ = strconv.ParseInt(after[i], 10, 64)
	}
	return all
}

package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

const (
	// Format is the name of the encoding, its first field.
	Format = "genesys-producer/checkpoint"
	// Version is the version of the encoding that this package writes. It
	// reads this one and every earlier one.
	Version = 2
	// MaxSize is the largest encoded position in bytes.
	MaxSize = 64 << 10

	// timeLayout is how a time is stored: RFC 3339, UTC, milliseconds.
	timeLayout = "2006-01-02T15:04:05.000Z"
)

// envelope is the outside of an encoded position: enough to recognise it and
// to notice damage before anything in it is believed.
type envelope struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	SHA256  string          `json:"sha256"` // of the body without white space, 64 hex digits
	Body    json.RawMessage `json:"body"`
}

// body is the inside: a position, and whose it is.
type body struct {
	Name     string   `json:"name"`
	Queue    string   `json:"queue"`
	Lane     Lane     `json:"lane"`
	Position Position `json:"position"`
}

func (b body) key() Key { return Key{Queue: b.Queue, Lane: b.Lane} }

// query is a [Query] as it is stored.
type query struct {
	Dialect  string `json:"dialect"`
	API      string `json:"api"`
	Queue    string `json:"queue"`
	Since    string `json:"since"`
	From     string `json:"from"`
	To       string `json:"to"`
	Order    string `json:"order"`
	Filters  string `json:"filters"`
	PageSize int    `json:"pageSize"`
}

// MarshalJSON returns the query with its times in UTC and milliseconds.
func (q Query) MarshalJSON() ([]byte, error) {
	return marshal(query{
		Dialect: q.Dialect, API: q.API, Queue: q.Queue,
		Since: q.Since.UTC().Format(timeLayout), From: q.From.UTC().Format(timeLayout), To: q.To.UTC().Format(timeLayout),
		Order: q.Order, Filters: q.Filters, PageSize: q.PageSize,
	})
}

// UnmarshalJSON reads what MarshalJSON has written, and refuses other fields.
func (q *Query) UnmarshalJSON(text []byte) error {
	var stored query
	if err := strict(text, &stored); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	*q = Query{
		Dialect: stored.Dialect, API: stored.API, Queue: stored.Queue,
		Order: stored.Order, Filters: stored.Filters, PageSize: stored.PageSize,
	}
	for _, t := range []struct {
		name, text string
		to         *time.Time
	}{{"since", stored.Since, &q.Since}, {"from", stored.From, &q.From}, {"to", stored.To, &q.To}} {
		at, err := time.Parse(timeLayout, t.text)
		if err != nil {
			return fmt.Errorf("query %s: %w", t.name, err)
		}
		*t.to = at
	}
	return nil
}

// Encode returns the position of key within the checkpoint name as it is
// stored: indented JSON, ended by a newline, the format that the package
// comment describes. It refuses what is not valid with [ErrInvalid].
//
// Equal positions have equal encodings.
func Encode(name string, key Key, p Position) ([]byte, error) {
	if err := ValidateName(name); err != nil {
		return nil, err
	}
	if err := key.Validate(); err != nil {
		return nil, err
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if p.Query.Queue != key.Queue {
		return nil, invalid("query queue", p.Query.Queue, "want that of its key, "+key.Queue)
	}
	return seal(Version, body{Name: name, Queue: key.Queue, Lane: key.Lane, Position: p})
}

// seal puts a body of a version into its envelope.
func seal(version int, content any) ([]byte, error) {
	inside, err := marshal(content)
	if err != nil {
		return nil, fmt.Errorf("encode position: %w", err)
	}
	outside, err := marshal(envelope{Format: Format, Version: version, SHA256: checksum(inside), Body: inside})
	if err != nil {
		return nil, fmt.Errorf("encode position: %w", err)
	}
	var text bytes.Buffer
	if err := json.Indent(&text, outside, "", "  "); err != nil {
		return nil, fmt.Errorf("encode position: %w", err)
	}
	text.WriteByte('\n')
	if text.Len() > MaxSize {
		return nil, fmt.Errorf("position: %w: it takes %d bytes, more than %d", ErrInvalid, text.Len(), MaxSize)
	}
	return text.Bytes(), nil
}

// checksum returns the SHA-256 of a compact body in hex.
func checksum(compact []byte) string {
	sum := sha256.Sum256(compact)
	return hex.EncodeToString(sum[:])
}

// marshal returns v as compact JSON, with "<", ">" and "&" as they are.
func marshal(v any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

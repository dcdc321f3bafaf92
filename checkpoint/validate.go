package checkpoint

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// maxQueue is the longest queue id in bytes: escaped, with lane and suffixes,
// it still fits the 255 bytes of a file name.
const maxQueue = 64

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

// ValidateName returns nil if name can be a checkpoint name: 1 to 64 letters,
// digits, dots, underscores and hyphens of ASCII, beginning with a letter or
// digit. Otherwise it returns an error that wraps [ErrInvalid].
func ValidateName(name string) error {
	if !spelled(name, 64, lower+upper+digits, "._-") {
		return fmt.Errorf("checkpoint name %q: %w: want 1 to 64 letters, digits, dots, underscores or hyphens, a letter or digit first", name, ErrInvalid)
	}
	return nil
}

// Validate returns nil if a position can be stored under k. Otherwise it
// returns an error that wraps [ErrInvalid].
func (k Key) Validate() error {
	switch {
	case k.Queue == "" || len(k.Queue) > maxQueue || !utf8.ValidString(k.Queue):
		return fmt.Errorf("queue id %q: %w: want 1 to %d bytes of UTF-8", k.Queue, ErrInvalid, maxQueue)
	case !spelled(string(k.Lane), 32, lower, digits+"-"):
		return fmt.Errorf("lane %q: %w: want 1 to 32 lower-case letters, digits or hyphens, a letter first", k.Lane, ErrInvalid)
	}
	return nil
}

// Validate returns nil if p can be stored and comes back as it was.
// Otherwise it returns an error that wraps [ErrInvalid] and names the field.
func (p Position) Validate() error {
	if p.IsZero() {
		return fmt.Errorf("position: %w: it is the zero Position", ErrInvalid)
	}
	if err := p.Query.validate(); err != nil {
		return err
	}
	switch {
	case p.Destination.Topic == "":
		return invalid("destination topic", "", "want the topic")
	case p.Pass < 0:
		return invalid("pass", p.Pass, "want 0 or more")
	case p.Page < 0:
		return invalid("page", p.Page, "want 0 or more")
	case p.Read < 0 || p.Page == 0 && p.Read != 0:
		return invalid("read", p.Read, "want 0 or more, and 0 before the first page")
	case p.Turn < 0:
		return invalid("turn", p.Turn, "want 0 or more")
	}
	for _, m := range p.Ledgers {
		if err := m.validate(); err != nil {
			return err
		}
	}
	a := p.Account
	return validUTF8(p.Destination.Cluster, p.Destination.Topic, p.Start, p.Agenda,
		a.Print, a.Begin, a.Final.Verdict, a.Final.Why, a.Final.Digest, a.Final.End)
}

// validate returns nil if a ledger can have the mark.
func (m Mark) validate() error {
	switch {
	case m.Day != "" && m.Day.Validate() != nil:
		return invalid("ledger's day", m.Day, "want a day such as 2026-03-01, or none")
	case m.Length < 0:
		return invalid("ledger's length", m.Length, "want 0 or more")
	}
	return validUTF8(m.Sum)
}

// validate returns nil if q gives a page number a meaning and can be stored.
func (q Query) validate() error {
	switch {
	case q.Dialect == "":
		return invalid("query dialect", "", "want the dialect")
	case q.API == "":
		return invalid("query API", "", "want the host of the API")
	case q.Queue == "":
		return invalid("query queue", "", "want the queue id")
	case q.PageSize < 1:
		return invalid("query page size", q.PageSize, "want 1 or more")
	case !storable(q.Since) || q.Since.After(q.From):
		return invalid("query since", q.Since, fmt.Sprintf("want whole milliseconds, not after from, %v", q.From))
	case !storable(q.From):
		return invalid("query from", q.From, "want whole milliseconds of the years 1 to 9999")
	case !storable(q.To):
		return invalid("query to", q.To, "want whole milliseconds of the years 1 to 9999")
	case !q.From.Before(q.To):
		return invalid("query to", q.To, fmt.Sprintf("want a time after from, %v", q.From))
	}
	return validUTF8(q.Dialect, q.API, q.Queue, q.Order, q.Filters)
}

// storable reports whether t, given no zone and milliseconds only, would come
// back as the same instant. The zero time is none.
func storable(t time.Time) bool {
	year := t.UTC().Year()
	return !t.IsZero() && t.Nanosecond()%int(time.Millisecond) == 0 && year >= 1 && year <= 9999
}

// validUTF8 refuses text that JSON would silently change.
func validUTF8(texts ...string) error {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return invalid("text", fmt.Sprintf("%q", text), "want UTF-8")
		}
	}
	return nil
}

// spelled reports whether text has 1 to most bytes, the first of them one of
// first, each other one of first or further.
func spelled(text string, most int, first, further string) bool {
	return text != "" && len(text) <= most &&
		strings.IndexByte(first, text[0]) >= 0 && strings.Trim(text, first+further) == ""
}

// invalid returns the error for a field of a position.
func invalid(field string, value any, want string) error {
	return fmt.Errorf("position: %s %v: %w: %s", field, value, ErrInvalid, want)
}

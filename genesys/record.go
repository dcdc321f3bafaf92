package genesys

import (
	"bytes"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Record is one conversation as the API sent it.
type Record struct {
	ID    string
	Raw   []byte    // the record's bytes, a slice of the answer: not to be changed
	Start time.Time // zero where the record has none that can be read
	End   time.Time // zero while the conversation is live
}

// badRecord says which record of a page has no usable id.
type badRecord struct {
	number int // 1-based, in the order of the answer
	offset int64
	reason string
}

func (b *badRecord) Error() string {
	return fmt.Sprintf("record %d (at byte %d): %s", b.number, b.offset, b.reason)
}

// record reads one record: all of it is skipped over but for three members.
func (s *splitter) record(number int) (r Record, err error) {
	if err := s.open('{', "a record is not an object"); err != nil {
		return r, err
	}
	from := s.InputOffset() - 1
	ids, reason := 0, ""
	for s.PeekKind() != '}' {
		name, err := s.name()
		if err != nil {
			return r, err
		}
		switch string(name) {
		case s.id:
			value, err := s.ReadValue()
			if err != nil {
				return r, s.wrap(err)
			}
			ids++
			r.ID, reason = identify(value, s.id)
		case s.start:
			r.Start, err = s.time()
		case s.end:
			r.End, err = s.time()
		default:
			err = s.skip()
		}
		if err != nil {
			return r, err
		}
	}
	if _, err := s.ReadToken(); err != nil {
		return r, s.wrap(err)
	}
	switch {
	case ids == 0:
		reason = s.id + " is missing"
	case ids > 1:
		reason = s.id + " occurs twice"
	}
	if reason != "" {
		return r, &badRecord{number, from, reason}
	}
	r.Raw = s.text[from:s.InputOffset():s.InputOffset()]
	return r, nil
}

// identify reads an id, or says why it cannot be one.
func identify(value jsontext.Value, member string) (id, reason string) {
	if value.Kind() != '"' {
		return "", member + " is not a string"
	}
	text, err := unquote(value)
	switch {
	case err != nil || !utf8.Valid(text):
		return "", member + " is not valid UTF-8"
	case len(text) == 0:
		return "", member + " is empty"
	}
	return string(text), ""
}

// time reads a time, tolerantly: one that cannot be read is the zero time.
func (s *splitter) time() (t time.Time, err error) {
	value, err := s.ReadValue()
	if err != nil {
		return t, s.wrap(err)
	}
	if value.Kind() == '"' && t.UnmarshalText(value[1:len(value)-1]) != nil {
		t = time.Time{}
	}
	return t, nil
}

// unquote gives the text of a JSON string, without a copy where it has no escapes.
func unquote(value jsontext.Value) ([]byte, error) {
	if bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1], nil
	}
	return jsontext.AppendUnquote(nil, value)
}

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
	ID     string    // empty where there is a Defect
	Raw    []byte    // the record's bytes, a slice of the answer: not to be changed
	Start  time.Time // zero where the record has none that can be read
	End    time.Time // zero while the conversation is live
	Defect string    // why it has no usable ID, such as "conversationId is missing"; empty: it has one
}

// longestID bounds what can be the key of a message. The API's ids have 36 bytes.
const longestID = 256

// record reads one record: all of it is skipped over but for three members. One
// without a usable id is handed on with its defect, as is what is no object: none
// is dropped, and one of them does not hold up the others.
func (s *splitter) record() (r Record, err error) {
	if k := s.PeekKind(); k != '{' && k != 0 {
		value, err := s.ReadValue()
		if err != nil {
			return r, s.wrap(err)
		}
		return Record{Raw: s.since(s.InputOffset() - int64(len(value))), Defect: "it is not an object"}, nil
	}
	if _, err := s.ReadToken(); err != nil {
		return r, s.wrap(err)
	}
	from := s.InputOffset() - 1
	ids := 0
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
			r.ID, r.Defect = identify(value, s.id)
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
		r.Defect = s.id + " is missing"
	case ids > 1:
		r.ID, r.Defect = "", s.id+" occurs twice"
	}
	r.Raw = s.since(from)
	return r, nil
}

// since is the text from there to where reading has come.
func (s *splitter) since(from int64) []byte { return s.text[from:s.InputOffset():s.InputOffset()] }

// identify reads an id, or says why it cannot be one.
func identify(value jsontext.Value, member string) (id, defect string) {
	if value.Kind() != '"' {
		return "", member + " is not a string"
	}
	text, err := unquote(value)
	switch {
	case err != nil || !utf8.Valid(text):
		return "", member + " is not valid UTF-8"
	case len(text) == 0:
		return "", member + " is empty"
	case len(text) > longestID:
		return "", fmt.Sprintf("%s takes %d bytes, more than %d", member, len(text), longestID)
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

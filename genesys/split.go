package genesys

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// noTotal stands for an answer that does not say how many records match.
const noTotal = -1

// malformed says why an answer cannot be split, and where.
type malformed struct {
	offset int64
	reason string
}

func (m *malformed) Error() string { return fmt.Sprintf("%s (at byte %d)", m.reason, m.offset) }

// otherDialect says that the answer is of the other contract.
type otherDialect struct{ member string }

func (o *otherDialect) Error() string { return "the answer has the member " + strconv.Quote(o.member) }

// split cuts an answer into its records in one pass. It is strict about the
// structure of the answer and permissive inside a record, which is not ours to
// judge: doubled names and bad UTF-8 pass as they came, and a record without a usable
// id is handed on with its defect. An absent, null or empty array is no records; an
// absent count is noTotal.
func split(c contract, body []byte) (records []Record, total int, err error) {
	s := splitter{contract: c, text: body, Decoder: jsontext.NewDecoder(bytes.NewBuffer(body),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	return s.answer()
}

type splitter struct {
	*jsontext.Decoder
	contract
	text []byte
}

func (s *splitter) answer() (records []Record, total int, err error) {
	if err := s.open('{', "the answer is not a JSON object"); err != nil {
		return nil, 0, err
	}
	total = noTotal
	foreign := s.other.contract()
	seen := map[string]bool{}
	for s.PeekKind() != '}' {
		name, err := s.name()
		if err != nil {
			return nil, 0, err
		}
		switch string(name) {
		case s.records, s.total:
			if seen[string(name)] {
				return nil, 0, s.fail("the member " + string(name) + " occurs twice")
			}
			seen[string(name)] = true
			if string(name) == s.total {
				total, err = s.count()
			} else {
				records, err = s.array()
			}
		case foreign.records, foreign.total:
			return nil, 0, &otherDialect{string(name)}
		default:
			err = s.skip()
		}
		if err != nil {
			return nil, 0, err
		}
	}
	if _, err := s.ReadToken(); err != nil {
		return nil, 0, s.wrap(err)
	}
	if _, err := s.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, 0, s.fail("something follows the answer")
	}
	return records, total, nil
}

func (s *splitter) count() (int, error) {
	value, err := s.ReadValue()
	if err != nil {
		return 0, s.wrap(err)
	}
	if value.Kind() == 'n' {
		return noTotal, nil
	}
	n, err := strconv.Atoi(string(value))
	if err != nil || n < 0 {
		return 0, s.fail("the member " + s.total + " is not a whole number")
	}
	return n, nil
}

func (s *splitter) array() ([]Record, error) {
	if s.PeekKind() == 'n' {
		return nil, s.skip()
	}
	if err := s.open('[', "the member "+s.records+" is not an array"); err != nil {
		return nil, err
	}
	records := make([]Record, 0, s.largestPage)
	for s.PeekKind() != ']' {
		r, err := s.record()
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	_, err := s.ReadToken()
	return records, s.wrap(err)
}

func (s *splitter) open(kind jsontext.Kind, otherwise string) error {
	if k := s.PeekKind(); k != kind && k != 0 {
		return s.fail(otherwise)
	}
	_, err := s.ReadToken()
	return s.wrap(err)
}

// name reads the name of a member. The result is valid until the next read.
func (s *splitter) name() ([]byte, error) {
	value, err := s.ReadValue()
	if err != nil {
		return nil, s.wrap(err)
	}
	name, _ := unquote(value) // bad UTF-8 in a name is not ours to judge
	return name, nil
}

// skip reads over a value. Reading it whole takes a quarter less time than
// SkipValue, which goes token by token.
func (s *splitter) skip() error {
	_, err := s.ReadValue()
	return s.wrap(err)
}

func (s *splitter) fail(reason string) error { return &malformed{s.InputOffset(), reason} }

func (s *splitter) wrap(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &malformed{int64(len(s.text)), "the answer is cut short"}
	}
	offset := s.InputOffset()
	if at, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		offset = at.ByteOffset // within the value that could not be read
	}
	// The decoder's own words can quote the text; ours never do.
	return &malformed{offset, "the answer is not valid JSON"}
}

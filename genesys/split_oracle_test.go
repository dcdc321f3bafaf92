package genesys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// oracle says what split must make of a text that encoding/json calls valid. It is
// written over the tokens of encoding/json, member by member: a struct would match
// names in any case, keep the last of doubled members and mend bad UTF-8, and split
// does none of these.
//
// What split refuses by design, though encoding/json accepts it, is all here:
//
//   - an answer that is not an object (null would be an empty one);
//   - a doubled array or count, of which encoding/json has the last;
//   - a member of the other dialect;
//   - a negative count.
//
// A record that is no object, or whose id is missing, doubled, empty, no text or bad
// UTF-8, is a record with a defect, and the page is a page.
func oracle(c contract, body []byte) (records []Record, total int, err error) {
	total = noTotal
	seen := map[string]bool{}
	foreign := c.other.contract()
	err = members(body, func(name string, value json.RawMessage) error {
		switch name {
		case foreign.records, foreign.total:
			return &otherDialect{name}
		case c.records, c.total:
			if seen[name] {
				return errNotAPage
			}
			seen[name] = true
		}
		switch {
		case string(value) == "null": // absent
		case name == c.total:
			if json.Unmarshal(value, &total) != nil || total < 0 {
				return errNotAPage
			}
		case name == c.records:
			records, err = oracleRecords(c, value)
			return err
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	return records, total, nil
}

// errNotAPage stands for whatever split has to say of an answer that is no page.
var errNotAPage = errors.New("not a page")

// members calls f for each member of an object in turn.
func members(object []byte, f func(name string, value json.RawMessage) error) error {
	tokens := json.NewDecoder(bytes.NewReader(object))
	if first, err := tokens.Token(); err != nil || first != json.Delim('{') {
		return errNotAPage
	}
	for tokens.More() {
		name, err := tokens.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := tokens.Decode(&value); err != nil {
			return err
		}
		if err := f(name.(string), value); err != nil {
			return err
		}
	}
	return nil
}

func oracleRecords(c contract, array json.RawMessage) (records []Record, err error) {
	var all []json.RawMessage
	if array[0] != '[' || json.Unmarshal(array, &all) != nil {
		return nil, errNotAPage
	}
	for _, raw := range all {
		records = append(records, oracleRecord(c, raw))
	}
	return records, nil
}

func oracleRecord(c contract, raw json.RawMessage) Record {
	r := Record{Raw: raw}
	var ids []json.RawMessage
	err := members(raw, func(name string, value json.RawMessage) error {
		switch name {
		case c.id:
			ids = append(ids, value)
		case c.start:
			r.Start = oracleTime(value)
		case c.end:
			r.End = oracleTime(value)
		}
		return nil
	})
	switch {
	case err != nil:
		r.Defect = "it is not an object"
	case len(ids) == 0:
		r.Defect = c.id + " is missing"
	case len(ids) > 1:
		r.Defect = c.id + " occurs twice"
	case ids[0][0] != '"':
		r.Defect = c.id + " is not a string"
	case string(ids[0]) == `""`:
		r.Defect = c.id + " is empty"
	default:
		text, good := oracleText(ids[0])
		if !good {
			r.Defect = c.id + " is not valid UTF-8"
			break
		}
		if len(text) > 256 {
			r.Defect = fmt.Sprintf("%s takes %d bytes, more than 256", c.id, len(text))
			break
		}
		r.ID = text
	}
	return r
}

// oracleText is a text that encoding/json has not mended: it writes U+FFFD for what
// is no character.
func oracleText(value json.RawMessage) (text string, good bool) {
	if json.Unmarshal(value, &text) != nil {
		return "", false
	}
	plain := strings.ReplaceAll(string(value), `\\`, "")
	meant := strings.Count(plain, "\ufffd") + len(regexp.MustCompile(`(?i)\\ufffd`).FindAllString(plain, -1))
	return text, utf8.Valid(value) && strings.Count(text, "\ufffd") == meant
}

// oracleTime is a time, or the zero time where encoding/json finds none.
func oracleTime(value json.RawMessage) (t time.Time) {
	if value[0] != '"' || json.Unmarshal(value, &t) != nil {
		return time.Time{}
	}
	return t
}

package genesystest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// refusal is why a request is not served, as the API says it.
type refusal struct {
	status        int
	code, message string
}

func badRequest(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, "bad.request", fmt.Sprintf(format, args...)}
}

// invalidValue is the recorded wording for a value outside an enumeration.
func invalidValue(value, kind, allowed string) *refusal {
	return &refusal{http.StatusBadRequest, "invalid.value",
		fmt.Sprintf("Value [%s] is not valid for field type [%s]. Allowable values are: %s", value, kind, allowed)}
}

func invalidDate(name, value string) *refusal {
	return &refusal{http.StatusBadRequest, "invalid.date",
		fmt.Sprintf("Invalid date %q in %s. Dates must be represented as ISO-8601 strings. For example: yyyy-MM-ddTHH:mm:ss.SSSZ", value, name)}
}

// members names the places that the members of an object are decoded into.
type members map[string]any

// object decodes a JSON object more strictly than encoding/json: a member
// that is unknown, doubled, or written in another case is refused. It returns
// the names that were present with a value other than null.
func object(where string, raw []byte, places members) (map[string]bool, *refusal) {
	in := json.NewDecoder(bytes.NewReader(raw))
	if first, err := in.Token(); err != nil || first != json.Delim('{') {
		return nil, badRequest("%s: a JSON object was expected", where)
	}
	present, seen := make(map[string]bool), make(map[string]bool)
	for in.More() {
		token, err := in.Token()
		if err != nil {
			return nil, badRequest("%s: malformed JSON: %v", where, err)
		}
		name := token.(string) // the decoder grants it: keys are strings
		place, known := places[name]
		if !known {
			return nil, badRequest("%s: unrecognized field %q", where, name)
		}
		if seen[name] {
			return nil, badRequest("%s: field %q occurs twice", where, name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := in.Decode(&value); err != nil {
			return nil, badRequest("%s: malformed JSON: %v", where, err)
		}
		if string(value) == "null" {
			continue
		}
		if err := json.Unmarshal(value, place); err != nil {
			return nil, badRequest("%s: field %q: %v", where, name, err)
		}
		present[name] = true
	}
	if _, err := in.Token(); err != nil {
		return nil, badRequest("%s: malformed JSON: %v", where, err)
	}
	if in.More() {
		return nil, badRequest("%s: something follows the object", where)
	}
	return present, nil
}

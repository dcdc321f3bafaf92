package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Decode returns the position that [Encode] has encoded for the same name and
// key, now or in an earlier version. It believes nothing else: every error
// wraps the [Reason] why, and white space outside of strings is the only
// liberty that it allows.
func Decode(name string, key Key, text []byte) (Position, error) {
	whose, its, p, err := Identify(text)
	if err != nil {
		return Position{}, err
	}
	if whose != name || its != key {
		return Position{}, fmt.Errorf("%w: it is that of checkpoint %q queue %q lane %q, not of checkpoint %q queue %q lane %q",
			ErrForeign, whose, its.Queue, its.Lane, name, key.Queue, key.Lane)
	}
	return p, nil
}

// Identify is Decode for a text of which it is not known whose it is: it says
// under which name and key the position was stored.
func Identify(text []byte) (name string, key Key, p Position, err error) {
	outside, err := open(text)
	if err != nil {
		return "", Key{}, Position{}, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, outside.Body); err != nil {
		return "", Key{}, Position{}, fmt.Errorf("%w: body: %w", ErrDamaged, err)
	}
	if sum := checksum(compact.Bytes()); sum != outside.SHA256 {
		return "", Key{}, Position{}, fmt.Errorf("%w: the body's SHA-256 is %s, not %q", ErrDamaged, sum, outside.SHA256)
	}
	if outside.Version == 1 {
		return identify1(compact.Bytes(), text)
	}
	var inside body
	if err := strict(compact.Bytes(), &inside); err != nil {
		return "", Key{}, Position{}, fmt.Errorf("body: %w", err)
	}
	again, err := Encode(inside.Name, inside.key(), inside.Position)
	if err := canonical(again, err, text); err != nil {
		return "", Key{}, Position{}, err
	}
	return inside.Name, inside.key(), inside.Position, nil
}

// open returns the envelope of text once it is certain that it is one of
// ours, in a version that we know.
func open(text []byte) (envelope, error) {
	switch trimmed := bytes.TrimSpace(text); {
	case len(trimmed) == 0:
		return envelope{}, ErrEmpty
	case len(text) > MaxSize:
		return envelope{}, fmt.Errorf("%w: it has more than %d bytes", ErrForeign, MaxSize)
	case trimmed[0] == 0: // what a file system may leave after a loss of power
		return envelope{}, fmt.Errorf("%w: it begins with zero bytes", ErrDamaged)
	case trimmed[0] != '{':
		return envelope{}, fmt.Errorf("%w: it is no JSON object", ErrForeign)
	case !json.Valid(trimmed):
		return envelope{}, fmt.Errorf("%w: it is no whole JSON object", ErrDamaged)
	}
	var head struct { // read first and alone: a newer version may change all the rest
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	switch err := json.Unmarshal(text, &head); {
	case err != nil:
		return envelope{}, fmt.Errorf("%w: %w", ErrForeign, err)
	case head.Format != Format:
		return envelope{}, fmt.Errorf("%w: its format is %q, not %q", ErrForeign, head.Format, Format)
	case head.Version > Version:
		return envelope{}, fmt.Errorf("%w: its format version is %d, this program knows up to %d", ErrNewer, head.Version, Version)
	case head.Version < 1:
		return envelope{}, fmt.Errorf("%w: its format version is %d", ErrDamaged, head.Version)
	}
	var outside envelope
	if err := strict(text, &outside); err != nil {
		return envelope{}, err
	}
	if len(outside.Body) == 0 {
		return envelope{}, fmt.Errorf("%w: it has no body", ErrDamaged)
	}
	return outside, nil
}

// strict reads text into v. It refuses a field that v does not have with
// [ErrUnknownField], anything else with [ErrDamaged].
func strict[T any](text []byte, v *T) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	var reason Reason
	if err == nil || errors.As(err, &reason) {
		return err
	}
	var lax T
	if json.Unmarshal(text, &lax) == nil {
		return fmt.Errorf("%w: %w", ErrUnknownField, err)
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// canonical refuses a text that is not, but for white space, what its content is
// encoded as again: a repeated, missing or differently spelled field is damage even
// under a right checksum.
func canonical(again []byte, err error, text []byte) error {
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	var got, want bytes.Buffer
	if err := json.Compact(&got, text); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := json.Compact(&want, again); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		return fmt.Errorf("%w: a field is missing, repeated or misspelled", ErrDamaged)
	}
	return nil
}

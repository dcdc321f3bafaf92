package genesystest

import "bytes"

const (
	padName     = `"simulatorPadding":"`                 // no member of the service's has that name
	leastPadded = len(`,`) + len(padName) + 1 + len(`"`) // bytes more than the record has
)

// Pad lengthens the record of a conversation to exactly size bytes by a member at its
// end, up to a reader's limit or beyond it. That is a change of the record, as Revise
// makes one. The padding is one letter repeated, which compresses to almost nothing,
// or with random, letters that compress to three quarters at best.
//
// The padding stays until another replaces it, a size of 0 takes it away, or the
// conversation is put again. A record that outgrows the size later, because it ends or
// is revised, is served without. Pad reports false, and changes nothing, where there
// is no such conversation, its record is no object, or it is too long already: the
// member alone takes 23 bytes.
func (s *Simulator) Pad(id string, size int, random bool) bool {
	old := s.library.get(id)
	if old == nil {
		return false
	}
	padded := *old
	padded.padding, padded.edited = padding{size, random}, s.now().UnixMilli()
	if size != 0 && !padded.padding.suits(appendBare(nil, old, s.config.Dialect, padded.edited, &s.layouts)) {
		return false
	}
	s.library.put(&padded)
	return true
}

// padding is what Pad makes of a record. The zero padding leaves it as it is.
type padding struct {
	size   int // of the record with it
	random bool
}

// suits reports whether a record can be brought to the size.
func (p padding) suits(record []byte) bool {
	return bytes.HasPrefix(record, []byte("{")) && bytes.HasSuffix(record, []byte("}")) && p.size-len(record) >= leastPadded
}

// pad pads the record that begins at from.
func (p padding) pad(to []byte, from int, seed uint64) []byte {
	if !p.suits(to[from:]) {
		return to
	}
	d := dice(mix(seed, rollPad))
	pen := &pen{buf: bytes.TrimRight(to[:len(to)-1], " \t\r\n")}
	pen.comma()
	pen.buf = append(pen.buf, padName...)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for past := from + p.size - len(`"}`); len(pen.buf) < past; {
		letter := letters[0]
		if p.random {
			letter = letters[d.below(int64(len(letters)))]
		}
		pen.buf = append(pen.buf, letter)
	}
	return append(pen.buf, `"}`...)
}

package genesystest

import "bytes"

// reorder is the share of records that are written in another order, and the
// seed by which it is drawn. The zero reorder leaves all as they are.
type reorder struct {
	seed  uint64
	share float64
}

// apply writes the record that begins at from anew, in another order, if it is
// of the share at this time. What a test has put is left as it is: its bytes are
// the point of it.
func (r reorder) apply(to []byte, from int, k *sketch, now int64) []byte {
	if r.share == 0 || k.text != nil {
		return to
	}
	const minute = 60_000
	d := dice(mix(r.seed, rollReorder, k.seed, uint64(now/minute)))
	if d.unit() >= r.share {
		return to
	}
	record := bytes.Clone(to[from:])
	members := elements(record)
	for n, member := range members {
		if list, found := bytes.CutPrefix(member, []byte(`"participants":`)); found {
			shuffled := shuffle([]byte(`"participants":[`), elements(list), &d)
			members[n] = append(shuffled, ']')
		}
	}
	return append(shuffle(append(to[:from], '{'), members, &d), '}')
}

// elements splits the inside of an object or array at its own commas. The JSON is
// as a pen writes it, without white space.
func elements(raw []byte) (parts [][]byte) {
	inside := raw[1 : len(raw)-1]
	depth, first := 0, 0
	for n := 0; n < len(inside); n++ {
		switch inside[n] {
		case '"':
			n = textEnd(inside, n)
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, inside[first:n])
				first = n + 1
			}
		}
	}
	return append(parts, inside[first:])
}

// textEnd returns the place of the quote that ends the text which begins at n.
func textEnd(raw []byte, n int) int {
	for n++; raw[n] != '"'; n++ {
		if raw[n] == '\\' {
			n++
		}
	}
	return n
}

// shuffle appends the parts, joined by commas. Two or more come in an order other
// than the one they had: Sattolo's shuffle leaves none in its place.
func shuffle(to []byte, parts [][]byte, d *dice) []byte {
	for n := len(parts) - 1; n > 0; n-- {
		other := d.below(int64(n))
		parts[n], parts[other] = parts[other], parts[n]
	}
	return append(to, bytes.Join(parts, []byte{','})...)
}

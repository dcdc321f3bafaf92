package genesystest

import "math"

// told is the total that an answer names when it has so many rows to tell of.
// The seed is that of the answer.
func (l *Life) told(rows int, seed uint64) int {
	total := rows + l.TotalAbove + int(math.Ceil(float64(rows)*l.TotalAboveShare))
	d := dice(seed)
	if d.unit() >= l.TotalOffShare {
		return total
	}
	off := int(d.between(1, int64(l.TotalOffMost)))
	if d.below(2) == 0 {
		off = -off
	}
	return max(0, total+off)
}

// total of the answer to a request: equal questions at equal times are told the
// same, whoever else asks in between.
func (x *exchange) total(rows int, now int64) int {
	q := x.seen
	return x.config.Life.told(rows, mix(x.config.Seed, rollTotal, mixText(q.Queue), uint64(q.From.UnixNano()),
		uint64(q.To.UnixNano()), uint64(q.Page), uint64(q.Attempt), uint64(now)))
}

package producer

import (
	"cmp"
	"context"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// uncut is what Account.Before says of a window that is not to be cut.
const uncut = -1

// cut is the beginning of another pass, of the first half of a window that holds so many
// records; the next window begins where that one ends. Where the last cut was in vain it is
// taken back; where it has not helped otherwise, the settle before the window is asked for
// no more, which can hold as much: the days that it touches as a whole, by some documents of
// the vendor's. false: the window is walked as it is.
func (s *Service) cut(ctx context.Context, pos checkpoint.Position, total int) (part checkpoint.Position, ok bool, err error) {
	vain, before := false, pos.Account.Before
	useless := before > 0 && total >= before
	if useless {
		if vain, err = s.cutInVain(ctx, pos); err != nil {
			return pos, false, err
		}
	}
	if part, ok = s.resized(pos, total, vain); ok && useless && !vain {
		part.Query.Since = part.Query.From
	}
	return part, ok, nil
}

// resized is half of a window, or twice as much where cutting was in vain: some of the
// vendor's documents say that an interval finds all conversations of its days.
func (s *Service) resized(pos checkpoint.Position, total int, vain bool) (part checkpoint.Position, ok bool) {
	q, before, begin := pos.Query, pos.Account.Before, pos.Account.Begin
	length := q.To.Sub(q.From)
	switch {
	case before == uncut:
		return pos, false
	case vain:
		length, before = length*2, uncut
		begin = "" // what was published before the cut is behind it, as for any other walk
	case length/2 < time.Millisecond:
		return pos, false
	default:
		length, before = (length / 2).Truncate(time.Millisecond), total
	}
	q.To = q.From.Add(length)
	if q.Since.Before(q.From) {
		q.Since = s.Windows.since(q.From, q.To)
	}
	part = anew(pos)
	part.Query, part.Account = q, checkpoint.Account{Before: before, Begin: begin}
	return part, true
}

// held is how many records a window has that the API pages through only in part.
func (s *Service) held(pos checkpoint.Position) int {
	if total := pos.Account.Totals.Last; total > 0 {
		return total
	}
	return s.mostResults() + 1 // it has not said
}

// Shortest is how short a window is cut at most where the API tells no totals, so that
// nobody knows whether it helps.
const Shortest = time.Minute

// cutInVain reports whether the last cut has not helped: not because all that there was is in
// the half that is left, but because the other half has as much.
func (s *Service) cutInVain(ctx context.Context, pos checkpoint.Position) (bool, error) {
	other := query(pos)
	other.From, other.To = pos.Query.To, pos.Query.To.Add(pos.Query.To.Sub(pos.Query.From))
	for page, err := range s.API.Pages(ctx, other, genesys.Cursor{}) {
		if genesys.IsResultCap(err) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if page.Total < 0 {
			return other.To.Sub(other.From) <= Shortest, nil
		}
		return page.Total >= pos.Account.Before/10*9, nil
	}
	return false, ctx.Err()
}

// mostResults is how many records the API pages through.
func (s *Service) mostResults() int { return cmp.Or(s.MostResults, genesys.MostResults) }

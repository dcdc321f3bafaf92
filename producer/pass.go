package producer

import (
	"cmp"
	"context"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// anew is the beginning of another pass of a position's window.
func anew(pos checkpoint.Position) checkpoint.Position {
	was := pos.Account
	pos.Pass, pos.Page, pos.Read, pos.Last = pos.Pass+1, 0, 0, false
	pos.Account = checkpoint.Account{Looks: was.Looks, Before: was.Before, Truncated: was.Truncated, Pages: was.Pages,
		Published: was.Published, Superseded: was.Superseded, Letters: was.Letters, Begin: was.Begin}
	return pos
}

// uncut is what Account.Before says of a window that is not to be cut.
const uncut = -1

// cutShort is cut, where it has first been asked whether the last cut has helped.
func (s *Service) cutShort(ctx context.Context, pos checkpoint.Position, total int) (part checkpoint.Position, ok bool, err error) {
	idle := false
	if before := pos.Account.Before; before > 0 && total >= before {
		if idle, err = s.idle(ctx, pos); err != nil {
			return pos, false, err
		}
	}
	part, ok = s.cut(pos, total, idle)
	return part, ok, nil
}

// cut is the beginning of another pass, of the first half of a position's window; the
// next window begins where that one ends. Where cutting was idle, the last cut is taken
// back: some of the vendor's documents say that an interval finds all conversations of its
// days. false: the window is walked as it is.
func (s *Service) cut(pos checkpoint.Position, total int, idle bool) (part checkpoint.Position, ok bool) {
	q, before := pos.Query, pos.Account.Before
	length := q.To.Sub(q.From)
	switch {
	case before == uncut:
		return pos, false
	case idle:
		length, before = length*2, uncut
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
	part.Query, part.Account = q, checkpoint.Account{Before: before, Begin: pos.Account.Begin}
	return part, true
}

// held is how many records a window has that the API pages through only in part.
func (s *Service) held(pos checkpoint.Position) int {
	if total := pos.Account.Totals.Last; total > 0 {
		return total
	}
	return s.mostResults() + 1 // it has not said
}

// shortest is how short a window is cut at most where the API tells no totals, so that
// nobody knows whether it helps.
const shortest = time.Minute

// idle reports whether the last cut has not helped: not because all that there was is in
// the half that is left, but because the other half has as much.
func (s *Service) idle(ctx context.Context, pos checkpoint.Position) (bool, error) {
	other := query(pos)
	other.From, other.To = pos.Query.To, pos.Query.To.Add(pos.Query.To.Sub(pos.Query.From))
	for page, err := range s.API.Pages(ctx, other, genesys.Cursor{}) {
		if isCapped(err) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if page.Total < 0 {
			return other.To.Sub(other.From) <= shortest, nil
		}
		return page.Total >= pos.Account.Before/10*9, nil
	}
	return false, ctx.Err()
}

// mostResults is how many records the API pages through.
func (s *Service) mostResults() int { return cmp.Or(s.MostResults, genesys.MostResults) }

func (s *Service) report(pos checkpoint.Position, page *genesys.Page, o Outcome) {
	s.tellPage(pos, page, o)
	s.Log.Debug("page completed", "queue", pos.Query.Queue, "window", pos.Query.Window(), "page", page.Number, "records", len(page.Records),
		"published", o.Published, "unchanged", o.Unchanged, "superseded", o.Superseded, "dead_letters", o.DeadLetters, "read", page.Read, "total", page.Total)
	if page.Discrepancy != "" {
		s.Log.Debug("discrepancy", "queue", pos.Query.Queue, "window", pos.Query.Window(),
			"page", page.Number, "what", page.Discrepancy, "read", page.Read, "total", page.Total)
	}
}

package producer

import (
	"context"
	"slices"
	"time"

	"genesys-producer/checkpoint"
)

// Revisits says when days are walked again for what has changed late.
type Revisits struct {
	Ages  []time.Duration // counted from the end of a day, growing; none: never
	Share float64         // the most of the request budget that they take while live windows wait
}

// oldest is the age at which a day is given up whose conversations have not all ended.
const oldest = 31 * day

// visit is a day that is to be revisited.
type visit struct {
	day  checkpoint.Day
	pass int       // the last pass of the day
	open int       // its conversations that had no end when it was read last
	read time.Time // when that was; to the millisecond
}

// end is the end of the day.
func (v visit) end() time.Time { return midnight(v.day.Begin()) }

// due is when the day is to be walked next; zero: no more. Which of the ages are behind it
// is counted anew each time: they may be others since the last start.
func (r Revisits) due(v visit) time.Time {
	last := v.end().Add(oldest)
	ahead := slices.IndexFunc(r.Ages, func(age time.Duration) bool { return v.end().Add(age).After(v.read) })
	next := last
	if ahead >= 0 {
		next = v.end().Add(r.Ages[ahead])
	}
	switch daily := v.read.Add(day); {
	case ahead < 0 && (v.open == 0 || !v.read.Before(last)):
		return time.Time{}
	case ahead != 0 && v.open > 0 && daily.Before(next):
		return daily
	}
	return next
}

// after is a visit that was made, or the first part of one, where its day was cut: all of
// the visit counts from the first page of that.
func (v visit) after(pos checkpoint.Position) visit {
	if !pos.Query.From.After(v.day.Begin()) {
		v.read = readAt(pos.Account)
	}
	if pos.Query.To.Before(v.end()) {
		return v
	}
	v.open, v.pass = pos.Account.Final.Open, pos.Pass
	return v
}

// revisit is the position at which the next visit begins, or goes on, and when.
// false: there is none.
func (s *Service) revisit(q *queue) (pos checkpoint.Position, at time.Time, ok bool) {
	pos = q.revisit
	if !pos.Closed {
		return pos, pos.Query.From, true // it was interrupted
	}
	if to := pos.Query.To; pos.Turn > 0 && to.Before(midnight(pos.Query.From)) { // of a day that was cut
		next := s.begin(q.id, to)
		next.Query.Since, next.Query.To = to, midnight(to)
		next.Turn, next.Pass, next.Start, next.Agenda = pos.Turn, pos.Pass, pos.Start, pos.Agenda
		next.Account.Begin = pos.Account.Final.End
		return next, to, true
	}
	v, at := q.agenda.first(s.Revisits)
	if v == nil {
		return pos, at, false
	}
	next := s.begin(q.id, v.day.Begin())
	next.Query.Since, next.Query.To = next.Query.From, v.end()
	next.Turn, next.Pass, next.Start = pos.Turn+1, v.pass+1, pos.Start
	return next, at, true
}

// enter stores the beginning of a visit, with the day's ledger made compact.
func (s *Service) enter(ctx, hold context.Context, key checkpoint.Key, pos checkpoint.Position) (checkpoint.Position, error) {
	if err := s.mark(ctx, &pos); err != nil {
		return pos, err
	}
	l := openLedgers(s.Store, s.Log, key.Lane, pos)
	if _, err := l.open(ctx, 0); err != nil {
		return pos, err
	}
	if l.read.Len() == 0 {
		return pos, s.Committer.Save(hold, key, pos)
	}
	chunk, mark := l.read.Compact()
	pos.Ledgers[0] = mark
	return pos, s.Committer.Save(hold, key, pos, chunk)
}

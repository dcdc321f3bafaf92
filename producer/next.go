package producer

import (
	"context"
	"slices"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// next is what to walk now, of the queues that do not walk and can go on: of the live
// windows that have settled the one that begins first; else the visit that has been due
// for longest. nil: there is none, and wait is how long it takes until there is; 0: there
// will be none.
func (s *Service) next(queues []*queue, mayVisit bool) (first *leg, wait time.Duration) {
	now := s.API.Now()
	later := func(at time.Time) bool {
		left := at.Sub(now)
		if left > 0 && (wait == 0 || left < wait) {
			wait = left
		}
		return left > 0
	}
	var visit *leg
	var since time.Time
	lives := false
	for _, q := range queues {
		if q.walking {
			lives = lives || !q.visiting
			continue
		}
		planned := s.upcoming(q.live)
		s.plan(q, planned)
		settled := s.Windows.settled(planned.Query.To)
		lively := q.parked == nil && !s.Windows.done(planned.Query.From)
		if lively && !later(settled) {
			lives = true
			if first == nil || planned.Query.From.Before(first.pos.Query.From) {
				first = &leg{queue: q, lane: checkpoint.Live, stored: q.live, pos: planned}
			}
			continue
		}
		if begun := !q.live.Closed && q.live.Page+q.live.Pass > 0; begun || q.visitsParked != nil || !s.revisits() {
			continue
		}
		if pos, at, ok := s.revisit(q); ok && !later(at) && (visit == nil || at.Before(since)) {
			since = at
			visit = &leg{queue: q, lane: checkpoint.Revisit, stored: q.revisit, pos: pos}
			if lively {
				visit.until = settled
			}
		}
	}
	s.livesWait.Store(lives)
	if first == nil && mayVisit && !(lives && s.Revisits.Share == 0) {
		first = visit
	}
	return s.equip(first), wait
}

// equip gives the one that is chosen what it carries: the agenda, which a visit that stores
// it may be long in storing, and what ledgers are deleted by.
func (s *Service) equip(l *leg) *leg {
	if l == nil {
		return nil
	}
	q, planned := l.queue, l.pos
	if l.lane == checkpoint.Revisit {
		planned = s.upcoming(q.live)
	}
	l.keep = s.keep(q, planned)
	begins := l.lane == checkpoint.Live && l.stored.Closed && !s.Windows.bounded()
	if begins || l.pos.Turn > l.stored.Turn {
		l.pos.Agenda = q.agenda.String()
	}
	return l
}

// asks is the context by which a walk asks. A revisit yields its requests, and ends when a
// live window of the queue has settled: it goes on after that.
func (s *Service) asks(asking context.Context, l *leg) (context.Context, context.CancelFunc) {
	if l.lane != checkpoint.Revisit {
		return asking, func() {}
	}
	ctx, cancel := context.WithCancel(s.yields.Context(asking))
	if l.until.IsZero() {
		return ctx, cancel
	}
	timer := time.AfterFunc(l.until.Sub(s.API.Now()), cancel)
	return ctx, func() { timer.Stop(); cancel() }
}

// allParked reports whether no queue has live windows to walk any more.
func allParked(queues []*queue) bool {
	return !slices.ContainsFunc(queues, func(q *queue) bool { return q.parked == nil })
}

// plan brings a queue's agenda up to where its live lane is.
func (s *Service) plan(q *queue, planned checkpoint.Position) {
	switch {
	case s.revisits():
		q.agenda.add(s.Revisits, planned, q.live)
	case s.Windows.bounded(): // what other runs of this name have to visit stays theirs
	default: // nobody will
		q.agenda = agenda{next: checkpoint.DayOf(planned.Query.From)}
	}
}

// keep is the first day whose ledger may still be of use. An agenda that nobody goes through
// any more, as that of a service that is a nightly run now, keeps none for ever.
func (s *Service) keep(q *queue, planned checkpoint.Position) checkpoint.Day {
	first := checkpoint.DayOf(planned.Query.From.Add(-s.Windows.Settle)) // what a window asks for that follows one that was cut
	if q.revisit.IsZero() {
		return first
	}
	first = min(first, q.agenda.next)
	for _, v := range q.agenda.visits {
		first = min(first, v.day)
	}
	if !q.revisit.Closed && (s.revisits() || s.Windows.bounded()) {
		first = min(first, checkpoint.DayOf(q.revisit.Query.From))
	}
	if !s.revisits() {
		first = max(first, checkpoint.DayOf(planned.Query.From.Add(-oldest-7*day)))
	}
	return first
}

// revisits reports whether days are walked again: a run that ends has no time for it.
func (s *Service) revisits() bool { return !s.Windows.bounded() && len(s.Revisits.Ages) > 0 }

// upcoming is the position that a queue goes on from: the next window's, once a
// window is closed.
func (s *Service) upcoming(pos checkpoint.Position) checkpoint.Position {
	if !pos.Closed {
		return pos
	}
	next := s.begin(genesys.QueueID(pos.Query.Queue), pos.Query.To)
	next.Start, next.Account.Begin = pos.Start, pos.Account.Final.End
	return next
}

package producer

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// resume returns where a queue is. A queue without a position begins at WINDOW_FROM, and
// that beginning is stored before anything is asked: a duration before now must not move
// with every restart.
func (s *Service) resume(ctx context.Context, id genesys.QueueID) (q *queue, err error) {
	q = &queue{id: id}
	q.live, err = s.load(ctx, liveKey(string(id)), func() checkpoint.Position { return s.begin(id, s.Windows.From) })
	if err != nil {
		return q, err
	}
	key := checkpoint.Key{Queue: string(id), Lane: checkpoint.Revisit}
	if !s.revisits() { // what other runs of this name have on their agenda is theirs still
		var found bool
		if q.revisit, found, err = s.Store.Load(ctx, key); found && err == nil {
			q.agenda, err = readAgenda(q.revisit.Agenda)
		}
		return q, err
	}
	q.revisit, err = s.load(ctx, key, func() checkpoint.Position {
		first := midnight(q.live.Query.From).Add(-day)
		none := s.begin(id, first)
		none.Query.Since, none.Query.To, none.Closed = first, first.Add(day), true
		none.Agenda = cmp.Or(q.live.Agenda, agenda{next: checkpoint.DayOf(first)}.String()) // a position that is gone takes no day with it
		return none
	})
	if err != nil {
		return q, err
	}
	if q.agenda, err = readAgenda(q.revisit.Agenda); err != nil || q.live.Agenda == "" {
		return q, err
	}
	live, err := readAgenda(q.live.Agenda)
	if err == nil {
		q.agenda = q.agenda.with(live)
	}
	return q, err
}

// load returns a position that is stored, or stores where its lane begins.
func (s *Service) load(ctx context.Context, key checkpoint.Key, begin func() checkpoint.Position) (checkpoint.Position, error) {
	pos, found, err := s.Store.Load(ctx, key)
	if err != nil {
		return pos, err // never "start over" (invariant 5)
	}
	if !found {
		// What is not there may be not there yet: a process that was killed while it
		// stored the beginning can have it pending.
		defer s.Store.Release(key)
		pos, found, err = s.Store.Take(ctx, key)
		if err != nil {
			return pos, err
		}
	}
	if !found {
		pos = begin()
		if key.Lane == checkpoint.Live && s.Windows.done(pos.Query.From) {
			s.Log.Info("queue has nothing to walk: WINDOW_FROM is not before WINDOW_TO", "queue", key.Queue, "lane", key.Lane)
			return pos, nil
		}
		if key.Lane == checkpoint.Live {
			// The ledgers of a position that is gone say what another topic has, perhaps.
			if err := s.Store.Forget(ctx, key.Queue, lastDay); err != nil {
				return pos, err
			}
			if err := s.mark(ctx, &pos); err != nil {
				return pos, err
			}
		}
		s.Log.Info("queue begins", "queue", key.Queue, "lane", key.Lane, "window", pos.Query.Window())
		return pos, s.Store.Save(ctx, key, pos)
	}
	if err := s.resumable(pos); err != nil {
		return pos, err
	}
	s.Log.Info("queue resumes", "queue", key.Queue, "lane", key.Lane, "window", pos.Query.Window(), "pass", pos.Pass,
		"page", pos.Page, "closed", pos.Closed, "query", pos.Query.Fingerprint())
	if pos.Start != s.Windows.Start && key.Lane == checkpoint.Live {
		s.Log.Warn("WINDOW_FROM has no effect: the queue has a position; to begin elsewhere, run under another CHECKPOINT_NAME",
			"queue", key.Queue, "lane", key.Lane, "configured", s.Windows.Start, "began_with", pos.Start)
	}
	return pos, nil
}

// lastDay is behind every day.
const lastDay checkpoint.Day = "9999-12-31"

// take makes this process the one that writes a lane's positions, and returns the one
// to go on from. Another process, or a commit whose outcome was unknown, may have
// brought the lane further than known.
func (s *Service) take(ctx context.Context, key checkpoint.Key, known checkpoint.Position) (checkpoint.Position, error) {
	stored, found, err := s.Store.Take(ctx, key)
	switch {
	case err != nil:
		return known, err
	case !found: // never "start over" (invariant 5)
		return known, fmt.Errorf("the position (%v) is gone: was it deleted? Stop the service before positions are changed", known)
	}
	if err := s.resumable(stored); err != nil {
		return known, err
	}
	if stored.Compare(known) != 0 {
		s.Log.Info("queue goes on elsewhere: its position has moved meanwhile", "queue", key.Queue, "lane", key.Lane, "known", known.String(), "stored", stored.String())
	}
	return stored, nil
}

// begin is the position before the first page of the window that starts at from,
// under the query as it is configured now.
func (s *Service) begin(queue genesys.QueueID, from time.Time) checkpoint.Position {
	to := s.Windows.end(from, s.API.Now())
	return checkpoint.Position{
		Query: checkpoint.Query{
			Dialect: string(s.Dialect), API: s.API.Host(), Queue: string(queue),
			Since: s.Windows.since(from, to), From: from, To: to,
			Order: genesys.Order, PageSize: s.PageSize,
		},
		Destination: s.destination,
		Start:       s.Windows.Start,
	}
}

// resumable refuses a position whose pages mean something else to this
// configuration (invariant 3).
func (s *Service) resumable(pos checkpoint.Position) error {
	return Resumable(pos, s.API.Host(), s.Dialect, s.destination)
}

// Resumable refuses a position whose pages mean something else to a configuration: to
// that API host, dialect and destination (invariant 3). Page size and interval may differ:
// they are taken from the position.
func Resumable(pos checkpoint.Position, host string, dialect genesys.Dialect, destination checkpoint.Destination) error {
	for _, c := range []struct{ what, held, configured, setting string }{
		{"API host", pos.Query.API, host, "GENESYS_DOMAIN or GENESYS_API_URL"},
		{"dialect", pos.Query.Dialect, string(dialect), "GENESYS_DIALECT"},
		{"Kafka cluster", pos.Destination.Cluster, destination.Cluster, "KAFKA_BROKERS"},
		{"topic", pos.Destination.Topic, destination.Topic, "KAFKA_TOPIC"},
		{"order", pos.Query.Order, genesys.Order, "the program's version"},
		{"filter", pos.Query.Filters, "", "the program's version"},
	} {
		if c.held != c.configured {
			return fmt.Errorf("the position (%v) is of %s %q, the configuration of %q: set %s back, or begin anew under another CHECKPOINT_NAME",
				pos, c.what, c.held, c.configured, c.setting)
		}
	}
	return nil
}

// query is the query that a position holds: of an interval that begins before the window.
func query(p checkpoint.Position) genesys.Query {
	return genesys.Query{
		Dialect: genesys.Dialect(p.Query.Dialect), Host: p.Query.API, Queue: genesys.QueueID(p.Query.Queue),
		From: p.Query.Since, To: p.Query.To, PageSize: p.Query.PageSize,
	}
}

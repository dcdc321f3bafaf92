package producer

import (
	"context"
	"fmt"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// resume returns the position that a queue goes on from. A queue without one
// begins at WINDOW_FROM, and that beginning is stored before anything is asked:
// a duration before now must not move with every restart.
func (s *Service) resume(ctx context.Context, queue genesys.QueueID) (checkpoint.Position, error) {
	key := liveKey(string(queue))
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
		pos = s.begin(queue, s.Windows.From)
		if s.Windows.done(pos.Query.From) {
			s.Log.Info("queue has nothing to walk: WINDOW_FROM is not before WINDOW_TO", "queue", queue)
			return pos, nil
		}
		s.Log.Info("queue begins", "queue", queue, "window", pos.Query.Window())
		return pos, s.Store.Save(ctx, key, pos)
	}
	if err := s.resumable(pos); err != nil {
		return pos, err
	}
	s.Log.Info("queue resumes", "queue", queue, "window", pos.Query.Window(), "pass", pos.Pass,
		"page", pos.Page, "closed", pos.Closed, "query", pos.Query.Fingerprint())
	if pos.Start != s.Windows.Start {
		s.Log.Warn("WINDOW_FROM has no effect: the queue has a position; to begin elsewhere, run under another CHECKPOINT_NAME",
			"queue", queue, "WINDOW_FROM", s.Windows.Start, "began_with", pos.Start)
	}
	return pos, nil
}

// take makes this process the one that writes a queue's positions, and returns the one
// to go on from. Another process, or a commit whose outcome was unknown, may have
// brought the queue further than planned.
func (s *Service) take(ctx context.Context, key checkpoint.Key, planned checkpoint.Position) (checkpoint.Position, error) {
	stored, found, err := s.Store.Take(ctx, key)
	switch {
	case err != nil:
		return planned, err
	case !found: // never "start over" (invariant 5)
		return planned, fmt.Errorf("the position (%v) is gone: was it deleted? Stop the service before positions are changed", planned)
	}
	if err := s.resumable(stored); err != nil {
		return planned, err
	}
	stored = s.upcoming(stored)
	if stored.Compare(planned) != 0 {
		s.Log.Info("queue goes on elsewhere: its position has moved meanwhile", "queue", key.Queue, "planned", planned, "stored", stored)
	}
	return stored, nil
}

// begin is the position before the first page of the window that starts at from,
// under the query as it is configured now.
func (s *Service) begin(queue genesys.QueueID, from time.Time) checkpoint.Position {
	return checkpoint.Position{
		Query: checkpoint.Query{
			Dialect: string(s.Dialect), API: s.API.Host(), Queue: string(queue),
			From: from, To: s.Windows.end(from),
			Order: genesys.Order, PageSize: s.PageSize,
		},
		Destination: s.destination,
		Start:       s.Windows.Start,
	}
}

// resumable refuses a position whose pages mean something else to this
// configuration (invariant 3). Page size and interval may differ: they are taken
// from the position.
func (s *Service) resumable(pos checkpoint.Position) error {
	for _, c := range []struct{ what, held, configured, setting string }{
		{"API host", pos.Query.API, s.API.Host(), "GENESYS_DOMAIN or GENESYS_API_URL"},
		{"dialect", pos.Query.Dialect, string(s.Dialect), "GENESYS_DIALECT"},
		{"Kafka cluster", pos.Destination.Cluster, s.destination.Cluster, "KAFKA_BROKERS"},
		{"topic", pos.Destination.Topic, s.destination.Topic, "KAFKA_TOPIC"},
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

// query is the query that a position holds.
func query(p checkpoint.Position) genesys.Query {
	return genesys.Query{
		Dialect: genesys.Dialect(p.Query.Dialect), Host: p.Query.API, Queue: genesys.QueueID(p.Query.Queue),
		From: p.Query.From, To: p.Query.To, PageSize: p.Query.PageSize,
	}
}

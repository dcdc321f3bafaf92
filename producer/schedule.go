package producer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// queue is a queue on its way.
type queue struct {
	id            genesys.QueueID
	live, revisit checkpoint.Position // as they are stored
	agenda        agenda
	nature        nature
	kept          checkpoint.Day // ledgers of earlier days are deleted
	walking       bool
	visiting      bool  // what walks is a revisit
	parked        error // why live windows are not walked
	visitsParked  error // why revisits are not
}

// walked is how a walk ended.
type walked struct {
	leg leg
	pos checkpoint.Position
	err error
}

// walkAll keeps up to maxWalks queues walking, the one furthest behind first and what is
// to be revisited after that, and sleeps while nothing is to be walked. It returns when a
// bounded run is complete, when nothing can go on, or when ctx has ended; in each case
// after the last walk has.
func (s *Service) walkAll(ctx context.Context, queues []*queue) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	hold, release := outlive(asking, s.Grace)
	defer release()

	ends := make(chan walked)
	walking, visiting := 0, 0
	var fatal error
	for {
		var ready <-chan time.Time
		var wait time.Duration
		for asking.Err() == nil && walking < maxWalks {
			var leg *leg
			if leg, wait = s.next(queues, visiting < maxVisits); leg == nil {
				if wait > 0 {
					ready = time.After(wait)
				}
				break
			}
			leg.queue.walking, leg.queue.visiting = true, leg.lane == checkpoint.Revisit
			leg.forgets, leg.queue.kept = leg.keep != leg.queue.kept, leg.keep
			walking++
			if leg.lane == checkpoint.Revisit {
				visiting++
			}
			go func() {
				ctx, cancel := s.asks(asking, leg)
				defer cancel()
				pos, err := s.walk(ctx, hold, *leg)
				ends <- walked{*leg, pos, err}
			}()
		}
		s.tellTurn(queues, walking, wait)
		if walking == 0 && (ready == nil || allParked(queues)) {
			return s.outcome(ctx, queues, fatal)
		}
		stopped := asking.Done()
		if asking.Err() != nil {
			stopped = nil // known; what is left is to wait for the walks
		}
		select {
		case w := <-ends:
			walking--
			if w.leg.lane == checkpoint.Revisit {
				visiting--
			}
			if err := s.ended(w, asking, hold); err != nil {
				fatal = errors.Join(fatal, err)
				stop()
			}
		case <-ready:
		case <-stopped:
		}
	}
}

// ended takes note of how a walk ended. What it returns stops the service.
func (s *Service) ended(w walked, asking, hold context.Context) error {
	q := w.leg.queue
	q.walking = false
	if w.leg.lane == checkpoint.Live {
		q.live = w.pos
	} else {
		q.revisit = w.pos
		begun := w.pos.Turn >= w.leg.pos.Turn // else the position is of the visit before
		if a, err := readAgenda(w.pos.Agenda); err == nil && begun && w.pos.Closed {
			q.agenda.settle(checkpoint.DayOf(w.pos.Query.From), a)
		}
	}
	err := fmt.Errorf("queue %s: window %s: %w", q.id, w.leg.pos.Query.Window(), w.err)
	switch {
	case w.err == nil:
		return nil
	case hold.Err() != nil:
		return fmt.Errorf("%w: the grace of the shutdown is over: the page in hand is not completed, and the next start asks for it again", err)
	case asking.Err() != nil && errors.Is(w.err, asking.Err()):
		return nil // told to stop, between two pages
	case w.leg.lane == checkpoint.Revisit && errors.Is(w.err, context.Canceled):
		return nil // a live window comes first
	case Parks(w.err) && w.leg.lane == checkpoint.Revisit:
		q.visitsParked = err
		s.tell(w.leg.lane, w.pos, Progress{Parked: err})
		s.Log.Error("revisits of a queue are parked until the next start: its live windows go on", failed(w, err)...)
		return nil
	case Parks(w.err):
		q.parked = err
		s.tell(w.leg.lane, w.pos, Progress{Parked: err})
		s.Log.Error("queue is parked: its position is kept, the others go on", failed(w, err)...)
		return nil
	}
	return err
}

// failed is how a walk failed, as attributes of a log: with the id by which the vendor's
// support finds the request, where there is one.
func failed(w walked, err error) []any {
	attributes := []any{"queue", w.leg.queue.id, "lane", w.leg.lane, "window", w.leg.pos.Query.Window(), "error", err}
	if id := genesys.Correlation(err); id != "" {
		attributes = append(attributes, "correlation_id", id)
	}
	return attributes
}

// Parks reports whether an error concerns one queue alone, which is parked for it. What does
// not say so stops the service.
func Parks(err error) bool {
	var e interface{ StopsService() bool }
	return errors.As(err, &e) && !e.StopsService()
}

// outcome is what Run returns.
func (s *Service) outcome(ctx context.Context, queues []*queue, fatal error) error {
	parked, left := 0, 0
	for _, q := range queues {
		if q.parked != nil {
			parked++
		} else if !s.Windows.done(s.upcoming(q.live).Query.From) {
			left++
		}
	}
	switch {
	case fatal != nil:
		return fatal
	case ctx.Err() != nil && s.Windows.bounded() && parked+left > 0:
		return ErrInterrupted
	case ctx.Err() != nil:
		return nil
	case parked > 0:
		return fmt.Errorf("%d of %d queues are parked: see the error logged for each; their positions are kept", parked, len(queues))
	}
	return nil
}

// outlive returns a context that ends a while after ctx.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(grace):
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }
}

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
	id      genesys.QueueID
	pos     checkpoint.Position // of the window that is walked, or that is walked next
	walking bool
	parked  error
}

// walked is how a walk ended.
type walked struct {
	queue *queue
	pos   checkpoint.Position
	err   error
}

// walkAll keeps up to maxWalks queues walking, the one furthest behind first, and
// sleeps while no window has settled. It returns when a bounded run is complete,
// when nothing can go on, or when ctx has ended; in each case after the last walk
// has.
func (s *Service) walkAll(ctx context.Context, queues []*queue) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	hold, release := outlive(asking, s.Grace)
	defer release()

	ends := make(chan walked)
	walking := 0
	var fatal error
	for {
		var settles <-chan time.Time
		for asking.Err() == nil && walking < maxWalks {
			q, wait := s.next(queues)
			if q == nil {
				if wait > 0 {
					settles = time.After(wait)
				}
				break
			}
			q.walking = true
			walking++
			go func() {
				pos, err := s.walk(asking, hold, q.pos)
				ends <- walked{q, pos, err}
			}()
		}
		if walking == 0 && settles == nil {
			return s.outcome(ctx, queues, fatal)
		}
		stopped := asking.Done()
		if asking.Err() != nil {
			stopped = nil // known; what is left is to wait for the walks
		}
		select {
		case w := <-ends:
			walking--
			if err := s.ended(w, asking, hold); err != nil {
				fatal = errors.Join(fatal, err)
				stop()
			}
		case <-settles:
		case <-stopped:
		}
	}
}

// next is the queue to walk now: of those that do not walk, can go on, and have a
// window that has settled, the one whose window begins first. nil: there is none, and
// wait is how long it takes until there is; 0: there will be none.
func (s *Service) next(queues []*queue) (first *queue, wait time.Duration) {
	now := s.API.Now()
	for _, q := range queues {
		if q.walking || q.parked != nil || s.Windows.done(q.pos.Query.From) {
			continue
		}
		if left := s.Windows.settled(q.pos.Query.To).Sub(now); left > 0 {
			if wait == 0 || left < wait {
				wait = left
			}
		} else if first == nil || q.pos.Query.From.Before(first.pos.Query.From) {
			first = q
		}
	}
	return first, wait
}

// ended takes note of how a walk ended. What it returns stops the service.
func (s *Service) ended(w walked, asking, hold context.Context) error {
	q := w.queue
	q.walking, q.pos = false, s.upcoming(w.pos)
	err := fmt.Errorf("queue %s: window %s: %w", q.id, w.pos.Query.Window(), w.err)
	switch {
	case w.err == nil:
		return nil
	case hold.Err() != nil:
		return fmt.Errorf("%w: the grace of the shutdown is over: the page in hand is not completed, and the next start asks for it again", err)
	case asking.Err() != nil && errors.Is(w.err, asking.Err()):
		return nil // told to stop, between two pages
	case parks(w.err):
		q.parked = err
		s.Log.Error("queue is parked: its position is kept, the others go on", "error", err)
		return nil
	}
	return err
}

// upcoming is the position that a queue goes on from: the next window's, once a
// window is closed.
func (s *Service) upcoming(pos checkpoint.Position) checkpoint.Position {
	if !pos.Closed {
		return pos
	}
	next := s.begin(genesys.QueueID(pos.Query.Queue), pos.Query.To)
	next.Start = pos.Start
	return next
}

// parks reports whether an error concerns one queue alone. What does not say so
// stops the service.
func parks(err error) bool {
	var e interface{ StopsService() bool }
	return errors.As(err, &e) && !e.StopsService()
}

// outcome is what Run returns.
func (s *Service) outcome(ctx context.Context, queues []*queue, fatal error) error {
	parked, left := 0, 0
	for _, q := range queues {
		if q.parked != nil {
			parked++
		} else if !s.Windows.done(q.pos.Query.From) {
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

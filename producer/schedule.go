package producer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// lane is a queue on its way.
type lane struct {
	queue   genesys.QueueID
	pos     checkpoint.Position // of the window that is walked, or that is walked next
	walking bool
	parked  error
}

// end is how a walk ended.
type end struct {
	lane *lane
	pos  checkpoint.Position
	err  error
}

// walkAll keeps up to maxWalks queues walking, the one furthest behind first, and
// sleeps while no window has settled. It returns when a bounded run is complete,
// when nothing can go on, or when ctx has ended; in each case after the last walk
// has.
func (s *Service) walkAll(ctx context.Context, lanes []*lane) error {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	hold, release := outlive(asking, s.Grace)
	defer release()

	ends := make(chan end)
	walking := 0
	var fatal error
	for {
		var settles <-chan time.Time
		for asking.Err() == nil && walking < maxWalks {
			l := s.furthestBehind(lanes)
			if l == nil {
				break
			}
			if wait := s.Windows.settled(l.pos.Query.To).Sub(s.API.Now()); wait > 0 {
				settles = time.After(wait)
				break
			}
			l.walking = true
			walking++
			go func() {
				pos, err := s.walk(asking, hold, l.pos)
				ends <- end{l, pos, err}
			}()
		}
		if walking == 0 && settles == nil {
			return s.outcome(ctx, lanes, fatal)
		}
		stopped := asking.Done()
		if asking.Err() != nil {
			stopped = nil // known; what is left is to wait for the walks
		}
		select {
		case e := <-ends:
			walking--
			if err := s.ended(e, hold); err != nil {
				fatal = errors.Join(fatal, err)
				stop()
			}
		case <-settles:
		case <-stopped:
		}
	}
}

// furthestBehind is the queue, of those that can go on and do not walk, whose next
// window begins first; nil: there is none.
func (s *Service) furthestBehind(lanes []*lane) *lane {
	var first *lane
	for _, l := range lanes {
		if l.walking || l.parked != nil || s.Windows.done(l.pos.Query.From) {
			continue
		}
		if first == nil || l.pos.Query.From.Before(first.pos.Query.From) {
			first = l
		}
	}
	return first
}

// ended takes note of how a walk ended. What it returns stops the service.
func (s *Service) ended(e end, hold context.Context) error {
	l := e.lane
	l.walking, l.pos = false, s.upcoming(e.pos)
	err := fmt.Errorf("queue %s: window %s: %w", l.queue, e.pos.Query.Window(), e.err)
	switch {
	case e.err == nil:
		return nil
	case hold.Err() != nil:
		return fmt.Errorf("%w: the grace of the shutdown is over, and the page in hand will be repeated", err)
	case errors.Is(e.err, context.Canceled):
		return nil // told to stop, between two pages
	case parks(e.err):
		l.parked = err
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
func (s *Service) outcome(ctx context.Context, lanes []*lane, fatal error) error {
	parked, left := 0, 0
	for _, l := range lanes {
		if l.parked != nil {
			parked++
		} else if !s.Windows.done(l.pos.Query.From) {
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
		return fmt.Errorf("%d of %d queues are parked: see the error logged for each; their positions are kept", parked, len(lanes))
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

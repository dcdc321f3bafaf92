package producer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// maxVisits is how many of them are revisits: live windows find a place at any time.
const maxVisits = maxWalks / 2

// maxWalks is how many walks run at once. The API's allowance is used up by fewer;
// more would only hold more pages in memory.
const maxWalks = 8

// ErrInterrupted says that a bounded run was stopped before it had walked all of
// its windows. Started again, it goes on there.
var ErrInterrupted = errors.New("stopped before the end of the run; started again, it goes on there")

// Topic is what the messages go to.
type Topic interface {
	// Destination names it, and its cluster. It waits for the brokers where they
	// cannot be reached.
	Destination(ctx context.Context) (checkpoint.Destination, error)
	// Ends are the offsets behind the last message of each of its partitions.
	Ends(ctx context.Context) ([]int64, error)
}

// Service walks the windows of its queues, from where each stopped. All fields are
// required but those that say otherwise; they are not to be changed once it runs.
type Service struct {
	API          *genesys.Client
	Topic        Topic
	Committer    Committer
	Store        Store // where positions are resumed from
	Queues       []genesys.QueueID
	Dialect      genesys.Dialect
	PageSize     int // records a page, for windows that begin from now on
	Windows      Windows
	Revisits     Revisits      // of a bounded run: none
	WindowsTopic string        // of the attestations
	Program      string        // its name and version
	MostResults  int           // how many records of a query the API pages through; 0: genesys.MostResults
	Grace        time.Duration // for the page in hand, when the service is told to stop
	Log          *slog.Logger
	Begin        func() error   // optional; called before the first position is loaded or stored: its error stops the service
	Progress     func(Progress) // optional; called by every walk, which waits for it: it must not block
	Turn         func(Turn)     // optional; called between walks, which wait for it: it must not block

	destination checkpoint.Destination
	yields      *genesys.Yield // what revisits ask by
	livesWait   atomic.Bool    // whether a live window is walked, or could be
	changing    atomic.Bool    // whether it was told that much has changed in a revisit
}

// Run walks until the context ends, or to the end of a bounded run. It returns nil
// when it was told to stop and when a bounded run is complete; an error where a
// queue of a bounded run, or every queue, is parked, and where something that
// concerns every queue stops the service.
func (s *Service) Run(ctx context.Context) error {
	// The first answer tells the API's clock too, by which windows are judged.
	if err := s.API.Login(ctx); err != nil {
		return s.failed(ctx, fmt.Errorf("login: %w", err))
	}
	destination, err := s.Topic.Destination(ctx)
	if err != nil {
		return s.failed(ctx, fmt.Errorf("kafka: %w", err))
	}
	s.destination = destination
	if s.Begin != nil {
		if err := s.Begin(); err != nil {
			return s.failed(ctx, err)
		}
	}

	s.yields = s.API.Yield(s.Revisits.Share, s.livesWait.Load)
	queues := make([]*queue, len(s.Queues))
	resumes, some := errgroup.WithContext(ctx)
	resumes.SetLimit(maxWalks) // a thousand that begin in Kafka take a while
	for i, id := range s.Queues {
		resumes.Go(func() (err error) {
			if queues[i], err = s.resume(some, id); err != nil {
				return fmt.Errorf("queue %s: %w", id, err)
			}
			return nil
		})
	}
	if err := resumes.Wait(); err != nil {
		return s.failed(ctx, err)
	}
	for _, q := range queues { // consumers may have this already, and keep what is told to be newer
		s.API.FetchAfter(time.UnixMilli(int64(max(q.live.Account.ReadAt, q.revisit.Account.ReadAt))))
	}
	s.Log.Info("service runs", "queues", len(queues), "cluster", destination.Cluster, "topic", destination.Topic)
	s.tellResumed(queues)
	return s.walkAll(ctx, queues)
}

// failed is what an error before the first walk means: none where the service was
// told to stop meanwhile.
func (s *Service) failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() == nil:
		return err
	case s.Windows.bounded():
		return ErrInterrupted
	}
	return nil
}

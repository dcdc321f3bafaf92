package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/transact"
)

// stop is where the checkpoint of a queue stood when the service was killed.
type stop struct {
	queue    string
	position checkpoint.Position
}

// midWindow reports whether some pages of a window were completed, and not all.
func (s stop) midWindow() bool { return !s.position.Closed && s.position.Page > 0 }

// next is the page that comes after, and the window it is of.
func (s stop) next() (from time.Time, page int) {
	if s.position.Closed {
		return s.position.Query.To, 1
	}
	return s.position.Query.From, s.position.Page + 1
}

// positions reads what the killed service has left.
func (w *world) positions(ctx context.Context, queues []string) (stops []stop, err error) {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	store, err := w.openStore()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	read := store.Load
	if w.fake == nil {
		read = store.Take // a real Kafka may still be at work on what was the last commit
	}
	for _, queue := range queues {
		position, found, err := read(ctx, checkpoint.Key{Queue: queue, Lane: checkpoint.Live})
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, fmt.Errorf("queue %s has no checkpoint, though pages of it were completed", queue)
		}
		stops = append(stops, stop{queue, position})
	}
	return stops, nil
}

// openStore opens the store that the service keeps its positions in.
func (w *world) openStore() (checkpoint.Store, error) {
	if !w.exactlyOnce {
		return checkpoint.OpenDir(w.checkpoints(), checkpointName)
	}
	access, err := broker.NewAccess(broker.Security{}, nil)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	return transact.NewStore(transact.StoreConfig{
		Config: transact.Config{Brokers: w.brokers, ClientID: "sandbox", Access: access, Ladder: broker.NewLadder(log), Log: log},
		Topic:  w.checkpoints(), Name: checkpointName, MaxMessageBytes: 1_000_000,
	})
}

// checkpointName is the service's, unless it is told otherwise.
const checkpointName = "default"

// resumption is how a queue went on after the kill.
type resumption struct {
	stop
	asked *genesystest.Request // first; nil: nothing
}

// right reports whether the page after the last completed one was asked first.
func (r resumption) right() bool {
	from, page := r.next()
	return r.asked != nil && r.asked.Page == page && r.asked.From.Equal(from)
}

// lastBearer is the ordinal of the newest token in use. Every process gets one of
// its own, so that requests tell which process they are of.
func lastBearer(requests []genesystest.Request) (last int) {
	for _, r := range requests {
		last = max(last, r.Bearer)
	}
	return last
}

// goneOn finds in the simulator's journal what was asked first, for each queue,
// with a newer token than the one given.
func goneOn(stops []stop, requests []genesystest.Request, bearer int) []resumption {
	var all []resumption
	for _, s := range stops {
		r := resumption{stop: s}
		for i := range requests {
			if requests[i].Bearer > bearer && requests[i].Queue == s.queue {
				r.asked = &requests[i]
				break
			}
		}
		all = append(all, r)
	}
	return all
}

// allResumed reports whether every queue went on at the next page, and one at
// least in the middle of a window: else there is nothing to show.
func allResumed(all []resumption) bool {
	midWindow := false
	for _, r := range all {
		if !r.right() {
			return false
		}
		midWindow = midWindow || r.midWindow()
	}
	return midWindow
}

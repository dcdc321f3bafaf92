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
func (s stop) midWindow() bool { return !s.over() && s.position.Page > 0 }

// over reports whether all pages of the window were completed.
func (s stop) over() bool { return s.position.Closed || s.position.Ended || s.position.Last }

// next is the page that is asked for first, and where the interval begins that it is of.
// The last completed page is asked for again, to see whether it still is the same.
func (s stop) next() (since time.Time, page int) {
	if s.over() {
		return s.position.Query.To.Add(-settle), 1
	}
	return s.position.Query.Since, max(s.position.Page, 1)
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
		Topic:  w.checkpoints(), LedgerTopic: w.ledgers(), Name: checkpointName, MaxMessageBytes: 1_000_000,
	})
}

// checkpointName is the service's, unless it is told otherwise.
const checkpointName = "default"

// resumption is how a queue went on after the kill.
type resumption struct {
	stop
	asked *genesystest.Request // first; nil: nothing
	then  int                  // the next page that was asked for in the same interval; 0: none
}

// right reports whether it went on where it had stopped: in the middle of a window with
// the last completed page, and the one after it.
func (r resumption) right() bool {
	since, page := r.next()
	return r.asked != nil && r.asked.Page == page && r.asked.From.Equal(since) && (!r.midWindow() || r.then == page+1)
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
		for i, asked := range requests {
			switch {
			case asked.Bearer <= bearer || asked.Queue != s.queue:
			case r.asked == nil:
				r.asked = &requests[i]
			case asked.From.Equal(r.asked.From) && (r.then == 0 || asked.Page < r.then): // pages are asked ahead in any order
				r.then = asked.Page
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

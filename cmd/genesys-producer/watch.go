package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
	"genesys-producer/producer/status"
)

// newBoard makes the board that an operator looks at, of a run of these windows.
func newBoard(cfg config, windows producer.Windows) *status.Board {
	return status.NewBoard(status.Config{
		Program: programName(), Version: version, Commit: commit, Checkpoint: cfg.CheckpointName,
		Delivery: cfg.Delivery, Topic: cfg.Topic, Queues: cfg.Queues, Allowance: cfg.RequestsPerMinute,
		Timeout: cfg.Timeout, CaughtUp: cfg.WindowLength + cfg.WindowSettle + walkTakes,
		Until: windows.To, Revisits: windows.To.IsZero() && len(cfg.WindowRevisit) > 0,
	})
}

// walkTakes is how long the walk of a window may take that has settled, of a service that
// has caught up.
const walkTakes = 15 * time.Minute

// reachedTopic is a topic, and the board hears of it once it was reached.
type reachedTopic struct {
	producer.Topic
	board *status.Board
}

func (t reachedTopic) Destination(ctx context.Context) (checkpoint.Destination, error) {
	d, err := t.Topic.Destination(ctx)
	if err == nil {
		t.board.Destination(d)
	}
	return d, err
}

// touchEvery is how often brokers are asked whether they are there.
const touchEvery = time.Minute

// keepInTouch asks brokers now and then, until ctx ends: between two windows nobody else
// does, and who looks at the service wants to know that they are away. That is told by the
// incident that all have in common who ask them.
func keepInTouch(ctx context.Context, topic producer.Topic) {
	for {
		select {
		case <-time.After(touchEvery):
			_, _ = topic.Ends(ctx) // a refusal is for the walks to tell, which it stops
		case <-ctx.Done():
			return
		}
	}
}

// looksEvery is how often the queues are looked up: a queue can be deleted, or a client's
// role be changed, under a service that runs for months.
const looksEvery = time.Hour

// lookUp asks which of the queues the client can see, now and then, until ctx ends. A query
// for one that it cannot see is no error: it matches nothing. So this alone tells. What it
// finds is logged where it is news.
func lookUp(ctx context.Context, api *genesys.Client, ids []genesys.QueueID, board *status.Board, log *slog.Logger) {
	told := ""
	for {
		names, err := api.Queues(ctx, ids)
		if ctx.Err() != nil {
			return
		}
		board.Lookup(names, err)
		var unseen []string
		for _, id := range ids {
			if _, ok := names[id]; !ok {
				unseen = append(unseen, string(id))
			}
		}
		news := strings.Join(unseen, ",")
		if err != nil {
			news = "nobody can tell" // which is other news than that all are unseen
		}
		switch {
		case news == told:
		case err != nil:
			log.Warn("queues: nobody can tell whether the client sees them; one that it does not see matches nothing, which is no error", failure(err)...)
		case news != "":
			log.Warn("queues that the client does not see: they do not exist, are deleted, or are of a division that its role does not reach; they match nothing", "queues", unseen)
		default:
			log.Info("queues are all seen by the client")
		}
		told = news
		select {
		case <-time.After(looksEvery):
		case <-ctx.Done():
			return
		}
	}
}

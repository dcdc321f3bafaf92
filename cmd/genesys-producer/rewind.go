package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
)

// move is a position that goes back.
type move struct {
	key           checkpoint.Key
	former, later checkpoint.Position // later: to be walked
}

// rewindPositions has queues walked again from a time on. It asks first, unless it is
// told not to. What was stored goes to stdout, as an export has it.
func rewindPositions(ctx context.Context, o options, now time.Time, stdin io.Reader, stdout, stderr io.Writer) int {
	wrong := false
	code := withStore(ctx, stderr, func(cfg config, store checkpoint.Store) error {
		queues, err := cfg.only(o.queue)
		if err != nil {
			wrong = true
			return fmt.Errorf("rewind: %w", err)
		}
		var moves []move
		err = askBrokers(ctx, cfg, func(ctx context.Context) (err error) {
			moves, err = planMoves(ctx, cfg, store, queues, o.to, now)
			return err
		})
		if err != nil {
			return err
		}
		for _, m := range moves {
			fmt.Fprintf(stderr, "%v: from %v back to %v\n", m.key, m.former, m.later)
		}
		fmt.Fprintln(stderr, cfg.besideService()+"\nWhat is walked again is published again, for which the ledgers are deleted that tell what was;\n"+
			"the store keeps the former positions, and they are printed as checkpoint export prints them.")
		if !o.yes && !confirm(ctx, stdin, stderr, fmt.Sprintf("Rewind %d positions of CHECKPOINT_NAME %s in the %s store?", len(moves), cfg.CheckpointName, cfg.CheckpointStore)) {
			return errors.New("nothing was rewound")
		}
		log := changeLog(cfg, stderr)
		for n, m := range moves {
			if err := m.make(ctx, cfg, store, log, stdout); err != nil {
				return fmt.Errorf("rewind %v: %w: %d of %d positions were rewound before it: correct it and run it again, which does no harm to these", m.key, err, n, len(moves))
			}
		}
		fmt.Fprintf(stderr, "%d positions rewound\n", len(moves))
		return nil
	})
	if wrong {
		return misuse
	}
	return code
}

// planMoves finds out what is to be moved. Nothing is where a queue cannot be.
func planMoves(ctx context.Context, cfg config, store checkpoint.Store, queues []string, to, now time.Time) (moves []move, err error) {
	for _, queue := range queues {
		key := checkpoint.Key{Queue: queue, Lane: checkpoint.Live}
		former, found, loadErr := store.Load(ctx, key)
		switch {
		case loadErr != nil:
			err = errors.Join(err, loadErr)
		case !found:
			err = errors.Join(err, fmt.Errorf("rewind %v: it has no position: it begins at WINDOW_FROM once the service walks it; name the queues that have one with --queue", key))
		case to.After(producer.WalkedTo(former)):
			err = errors.Join(err, fmt.Errorf("rewind %v: it has come to %s (%v), and %s is later: what lies between would be skipped; write an earlier --to",
				key, instant(producer.WalkedTo(former)), former, instant(to)))
		default:
			moves = append(moves, move{key, former, rewound(former, cfg, to, now)})
		}
	}
	if err != nil {
		return nil, err
	}
	return moves, nil
}

// rewound is the position before the first page of the window that begins at to: under
// the query that was stored, as it is configured now where it may change with a window
// (invariant 3). It has no ledgers, and nothing is known of its window yet.
func rewound(former checkpoint.Position, cfg config, to, now time.Time) checkpoint.Position {
	query := former.Query
	query.From = to
	query.Since, query.To = cutTime(cfg, now).OnGrid(to)
	query.PageSize = cfg.PageSize
	return checkpoint.Position{Query: query, Destination: former.Destination, Start: former.Start}
}

// make moves the position. The store may know better what was stored than it did as the
// move was planned: another process may have written meanwhile, or a commit have ended.
func (m move) make(ctx context.Context, cfg config, store checkpoint.Store, log *slog.Logger, stdout io.Writer) error {
	var former checkpoint.Position
	err := askBrokers(ctx, cfg, func(ctx context.Context) (err error) {
		former, err = store.Rewind(ctx, m.key, m.later)
		return err
	})
	if err != nil {
		return err
	}
	store.Release(m.key)
	log.Info("position rewound; the store keeps the former one", "queue", m.key.Queue, "lane", m.key.Lane, "from", former, "to", m.later)
	text, err := checkpoint.Encode(cfg.CheckpointName, m.key, former)
	if err == nil {
		_, err = stdout.Write(text)
	}
	if err != nil {
		return fmt.Errorf("it is rewound, but the former position (%v) could not be printed: %w", former, err)
	}
	return nil
}

// instant is a time as options take it.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

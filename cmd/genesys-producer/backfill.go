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

// backfill walks an interval of the past, beside a service that follows the clock: under a
// checkpoint name of its own, so that neither moves the other's positions, and with a share
// of the requests. It is a bounded run, which ends by itself and revisits nothing.
func backfill(ctx context.Context, o backfillOptions, now time.Time, stderr io.Writer) int {
	var shown *screen // nil: it is no terminal
	if isTerminal(stderr) {
		shown = &screen{stderr: stderr}
	}
	cfg, brokers, ok := prepare(stderr, func(cfg config) *slog.Logger {
		if shown == nil {
			return newLog(cfg, stderr)
		}
		cfg.LogFormat, cfg.LogLevel = "text", max(cfg.LogLevel, slog.LevelWarn) // the bar tells the rest
		return newLog(cfg, shown)
	})
	if !ok {
		return misuse
	}
	cfg, err := o.configure(cfg, now)
	if err != nil {
		fmt.Fprintln(stderr, "backfill:", err)
		return misuse
	}
	windows := cutTime(cfg, now)
	log := brokers.Log
	log.Info("backfill starts", "program", programName(), "checkpoints", cfg.CheckpointName,
		"from", windows.From, "to", windows.To, "queues", len(cfg.Queues), "requests_per_minute", cfg.RequestsPerMinute)
	far := newProgress(windows.From, windows.To, len(cfg.Queues))
	var stop func()
	if shown != nil {
		fmt.Fprintf(stderr, "backfill %s: %s to %s, %d queues, %d requests a minute\n", cfg.CheckpointName, instant(windows.From), instant(windows.To), len(cfg.Queues), cfg.RequestsPerMinute)
		stop = shown.draw(far)
	} else {
		stop = logProgress(log, far)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	goesOn := func(store checkpoint.Store) error { return sameStart(ctx, store, cfg) }
	err = serve(ctx, cfg, brokers, windows, wishes{begin: goesOn, progress: func(p producer.Progress) {
		if p.Lane != checkpoint.Live {
			return
		}
		// One that a killed process had pending shows only now; nothing is walked yet.
		if p.Resumed && p.Start != cfg.WindowFrom.Text {
			cancel(otherStartError{cfg.CheckpointName, p.Start, cfg.WindowFrom.Text})
		}
		far.add(p, time.Now())
	}})
	stop()
	cancel(nil)
	if other, ok := errors.AsType[otherStartError](errors.Join(err, context.Cause(ctx))); ok {
		fmt.Fprintln(stderr, "backfill:", other)
		return misuse
	}
	return conclude(shown, log, cfg.CheckpointName, far.figures(time.Now()), err)
}

// sameStart refuses a name that is another run's, of whatever queues, before anything is
// stored under it: a queue that is new to it would begin elsewhere than the others, and
// then no start would be that of all.
func sameStart(ctx context.Context, store checkpoint.Store, cfg config) error {
	keys, err := store.Keys(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		pos, found, err := store.Load(ctx, key)
		if err != nil {
			return err
		}
		if found && pos.Start != cfg.WindowFrom.Text {
			return otherStartError{cfg.CheckpointName, pos.Start, cfg.WindowFrom.Text}
		}
	}
	return nil
}

// otherStartError says that a backfill would go on with another one, and leave out what
// lies before that.
type otherStartError struct{ name, began, from string }

func (e otherStartError) Error() string {
	return fmt.Sprintf("the name %s is that of a run from %s, not from %s: what that has not walked would be left out; write --from %[2]s to go on there, or another --name", e.name, e.began, e.from)
}

// conclude tells how it ended, as a line for people or one of the log.
func conclude(shown *screen, log *slog.Logger, name string, f figures, err error) int {
	switch {
	case shown != nil && err != nil:
		fmt.Fprintf(shown.stderr, "backfill %s: %v\nbackfill %s is not complete: %s; the same command goes on there\n", name, err, name, f.summary())
	case shown != nil:
		fmt.Fprintf(shown.stderr, "backfill %s is complete: %s\n", name, f.summary())
	case err != nil:
		log.Error("backfill stopped; the same command goes on there", append(f.attributes(), "error", err)...)
	default:
		log.Info("backfill is complete", f.attributes()...)
	}
	if err != nil {
		return failed
	}
	return done
}

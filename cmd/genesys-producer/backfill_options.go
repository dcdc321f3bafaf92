package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

// backfillOptions are what a backfill is told beside the environment.
type backfillOptions struct {
	from   time.Time // in UTC, to the millisecond
	to     end
	name   string  // the checkpoint name; empty: that of the interval
	budget float64 // the share of GENESYS_REQUESTS_PER_MINUTE, above 0
}

// readBackfill reads the options of a backfill.
func readBackfill(args []string) (backfillOptions, error) {
	o := backfillOptions{budget: 0.5}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Func("from", "", func(text string) (err error) {
		o.from, err = optionTime(text, "")
		return err
	})
	flags.Func("to", "", func(text string) (err error) {
		if o.to = (end{Text: text}); text != "now" {
			o.to.at, err = optionTime(text, ", or now")
		}
		return err
	})
	flags.Func("name", "", func(text string) (err error) {
		if text == "" {
			return errors.New("it is empty; leave it out for a name made of the interval")
		}
		o.name, err = parseCheckpointName(text)
		return err
	})
	flags.Func("budget", "", func(text string) (err error) {
		o.budget, err = parseShare(text)
		if err != nil || o.budget == 0 {
			return errors.New("not a number above 0, up to 1, such as 0.5")
		}
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return backfillOptions{}, err
	}
	switch {
	case flags.NArg() > 0:
		return backfillOptions{}, fmt.Errorf("it takes options alone, but got %q", flags.Arg(0))
	case o.from.IsZero():
		return backfillOptions{}, errors.New("--from is missing")
	case o.to.Text == "":
		return backfillOptions{}, errors.New("--to is missing")
	}
	return o, nil
}

// optionTime reads a time of an option, which may also be what else is named.
func optionTime(text, orElse string) (time.Time, error) {
	at, isTime, err := parseInstant(text)
	if !isTime {
		return time.Time{}, fmt.Errorf("not an RFC 3339 time such as 2026-03-01T00:00:00Z%s", orElse)
	}
	return at, err
}

// configure is the configuration of the backfill: that of the environment, where the
// options do not say otherwise.
func (o backfillOptions) configure(cfg config, now time.Time) (config, error) {
	to := o.to.At(now, cfg.WindowSettle)
	switch {
	case !o.from.Before(to):
		return config{}, fmt.Errorf("--to %s is not after --from %s; write a later one", instant(to), instant(o.from))
	case to.After(now):
		return config{}, fmt.Errorf("--to %s lies ahead, and a backfill is of the past; write now, or an earlier time", instant(to))
	}
	live := cfg.CheckpointName
	cfg.CheckpointName = o.checkpointName()
	if cfg.CheckpointName == live || cfg.CheckpointName == "default" { // where CHECKPOINT_NAME is not set
		return config{}, fmt.Errorf("the name %s is that of the run beside it (CHECKPOINT_NAME), whose queues the backfill would move; write another --name", cfg.CheckpointName)
	}
	// The start is written in one way, by which a run that is started again is known.
	cfg.WindowFrom = start{Text: instant(o.from), at: o.from}
	cfg.WindowTo, cfg.WindowRevisit = o.to, nil
	// Never more than the share, but for what a request takes; a share such as 0.29 is a
	// little less than itself.
	cfg.RequestsPerMinute = max(1, int(float64(cfg.RequestsPerMinute)*o.budget+1e-6))
	return cfg, nil
}

// checkpointName is the name that was given, or one of the interval: the same command,
// started again, resumes, and another interval is another run. Without the dates alone,
// two intervals of one day would be one run.
func (o backfillOptions) checkpointName() string {
	if o.name != "" {
		return o.name
	}
	to := o.to.Text
	if to != "now" {
		to = dateInName(o.to.at)
	}
	return "backfill-" + dateInName(o.from) + "-" + to
}

// dateInName is a time without what names cannot have: its date, where it is a midnight.
func dateInName(t time.Time) string {
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02T150405.999Z")
}

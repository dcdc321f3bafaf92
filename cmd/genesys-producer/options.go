package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// options are what a command is told beside its name.
type options struct {
	from, to time.Time // in UTC, to the millisecond
	queue    string    // empty: all that are configured
	file     string
	yes      bool // do not ask
	json     bool // for machines
}

// readOptions reads what a command takes: options by their names, and one argument by its
// name in capital letters. Times and the argument it cannot do without.
func readOptions(args []string, names ...string) (o options, err error) {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	times := map[string]*time.Time{"from": &o.from, "to": &o.to}
	var argument *string // nil: it takes none
	for _, name := range names {
		switch at := times[name]; {
		case at != nil:
			flags.Func(name, "", func(text string) error {
				var isTime bool
				if *at, isTime, err = parseInstant(text); !isTime {
					return errors.New("not an RFC 3339 time such as 2026-03-01T00:00:00Z")
				}
				return err
			})
		case name == "queue":
			flags.StringVar(&o.queue, name, "", "")
		case name == "yes":
			flags.BoolVar(&o.yes, name, false, "")
		case name == "json":
			flags.BoolVar(&o.json, name, false, "")
		case name == "QUEUE":
			argument = &o.queue
		case name == "FILE":
			argument = &o.file
		}
	}
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if rest := flags.Args(); argument != nil && len(rest) > 0 {
		*argument = rest[0]
		if err := flags.Parse(rest[1:]); err != nil { // options may follow it
			return options{}, err
		}
	}
	switch {
	case flags.NArg() > 0 && argument != nil:
		return options{}, fmt.Errorf("it takes one argument beside its options, but got %q, too", flags.Arg(0))
	case flags.NArg() > 0:
		return options{}, fmt.Errorf("it takes options alone, but got %q", flags.Arg(0))
	}
	for _, name := range names {
		switch at := times[name]; {
		case at != nil && at.IsZero():
			return options{}, fmt.Errorf("--%s is missing", name)
		case name == strings.ToUpper(name) && *argument == "":
			return options{}, fmt.Errorf("%s is missing", name)
		}
	}
	return o, nil
}

// only are the queues that a command is for. One that is not configured is a mistake:
// the API would find nothing of it, and say nothing.
func (cfg config) only(queue string) ([]string, error) {
	switch {
	case queue == "":
		return cfg.Queues, nil
	case !slices.Contains(cfg.Queues, queue):
		return nil, fmt.Errorf("--queue %s is none of GENESYS_QUEUES; write one of them, or add it there", quote(queue))
	}
	return []string{queue}, nil
}

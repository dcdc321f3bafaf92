// Command genesys-producer brings the conversations of Genesys Cloud queues into
// Kafka. "genesys-producer help" says how to run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
	"time"
)

// version is set by the linker: -ldflags "-X main.version=v1.2.3".
var version = "dev"

// commit is set by the linker, too: -X main.commit=0123abc. Empty: not known.
var commit string

// Exit codes.
const (
	done   = 0
	failed = 1
	misuse = 2 // usage or configuration
)

func main() {
	// Most of what is held are pages, which the collector does not have to look into:
	// collecting often costs little, and waiting until memory has doubled would double it.
	if was := debug.SetGCPercent(33); was != 100 {
		debug.SetGCPercent(was) // GOGC was set to something else
	}
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		stop()
		<-signals
		os.Exit(failed) // a second signal stops at once
	}()
	os.Exit(command(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// command runs the command that the arguments name and returns the exit code. It
// reads the environment through loadConfig alone.
func command(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		args = []string{"run"}
	}
	name, rest := args[0], args[1:]
	if (name == "checkpoint" || name == "dead-letter") && len(rest) > 0 {
		name, rest = name+" "+rest[0], rest[1:]
	}
	switch name {
	case "checkpoint import":
		yes := slices.Contains(rest, "--yes")
		if rest = slices.DeleteFunc(rest, func(arg string) bool { return arg == "--yes" }); len(rest) != 1 {
			fmt.Fprintln(stderr, "usage: genesys-producer checkpoint import FILE [--yes]")
			return misuse
		}
		return importPositions(ctx, rest[0], yes, stdin, stderr)
	case "checkpoint rewind":
		o, err := readOptions(rest, "to", "queue", "yes")
		if err != nil {
			fmt.Fprintf(stderr, "checkpoint rewind: %v\nusage: genesys-producer checkpoint rewind --to TIME [--queue ID] [--yes]\n", err)
			return misuse
		}
		return rewindPositions(ctx, o, time.Now(), stdin, stdout, stderr)
	case "verify":
		o, err := readOptions(rest, "from", "to", "queue")
		if err != nil {
			fmt.Fprintf(stderr, "verify: %v\nusage: genesys-producer verify --from TIME --to TIME [--queue ID]\n", err)
			return misuse
		}
		return verify(ctx, o, stdout, stderr)
	case "backfill":
		o, err := readBackfill(rest)
		if err != nil {
			fmt.Fprintf(stderr, "backfill: %v\n%s\n", err, backfillUsage)
			return misuse
		}
		return backfill(ctx, o, time.Now(), stderr)
	}
	do := withoutArguments(ctx, name, stdout, stderr)
	switch {
	case do == nil:
		fmt.Fprintf(stderr, "there is no command %q: genesys-producer help lists them\n", name)
		return misuse
	case len(rest) > 0:
		fmt.Fprintf(stderr, "%s takes no arguments, but got %q; the environment configures it: genesys-producer help\n", name, rest[0])
		return misuse
	}
	return do()
}

// withoutArguments is the command of a name, of those that take no arguments; nil: there
// is none.
func withoutArguments(ctx context.Context, name string, stdout, stderr io.Writer) func() int {
	switch name {
	case "run":
		return func() int { return run(ctx, stderr) }
	case "checkpoint export":
		return func() int { return exportPositions(ctx, stdout, stderr) }
	case "dead-letter list":
		return func() int { return listDeadLetters(ctx, stdout, stderr, lettersPatience) }
	case "version":
		return func() int { fmt.Fprintln(stdout, programName()); return done }
	case "help", "-h", "-help", "--help":
		return func() int { writeHelp(stdout); return done }
	}
	return nil
}

// options are what a command is told beside its name.
type options struct {
	from, to time.Time // in UTC, to the millisecond
	queue    string    // empty: all that are configured
	yes      bool      // do not ask
}

// readOptions reads the options that a command takes. Times it cannot do without.
func readOptions(args []string, names ...string) (o options, err error) {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	times := map[string]*time.Time{"from": &o.from, "to": &o.to}
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
		}
	}
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("it takes options alone, but got %q", flags.Arg(0))
	}
	for _, name := range names {
		if at := times[name]; at != nil && at.IsZero() {
			return options{}, fmt.Errorf("--%s is missing", name)
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

// programName is the name and version that go into messages and requests.
func programName() string {
	if info, ok := debug.ReadBuildInfo(); ok && version == "dev" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return "genesys-producer/" + info.Main.Version
	}
	return "genesys-producer/" + version
}

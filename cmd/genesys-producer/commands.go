package main

import (
	"context"
	"io"
	"strings"
	"time"
)

// subcommand is a command of the program.
type subcommand struct {
	name  string
	takes string                                       // its arguments, for people; empty: none
	do    func(args []string) (code int, misuse error) // misuse: the arguments are none
}

// usage is a line that says how it is written.
func (c subcommand) usage() string {
	return strings.TrimRight("usage: genesys-producer "+c.name+" "+c.takes, " ")
}

// commands are all commands.
func commands(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) []subcommand {
	return []subcommand{
		withoutArguments("run", func() int { return run(ctx, stderr) }),
		{"backfill", "--from TIME --to TIME|now [--name NAME] [--budget SHARE]", func(args []string) (int, error) {
			o, err := readBackfill(args)
			if err != nil {
				return 0, err
			}
			return backfill(ctx, o, time.Now(), stderr), nil
		}},
		withOptions("verify", "--from TIME --to TIME [--queue ID]", func(o options) int {
			return verify(ctx, o, stdout, stderr)
		}, "from", "to", "queue"),
		withOptions("check", "[--json]", func(o options) int {
			return check(ctx, o.json, stdout, stderr)
		}, "json"),
		withOptions("plan", "[--json]", func(o options) int {
			return plan(ctx, o, time.Now(), stdout, stderr)
		}, "json"),
		withOptions("checkpoint list", "[--json]", func(o options) int {
			return listPositions(ctx, o, time.Now(), stdout, stderr)
		}, "json"),
		withOptions("checkpoint show", "QUEUE [--json]", func(o options) int {
			return showQueue(ctx, o, time.Now(), stdout, stderr)
		}, "QUEUE", "json"),
		withoutArguments("checkpoint export", func() int { return exportPositions(ctx, stdout, stderr) }),
		withOptions("checkpoint import", "FILE [--yes]", func(o options) int {
			return importPositions(ctx, o.file, o.yes, stdin, stderr)
		}, "FILE", "yes"),
		withOptions("checkpoint rewind", "--to TIME [--queue ID] [--yes]", func(o options) int {
			return rewindPositions(ctx, o, time.Now(), stdin, stdout, stderr)
		}, "to", "queue", "yes"),
		withoutArguments("dead-letter list", func() int { return listDeadLetters(ctx, stdout, stderr, lettersPatience) }),
		withoutArguments("healthcheck", func() int { return healthcheck(ctx, stdout, stderr) }),
		withoutArguments("version", func() int { return writeVersion(stdout) }),
		withoutArguments("help", func() int { writeHelp(stdout); return done }),
	}
}

// withoutArguments is a command that takes no arguments.
func withoutArguments(name string, do func() int) subcommand {
	return subcommand{name, "", func([]string) (int, error) { return do(), nil }}
}

// withOptions is a command that takes these options.
func withOptions(name, takes string, do func(options) int, names ...string) subcommand {
	return subcommand{name, takes, func(args []string) (int, error) {
		o, err := readOptions(args, names...)
		if err != nil {
			return 0, err
		}
		return do(o), nil
	}}
}

// Command genesys-producer brings the conversations of Genesys Cloud queues into
// Kafka. "genesys-producer help" says how to run it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
)

// version is set by the linker: -ldflags "-X main.version=v1.2.3".
var version = "dev"

// commit is set by the linker, too: -X main.commit=0123abc. Empty: not known.
var commit string //nolint:gochecknoglobals // the linker sets it, as it does version

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
	if slices.Contains([]string{"-h", "-help", "--help"}, name) {
		name = "help"
	}
	known := commands(ctx, stdin, stdout, stderr)
	i := slices.IndexFunc(known, func(c subcommand) bool { return c.name == name })
	if i < 0 {
		fmt.Fprintf(stderr, "there is no command %q: genesys-producer help lists them\n", name)
		return misuse
	}
	c := known[i]
	if c.takes == "" && len(rest) > 0 {
		fmt.Fprintf(stderr, "%s takes no arguments, but got %q; the environment configures it: genesys-producer help\n", name, rest[0])
		return misuse
	}
	code, err := c.do(rest)
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\nusage: genesys-producer %s %s\n", name, err, name, c.takes)
		return misuse
	}
	return code
}

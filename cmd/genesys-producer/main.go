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
	"strings"
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
	known := commands(ctx, stdin, stdout, stderr)
	if usage := usageOf(known, args); usage != "" && slices.ContainsFunc(args[1:], wantsHelp) {
		fmt.Fprint(stdout, usage)
		return done
	}
	name, rest := args[0], args[1:]
	switch {
	case wantsHelp(name):
		name = "help"
	case name == "--version":
		name = "version"
	case (name == "checkpoint" || name == "dead-letter") && len(rest) > 0:
		name, rest = name+" "+rest[0], rest[1:]
	}
	i := slices.IndexFunc(known, func(c subcommand) bool { return c.name == name })
	if i < 0 {
		fmt.Fprintf(stderr, "there is no command %q: genesys-producer help lists them\n%s", name, usageOf(known, args))
		return misuse
	}
	c := known[i]
	if c.takes == "" && len(rest) > 0 {
		fmt.Fprintf(stderr, "%s takes no arguments, but got %q; the environment configures it: genesys-producer help\n", name, rest[0])
		return misuse
	}
	code, err := c.do(rest)
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n%s\n", name, err, c.usage())
		return misuse
	}
	return code
}

// wantsHelp reports whether a word asks for help.
func wantsHelp(word string) bool { return slices.Contains([]string{"-h", "-help", "--help"}, word) }

// usageOf has a line for the command that the words begin with; else for all that have the
// first word in common with them. Empty: there are none.
func usageOf(known []subcommand, words []string) (usage string) {
	for _, c := range known {
		name := strings.Fields(c.name)
		if len(words) >= len(name) && slices.Equal(words[:len(name)], name) {
			return c.usage() + "\n"
		}
		if name[0] == words[0] {
			usage += c.usage() + "\n"
		}
	}
	return usage
}

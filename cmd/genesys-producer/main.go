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
	if name == "checkpoint import" {
		yes := slices.Contains(rest, "--yes")
		if rest = slices.DeleteFunc(rest, func(arg string) bool { return arg == "--yes" }); len(rest) != 1 {
			fmt.Fprintln(stderr, "usage: genesys-producer checkpoint import FILE [--yes]")
			return misuse
		}
		return importPositions(ctx, rest[0], yes, stdin, stderr)
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

// programName is the name and version that go into messages and requests.
func programName() string {
	if info, ok := debug.ReadBuildInfo(); ok && version == "dev" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return "genesys-producer/" + info.Main.Version
	}
	return "genesys-producer/" + version
}

// Command bench measures the whole service, beside its two halves in the same run:
//
//	go run ./cmd/bench [flags] [scenario ...]
//
// The scenarios:
//
//	speed   no latency: conversations a second and CPU seconds, of fetching alone (answers
//	        thrown away), of producing alone (from memory), of the service with many queues
//	        and with one, and of the plain loop that one would write in an hour
//	pace    an API that takes its time and allows so many requests a minute: is the
//	        allowance used, and never exceeded?
//	memory  resident memory over a long walk, and over one of very large pages
//	queues  1,000 queues: time until all of them are ready to walk, and memory
//
// Without one, it is speed. Every part is a process of its own: the API, which serves
// pages composed beforehand, the broker (kfake, which throws away what it acknowledges,
// unless -brokers names a real Kafka), and what is measured. All talk over loopback.
//
// On a small machine the processes compete, so the ratios between rows of one round
// tell more than rates; of several rounds the median is printed. CPU is that of the
// measured process alone, its start included; memory is read from /proc, where there is
// one. A row that has not asked for every page, or brought as many messages to the topic
// as there are conversations, is an error; which they are is what the tests look at.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// options are the flags.
type options struct {
	rounds        int
	conversations int
	size          int
	codecs        string
	brokers       string
	minutes       float64
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) == 4 && os.Args[1] == partArgument {
		exit(runPart(ctx, os.Args[2], os.Args[3]))
	}
	exit(bench(ctx, os.Args[1:], os.Stdout))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// bench runs the scenarios that the arguments name.
func bench(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.IntVar(&o.rounds, "rounds", 3, "how often each row is measured")
	flags.IntVar(&o.conversations, "conversations", 100_000, "of a round, over all queues")
	flags.IntVar(&o.size, "size", 10_000, "mean bytes of a conversation")
	flags.StringVar(&o.codecs, "codecs", "none,snappy", "compressions to measure speed with, comma-separated")
	flags.StringVar(&o.brokers, "brokers", "", "host:port of a real Kafka, comma-separated; empty: kfake")
	flags.Float64Var(&o.minutes, "minutes", 100.0/60, "how long the scenario pace lasts, about")
	if err := flags.Parse(args); err != nil {
		return err
	}
	scenarios := map[string]func(*stage) error{"speed": speed, "pace": pace, "memory": memory, "queues": queues}
	names := flags.Args()
	if len(names) == 0 {
		names = []string{"speed"}
	}
	for _, name := range names {
		if scenarios[name] == nil {
			return fmt.Errorf("there is no scenario %q: speed, pace, memory, queues", name)
		}
	}
	s, err := newStage(ctx, o, out)
	if err != nil {
		return err
	}
	defer s.close()
	for _, name := range slices.Compact(names) {
		if err := scenarios[name](s); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// brokerList is what -brokers names.
func (o options) brokerList() []string {
	if o.brokers == "" {
		return nil
	}
	return strings.Split(o.brokers, ",")
}

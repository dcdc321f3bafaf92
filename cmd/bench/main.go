// Command bench measures the whole service, beside its two halves in the same run:
//
//	go run ./cmd/bench [flags] [scenario ...]
//
// The scenarios:
//
//	speed      no latency: conversations a second and CPU seconds, of fetching alone (answers
//	           thrown away), of producing alone (from memory), of the service with many queues
//	           and with one, and of the plain loop that one would write in an hour
//	pace       an API that takes its time and allows so many requests a minute: is the
//	           allowance used, and never exceeded?
//	memory     resident memory over a long walk, and over one of very large pages
//	queues     1,000 queues: time until all of them are ready to walk, and memory
//	delivery   what exactly-once costs: the service under both deliveries and with both
//	           stores, over an API that takes its time and over one that does not
//	positions  1,000 queues: time until their positions are read from Kafka
//
// Without one, it is speed. Every part is a process of its own: the API, which serves
// pages composed beforehand, the broker, and what is measured. All talk over loopback.
// Unless -brokers names a real Kafka, the broker is kfake, which throws away what it
// acknowledges, but in delivery and positions: transactions need one that keeps it.
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
	"maps"
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
	names := flags.Args()
	if len(names) == 0 {
		names = []string{"speed"}
	}
	all := scenarios()
	for _, name := range names {
		if all[name].play == nil {
			return fmt.Errorf("there is no scenario %q: %s", name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
		}
	}
	for _, name := range slices.Compact(names) {
		if err := all[name].on(ctx, o, out); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// scenario is something to measure.
type scenario struct {
	play  func(*stage) error
	keeps bool // it needs a broker that keeps what it is given
}

func scenarios() map[string]scenario {
	return map[string]scenario{"speed": {speed, false}, "pace": {pace, false}, "memory": {memory, false},
		"queues": {queues, true}, "delivery": {delivery, true}, "positions": {positions, true}}
}

// on plays the scenario on a stage of its own.
func (c scenario) on(ctx context.Context, o options, out io.Writer) error {
	s, err := newStage(ctx, o, c.keeps, out)
	if err != nil {
		return err
	}
	defer s.close()
	return c.play(s)
}

// brokerList is what -brokers names.
func (o options) brokerList() []string {
	if o.brokers == "" {
		return nil
	}
	return strings.Split(o.brokers, ",")
}

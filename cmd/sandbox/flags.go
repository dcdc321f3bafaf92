package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// options are the flags.
type options struct {
	serve       bool
	simulator   string // where to serve it alone; empty: not
	exactlyOnce bool
	brokers     []string // empty: one in this process
	keep        bool
	seed        uint64
}

// parse reads the arguments. Asked for help, it prints that and returns
// flag.ErrHelp.
func parse(args []string, stdout io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.serve, "serve", false, "")
	flags.StringVar(&o.simulator, "simulator", "", "")
	flags.BoolVar(&o.exactlyOnce, "exactly-once", false, "")
	flags.BoolVar(&o.keep, "keep", false, "")
	flags.Uint64Var(&o.seed, "seed", 1, "")
	brokers := flags.String("brokers", "", "")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(stdout, help)
		}
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag", flags.Arg(0))
	}
	for broker := range strings.SplitSeq(*brokers, ",") {
		if broker = strings.TrimSpace(broker); broker != "" {
			o.brokers = append(o.brokers, broker)
		}
	}
	return o, nil
}

const help = `sandbox shows genesys-producer at work, in less than a minute: the service
walks three queues of a simulated Genesys Cloud into Kafka, is killed in
mid-walk, goes on where it was, and the topic proves that nothing is
missing.

Usage: go run ./cmd/sandbox [flags]

  --serve         keep simulator and broker up, and print the environment under
                  which the service can be run by hand
  --simulator ADDR
                  serve the simulated Genesys Cloud alone at ADDR (host:port),
                  for as long as it runs: 8,000 conversations a day, of the last
                  week and as they come. Equal seeds have equal queues, which it
                  names, and equal days. Its client is called client, with the
                  secret "secret"
  --exactly-once  each page and its position in one transaction, positions in
                  Kafka: then who reads what is committed sees no page twice
  --brokers LIST  use this Kafka (host:port, comma-separated, no TLS), not one
                  in this process; topics of a new name are created, and deleted
                  in the end
  --keep          keep the topics, and the folder of log, checkpoints and
                  broker; they are kept as well when something fails
  --seed N        other conversations (default 1)

Exit codes: 0 proven, 1 something is missing or has failed, 2 wrong flags.
NO_COLOR is honoured; without a terminal there are plain lines.
`

// Command sandbox shows the main job of genesys-producer on a machine that has
// nothing but Go: a simulated Genesys Cloud, a Kafka broker, and between them the
// real service, which is killed in mid-walk and started again. In the end the
// topic itself is held against what the API has.
//
//	go run ./cmd/sandbox
//
// The story is told by [demo.tell], top to bottom. world.go is what surrounds the
// service, truth.go what the API has in it, child.go the service as a child process,
// resume.go where it stopped and went on, topic.go what is in Kafka, proof.go the comparison
// of topic and API, attested.go that of topic and attestations;
// progress.go, table.go and screen.go are what one sees. serve.go is --serve, simulator.go --simulator.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Exit codes.
const (
	done   = 0
	failed = 1
	misuse = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second signal stops at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run shows what the arguments ask for and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return done
	case err != nil:
		fmt.Fprintf(stderr, "sandbox: %v; go run ./cmd/sandbox -h explains the flags\n", err)
		return misuse
	case o.simulator != "":
		err = simulate(ctx, o, stdout)
	case o.serve:
		err = serve(ctx, o, stdout, stderr)
	default:
		d := demo{options: o, scale: full(), screen: newScreen(stdout)}
		err = d.tell(ctx)
	}
	switch {
	case err == nil:
		return done
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "sandbox: interrupted")
	default:
		fmt.Fprintf(stderr, "sandbox: %v\n", err)
	}
	return failed
}

// demo is the main job, shown once.
type demo struct {
	options
	scale
	screen *screen
}

// scale is how much there is to walk, and how fast.
type scale struct {
	conversations     int
	hours             int // windows of one hour
	pageSize          int
	requestsPerMinute int           // raised on both sides, else it takes minutes
	latency           time.Duration // of the simulator, at least
}

func full() scale {
	return scale{conversations: 8000, hours: 8, pageSize: 100, requestsPerMinute: 900, latency: 100 * time.Millisecond}
}

// errDisproved says that what was to be shown did not come true. The table has
// said so already.
var errDisproved = errors.New("not proven: see above")

// tell tells the story. What it returns is nil only if everything is proven.
func (d demo) tell(ctx context.Context) (err error) {
	began := time.Now()
	out := d.screen
	out.title("genesys-producer sandbox")

	// A simulated Genesys Cloud, and a Kafka.
	world, err := newWorld(ctx, d.options, d.organisation())
	if err != nil {
		return err
	}
	defer func() { world.end(out, d.keep || err != nil && ctx.Err() == nil) }()
	truth := lookUp(world.simulator, d.windows(world.from), d.pageSize)
	out.fact("simulator", "%s conversations, %d queues, %d hours, at %s",
		figure(len(truth.hashes)), len(truth.queues), d.hours, world.api)
	out.fact("kafka", "%s", world.kafka())
	out.fact("topic", "%s, %d partitions", world.topic, partitions)
	if d.exactlyOnce {
		out.fact("delivery", "exactly-once: a page and its position are one transaction")
	}

	// The real service, as a child process.
	program, err := build(ctx, world.folder, out)
	if err != nil {
		return err
	}
	environment := d.environment(world)
	first, err := start(ctx, program, environment, world.log())
	if err != nil {
		return err
	}
	out.heading("The service walks %d windows of each queue, in pages of %d", len(truth.windows), d.pageSize)
	progress := newProgress(truth)
	err = progress.follow(first, out, world.strike)
	if !first.killed.Load() {
		return first.complain(cmp.Or(err, errors.New("the service was done before it could be killed")), world)
	}

	// Killed in mid-walk, and started again.
	out.warning("  SIGKILL after %d of %d pages, in mid-walk", progress.pages(), truth.pages())
	stops, err := world.positions(ctx, truth.queues)
	if err != nil {
		return err
	}
	progress.goOn(stops)
	killedAt := lastBearer(world.simulator.Requests())
	second, err := start(ctx, program, environment, world.log())
	if err != nil {
		return err
	}
	out.heading("Started again, it goes on where its checkpoints say")
	if err := progress.follow(second, out, nil); err != nil {
		return second.complain(err, world)
	}

	// What the simulator's journal and the topic say about it.
	resumed := goneOn(stops, world.simulator.Requests(), killedAt)
	messages, uncommitted, err := world.messages(ctx)
	if err != nil {
		return err
	}
	proof := compare(truth.sinceUnchanged(world.simulator), messages, d.terms(truth.queues))
	proof.uncommitted = uncommitted
	attestations, err := world.read(ctx, world.attestations(), kgo.ReadCommitted())
	if err != nil {
		return err
	}
	proof.windows = truth.attest(attestations, messages, proof.repeatedMost())
	out.resumption(resumed)
	out.proof(proof)
	proven := proof.holds() && allResumed(resumed)
	out.verdict(proven, time.Since(began))
	if !proven {
		return errDisproved
	}
	return nil
}

// terms are that each queue may repeat the page in hand when the service was killed;
// exactly-once repeats nothing.
func (d demo) terms(queues []string) terms {
	t := terms{queues: queues, partitions: partitions, pageSize: d.pageSize, repeats: 1}
	if d.exactlyOnce {
		t.repeats = 0
	}
	return t
}

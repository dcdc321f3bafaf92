package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

var faults = &report{
	title: "Faults, each in the middle of a walk by the program as a process of its own",
	heads: []any{"fault", "broker", "took", "CPU", "requests", "repeated", "outcome"},
}

// fault is something that goes wrong and passes, and what must be seen of it from
// outside: nothing is lost, one line says that it has begun and one that it is over,
// the program neither dies nor spins.
type fault struct {
	name    string
	changes []string                              // of the environment
	inflict func(w *world)                        // before the program starts: what goes wrong, and when
	pauses  int                                   // the query at which the API pauses, until amid has it go on; 0: at none
	amid    func(w *world, c *child, goOn func()) // beside the program
	begins  []string                              // messages of all warnings and errors, in any order
	ends    []string                              // messages that say that it is over, each as often as it stands here
	fewer   bool                                  // it can go unnoticed: these messages at most, but as many of the one as of the other
	more    int                                   // requests beyond those of an undisturbed walk, at most
	repeats int                                   // publishings of a page after its first, at most
}

// What a walk of the tests' size takes of the processor, some times over, and
// the share of the time under a fault that comes to: a loop without a pause takes all.
const (
	walkCPU   = time.Second
	sentAgain = 3 // requests, which net/http may send again by itself
	busyShare = 0.25
)

// beside has the test run beside others, if it is on brokers of its own: faults take
// time and no processor.
func beside(t *testing.T) {
	if os.Getenv("KAFKA_BROKERS") == "" {
		t.Parallel()
	}
}

// pause has the API pause at every n-th query, so many times, until it is told to go on.
// Pages that it has given before are published meanwhile.
func (w *world) pause(n, times int) (reached <-chan struct{}, goOn func()) {
	stopped, told := make(chan struct{}), make(chan struct{})
	wait := func(c chan struct{}) {
		select {
		case c <- struct{}{}:
		case <-w.Context().Done():
		}
	}
	w.gate.at(n, false, func() {
		if times--; times > 0 {
			w.gate.left = n // it is held
		}
		wait(stopped)
		wait(told)
	})
	return stopped, func() { <-told }
}

// reach waits until the API pauses.
func (c *child) reach(reached <-chan struct{}) {
	c.Helper()
	select {
	case <-reached:
	case <-c.ended:
		c.Fatal("it has ended before the API paused")
	case <-time.After(patience):
		c.Fatalf("the API has not paused for %v", patience)
	}
}

// line is one line of the program's log.
type line struct{ Level, Msg, Error string }

// log reads the program's log.
func (c *child) log() (lines []line) {
	c.Helper()
	for text := range strings.Lines(c.stderr.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			c.Errorf("not of the log: %s", text)
		}
		lines = append(lines, l)
	}
	return lines
}

// survive runs the program to its end under a fault.
func (f fault) survive(t *testing.T, w *world) {
	began := time.Now()
	if f.inflict != nil {
		f.inflict(w)
	}
	reached, goOn := (<-chan struct{})(nil), func() {}
	if f.pauses > 0 {
		reached, goOn = w.pause(f.pauses, 1)
	}
	c := w.start(f.changes...)
	if f.pauses > 0 {
		c.reach(reached)
	}
	if f.amid != nil {
		f.amid(w, c, goOn)
	}
	c.mustEnd(done)
	took := time.Since(began)

	var begins, ends []string
	for _, l := range c.log() {
		switch {
		case l.Level == "WARN", l.Level == "ERROR":
			begins = append(begins, l.Msg)
		case slices.Contains(f.ends, l.Msg):
			ends = append(ends, l.Msg)
		}
	}
	if f.fewer && len(begins) == len(ends) && len(ends) < len(f.ends) {
		f.begins, f.ends = f.begins[:len(begins)], f.ends[:len(ends)]
	}
	if !slices.Equal(slices.Sorted(slices.Values(begins)), slices.Sorted(slices.Values(f.begins))) {
		t.Errorf("it warned of %q, want %q", begins, f.begins)
	}
	if !slices.Equal(slices.Sorted(slices.Values(ends)), slices.Sorted(slices.Values(f.ends))) {
		t.Errorf("it said that %q, want %q", ends, f.ends)
	}
	found := w.checkTopic() // nothing is lost
	repeated := 0
	for _, pages := range found.repeated {
		repeated += pages
	}
	if repeated > f.repeats {
		t.Errorf("pages repeated, by queue: %v, want %d at most", found.repeated, f.repeats)
	}
	requests, cpu := len(w.sim.Requests()), c.cpu()
	if most := w.requestsOfAWalk() + f.more + sentAgain; requests > most {
		t.Errorf("%d requests, want %d at most: it spins", requests, most)
		asked := map[string]bool{}
		for _, r := range w.sim.Requests() {
			if page := fmt.Sprint(r.Token, r.Queue, r.From, r.Page); asked[page] {
				t.Logf("again: %+v", r)
			} else {
				asked[page] = true
			}
		}
	}
	if most := walkCPU + time.Duration(busyShare*float64(took)); cpu > most {
		t.Errorf("%v of CPU in %v, want %v at most: it spins", cpu, took, most)
	}
	w.enter(f.name, took, cpu, requests, repeated, "nothing lost")
}

// enter puts a fault and what came of it into the report.
func (w *world) enter(name string, took, cpu time.Duration, requests, repeated int, outcome string) {
	if w.Failed() {
		outcome = "FAILED"
	}
	broker := "real"
	if w.cluster.Fake != nil {
		broker = "kfake"
	}
	faults.add(name, broker, took.Round(10*time.Millisecond), cpu.Round(10*time.Millisecond), requests, repeated, outcome)
}

// cpu is what an ended program took of the processor.
func (c *child) cpu() time.Duration {
	return c.command.ProcessState.UserTime() + c.command.ProcessState.SystemTime()
}

// requestsOfAWalk is how many requests the walk of the whole world takes where nothing
// goes wrong: a page beyond the last full one for each window, and a token.
func (w *world) requestsOfAWalk() int {
	requests := 1
	for _, queue := range w.sim.Queues() {
		for at := from; at.Before(to); at = at.Add(time.Hour) {
			requests += len(w.sim.IDs(queue, at, at.Add(time.Hour)))/pageSize + 1
		}
	}
	return requests
}

func TestServerErrorsInAStorm(t *testing.T) {
	beside(t)
	fault{
		name: "503, three times",
		inflict: func(w *world) {
			w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
				if r.Page != 4 || !r.From.Equal(from) || r.Attempt > 3 {
					return nil
				}
				return genesystest.Status(503, "service.unavailable", "try later")
			})
		},
		begins: []string{"genesys: waiting; requests are repeated until they succeed"},
		ends:   []string{"genesys: requests succeed again"},
		more:   9,
	}.survive(t, newWorld(t, genesystest.Config{}))
}

package main

import (
	"encoding/json"
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
	changes []string       // of the environment
	inflict func(w *world) // before the program starts: what goes wrong, and when
	begins  []string       // messages of all warnings and errors, in any order
	ends    []string       // messages that say that it is over, each as often as it stands here
	more    int            // requests beyond those of an undisturbed walk, at most
}

// What a walk of the tests' size takes of the processor, and
// the share of the time under a fault that comes to: a loop without a pause takes all.
const (
	walkCPU   = 3 * time.Second
	busyShare = 0.25
)

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
	c := w.start(f.changes...)
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
	requests, cpu := len(w.sim.Requests()), c.cpu()
	if most := w.requestsOfAWalk() + f.more; requests > most {
		t.Errorf("%d requests, want %d at most: it spins", requests, most)
	}
	if most := walkCPU + time.Duration(busyShare*float64(took)); cpu > most {
		t.Errorf("%v of CPU in %v, want %v at most: it spins", cpu, took, most)
	}
	faults.add(f.name, w.broker(), took.Round(10*time.Millisecond), cpu.Round(10*time.Millisecond), requests, repeated, w.outcome())
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

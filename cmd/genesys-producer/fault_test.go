package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

var faults = &report{
	title: "Faults, each in the middle of a walk by the program as a process of its own",
	heads: []any{"fault", "delivery", "broker", "took", "CPU", "requests", "repeated", "outcome"},
}

// fault is something that goes wrong, and what must be seen of it from outside. Most
// pass: nothing is lost, one line says that it has begun and one that it is over, the
// program neither dies nor spins. Where it lasts, or ends the program, the program is
// started again once it is gone, and then nothing is lost.
type fault struct {
	name         string
	organisation genesystest.Config
	changes      []string                              // of the environment
	inflict      func(w *world)                        // before the program starts: what goes wrong, and when
	pauses       int                                   // the query at which the API pauses, until amid has it go on; 0: at none
	amid         func(w *world, c *child, goOn func()) // beside the program
	begins       []string                              // messages of all warnings and errors, in any order
	ends         []string                              // messages that say that it is over, each as often as it stands here
	often        bool                                  // begins and ends once or more, and each beginning has its end
	fewer        bool                                  // it can go unnoticed: these messages at most, but as many of the one as of the other
	says         []string                              // parts of the log
	more         int                                   // requests beyond those of an undisturbed walk, at most
	away         time.Duration                         // for so long comes no request
	repeats      int                                   // publishings of a page after its first, at most, unless that is exactly once
	letters      map[string]int                        // dead letters that come of it, by their form
	verdicts     map[producer.Verdict]int              // of windows that are not complete

	lasts bool           // the program says the first of begins, and waits until it is told to stop
	code  int            // with which it ends
	mend  func(w *world) // the fault is gone; nil: the script is
}

// What a walk of the tests' size takes of the processor, some times over, and
// the share of the time under a fault that comes to: a loop without a pause takes all.
const (
	walkCPU   = time.Second
	sentAgain = 3 // requests, which net/http may send again by itself
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
	if f.lasts {
		c.await(f.begins[0], 1)
		time.Sleep(f.away + time.Second) // what is not sent gives no signal; the second is for what was on its way
		c.signal(syscall.SIGTERM)
	}
	c.mustEnd(f.code, f.says...)
	took := time.Since(began)
	told := f.checkLog(c)
	requests := f.checkPace(w, c, took)

	outcome := "nothing lost"
	if f.lasts || f.code != done {
		outcome = fmt.Sprintf("exit %d; started again, nothing lost", f.code)
		if f.mend != nil {
			f.mend(w)
		} else {
			w.sim.Script(nil)
		}
		w.mustFinish()
	}
	found := w.checkTopic()
	if found.left > 0 {
		outcome = fmt.Sprintf("nothing lost but the %d that the API left out", found.left)
	}
	repeated := found.repeats()
	if w.exact() {
		f.repeats = 0
	}
	if repeated > f.repeats {
		t.Errorf("pages repeated, by queue: %v, want %d at most", found.repeated, f.repeats)
	}
	if f.lasts || f.code != done {
		told = -1 // who came after may have told as well
	}
	found.checkLetters(w, f.letters, told)
	if delete(found.verdicts, producer.Complete); !maps.Equal(found.verdicts, f.verdicts) {
		t.Errorf("verdicts beside complete: %v, want %v", found.verdicts, f.verdicts)
	}
	w.enter(f.name, took, c.cpu(), requests, repeated, outcome)
}

// enter puts a fault and what came of it into the report.
func (w *world) enter(name string, took, cpu time.Duration, requests, repeated int, outcome string) {
	if w.Failed() {
		outcome = w.outcome()
	}
	faults.add(name, w.delivery.name, w.broker(), took.Round(10*time.Millisecond), cpu.Round(10*time.Millisecond), requests, repeated, outcome)
}

// checkLog expects the lines that a fault may cost, and no others. It returns how often
// dead letters were told of.
func (f fault) checkLog(c *child) (letters int) {
	c.Helper()
	var begins, ends []string
	for _, l := range c.log() {
		switch {
		case l.Msg == lettersTold:
			letters++
		case l.Level == "WARN", l.Level == "ERROR":
			begins = append(begins, l.Msg)
		case slices.Contains(f.ends, l.Msg):
			ends = append(ends, l.Msg)
		}
	}
	wantBegins, wantEnds := f.begins, f.ends
	switch {
	case f.often:
		wantBegins, wantEnds = slices.Repeat(f.begins, max(1, len(ends))), slices.Repeat(f.ends, max(1, len(ends)))
	case f.fewer && len(begins) == len(ends) && len(ends) < len(f.ends):
		wantBegins, wantEnds = f.begins[:len(begins)], f.ends[:len(ends)]
	}
	if !slices.Equal(slices.Sorted(slices.Values(begins)), slices.Sorted(slices.Values(wantBegins))) {
		c.Errorf("it warned of %q, want %q", begins, wantBegins)
	}
	if !slices.Equal(slices.Sorted(slices.Values(ends)), slices.Sorted(slices.Values(wantEnds))) {
		c.Errorf("it said that %q, want %q", ends, wantEnds)
	}
	return letters
}

// checkPace expects that the program has waited rather than gone round in circles.
func (f fault) checkPace(w *world, c *child, took time.Duration) (requests int) {
	c.Helper()
	seen := w.sim.Requests()
	if most := w.requestsOfAWalk() + f.more + sentAgain; len(seen) > most {
		c.Errorf("%d requests, want %d at most: it spins", len(seen), most)
	}
	if most := walkCPU + time.Duration(busyShare*float64(took)); c.cpu() > most {
		c.Errorf("%v of CPU in %v, want %v at most: it spins", c.cpu(), took, most)
	}
	var away time.Duration // the longest time without a request
	for n := range seen {
		next := time.Now()
		if n+1 < len(seen) {
			next = seen[n+1].Time
		} else if !f.lasts {
			break
		}
		away = max(away, next.Sub(seen[n].Time))
	}
	if away < f.away {
		c.Errorf("it was away for %v at most, want %v", away, f.away)
	}
	return len(seen)
}

// cpu is what an ended program took of the processor.
func (c *child) cpu() time.Duration {
	return c.command.ProcessState.UserTime() + c.command.ProcessState.SystemTime()
}

// requestsOfAWalk is how many requests the walk of the whole world takes where nothing
// goes wrong: a page beyond the last full one for each window, a token, and a queue lookup.
func (w *world) requestsOfAWalk() int {
	requests := 2
	for _, queue := range w.sim.Queues() {
		for n := range w.windows() {
			requests += len(w.sim.IDs(queue, w.since(n), w.begin(n+1)))/pageSize + 1
		}
	}
	return requests
}

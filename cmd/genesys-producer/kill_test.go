package main

import (
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/kafkatest"
)

var killed = &report{
	title: "The program killed at random points, and started again",
	heads: []any{"mode", "delivery", "broker", "kills", "broker restarts", "pages", "messages", "lost", "repeated", "at most", "took", "outcome"},
}

// fromEnvironment is a number that a variable holds, or else the default.
func fromEnvironment(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, want a number from 1 on", variable, text)
	}
	return n
}

// newKillWorld makes a world that notes what it answers, with brokers that keep what
// they acknowledge.
func newKillWorld(t *testing.T, d delivery, organisation genesystest.Config) *world {
	t.Helper()
	organisation.Seed, organisation.TransferShare, organisation.LiveShare = 1, 0.4, -1
	organisation.MeanSize, organisation.RequestsPerMinute = 2500, -1
	sim := genesystest.New(organisation)
	w := &world{T: t, sim: sim, scribe: newScribe(sim), cluster: kafkatest.StartOnDisk(t)}
	w.surround(w.scribe)
	return w.by(d)
}

// eachStore runs a test in each delivery, and at least once with positions in Kafka too.
func eachStore(t *testing.T, test func(t *testing.T, d delivery)) {
	t.Helper()
	for _, d := range slices.Insert(slices.Clone(deliveries), 1, inKafka) {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			test(t, d)
		})
	}
}

// Invariant 6, with the real thing: killed at any instant, the program loses nothing
// and repeats at most the page in hand of each queue, or none where it delivers exactly
// once. KILLS says how often, KILL_SEED where: the same seed makes the same choices, though
// not the same instants.
func TestKilledInABoundedRun(t *testing.T) {
	beside(t)
	eachStore(t, testKilledInABoundedRun)
}

func testKilledInABoundedRun(t *testing.T, d delivery) {
	kills := fromEnvironment(t, "KILLS", 20)
	w := newKillWorld(t, d, genesystest.Config{From: from, To: to, Conversations: 280 * kills})
	k := newKiller(w, 1)
	k.mayClose = 1 // of four
	for k.kills < kills {
		if !k.kill() {
			t.Fatalf("it came to its end after %d kills: the walk is too short for the test", k.kills)
		}
	}
	c := w.start()
	w.awaitEnd(c)
	c.mustEnd(done)
	k.conclude("bounded", w.checkTopic())
}

// The same without an end, in a world that goes on meanwhile: conversations begin,
// come to other queues, end and are evaluated. Which version of one is read is
// chance, but each that is published must be one that was there, under the page that
// had it, and of the windows that had settled when it all began none may miss one.
func TestKilledInAContinuousRun(t *testing.T) {
	beside(t)
	eachStore(t, testKilledInAContinuousRun)
}

func testKilledInAContinuousRun(t *testing.T, d delivery) {
	kills := fromEnvironment(t, "KILLS", 20)
	const length, settle = 5 * time.Second, time.Second
	now := time.Now().UTC()
	first, last := now.Add(-time.Minute).Truncate(length), now.Add(-settle).Truncate(length)
	w := newKillWorld(t, d, genesystest.Config{
		From: now.Add(-10 * time.Minute), To: now.Add(10 * time.Minute), Conversations: 60 * kills,
	})
	maps.Copy(w.environment, map[string]string{
		"WINDOW_FROM": first.Format(time.RFC3339), "WINDOW_TO": "", "WINDOW_LENGTH": length.String(), "WINDOW_SETTLE": settle.String(),
	})
	k := newKiller(w, 2)
	k.mayClose = kills // there are always more
	w.evaluate(k.dice.Uint64())
	for k.kills < kills {
		if all, _ := w.scribe.progress(); !all.Before(last) {
			t.Fatalf("all that had settled was walked after %d kills: the walk is too short for the test", k.kills)
		}
		if !k.kill() {
			t.Fatal("it has ended")
		}
	}
	c := w.start()
	w.awaitProgress(c, last)
	c.signal(syscall.SIGTERM)
	c.mustEnd(done, "service stopped")

	audit := newAudit(t, w.scribe.has)
	for _, m := range w.cluster.Read(t, w.topic) {
		audit.see(m)
	}
	for at := first; at.Before(last); at = at.Add(length) {
		w.judge(audit, at, length, settle)
	}
	k.conclude("continuous", audit.end())
}

// judge closes the window that begins at an instant, in all queues. The next one has
// been asked for.
func (w *world) judge(audit *audit, at time.Time, length, settle time.Duration) {
	w.Helper()
	for _, queue := range w.sim.Queues() {
		window, settled := walkedWindow(queue, at, length), at.Add(length+settle)
		a, next := w.scribe.take(window), w.scribe.first(walkedWindow(queue, at.Add(length), length))
		switch {
		case a == nil || next.IsZero():
			w.Errorf("queue %s: window %s or the one after it was never asked for", queue, window.window)
			continue
		case a.first.Before(settled):
			w.Errorf("queue %s: window %s was asked for at %v, before it had settled", queue, window.window, a.first)
		}
		since := a.before
		if since.Before(settled) {
			since = settled
		}
		audit.judge(window, expected{a.ids, settled, since, next, a.has})
	}
}

// awaitProgress waits until the program has closed, in all queues, the windows that
// end by an instant.
func (w *world) awaitProgress(c *child, end time.Time) {
	w.Helper()
	for {
		all, more := w.scribe.progress()
		switch {
		case !all.Before(end):
			return
		case !c.goesOn(more):
			w.Fatalf("it has ended, and come to %v", all)
		}
	}
}

// awaitEnd waits until the program has come to its end.
func (w *world) awaitEnd(c *child) {
	w.Helper()
	for {
		if _, more := w.scribe.progress(); !c.goesOn(more) {
			return
		}
	}
}

// goesOn waits for the next query, however long the whole takes. false: the program
// has ended.
func (c *child) goesOn(more <-chan struct{}) bool {
	c.Helper()
	select {
	case <-more:
		return true
	case <-c.ended:
		return false
	case <-time.After(patience):
		c.Fatalf("the program has asked for nothing for %v", patience)
		return false
	}
}

// evaluate has every third query find some conversation changed.
func (w *world) evaluate(seed uint64) {
	ids := w.sim.IDs("", time.Time{}, time.Time{})
	w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
		dice := rand.New(rand.NewPCG(seed, uint64(r.Time.UnixNano())))
		if dice.IntN(3) == 0 {
			w.sim.Revise(ids[dice.IntN(len(ids))])
		}
		return nil
	})
}

// bound is how many pages of a queue may be repeated.
func (k *killer) bound() int {
	if k.exact() {
		return 0
	}
	return k.kills + k.underWay
}

// conclude holds what was found against invariant 6.
func (k *killer) conclude(mode string, found findings) {
	k.Helper()
	bound := k.bound()
	for queue, pages := range found.repeated {
		if pages > bound {
			k.Errorf("queue %s: %d pages repeated after %d kills and %d restarts of the broker under way", queue, pages, k.kills, k.underWay)
		}
	}
	k.Logf("seed %d: killed %v", k.seed, k.points)
	killed.add(mode, k.delivery.name, k.broker(), k.kills, k.restarts, found.pages, found.messages, found.lost,
		found.repeats(), bound*len(k.sim.Queues()), time.Since(k.began).Round(100*time.Millisecond), k.outcome())
}

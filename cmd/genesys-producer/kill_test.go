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
func newKillWorld(t *testing.T, d delivery, settle time.Duration, organisation genesystest.Config) *world {
	t.Helper()
	organisation.Seed, organisation.TransferShare, organisation.LiveShare = 1, 0.4, -1
	organisation.MeanSize, organisation.RequestsPerMinute = 2500, -1
	sim := genesystest.New(organisation)
	w := &world{T: t, sim: sim, scribe: newScribe(sim, settle), cluster: kafkatest.StartOnDisk(t),
		from: organisation.From, to: organisation.To, length: day, settle: settle}
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
	w := newKillWorld(t, d, daysSettle, genesystest.Config{From: firstDay, To: firstDay.Add(4 * day), Conversations: 280 * kills})
	k := newKiller(w, 1)
	k.mayClose = 2 // of four
	for k.kills < kills {
		if !k.kill() {
			t.Fatalf("it came to its end after %d kills: the walk is too short for the test", k.kills)
		}
	}
	c := w.start()
	w.awaitEnd(c)
	c.mustEnd(done)
	found := w.checkTopic()
	found.mustHaveGoneOn(w)
	k.conclude("bounded", found)
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
	w := newKillWorld(t, d, settle, genesystest.Config{
		From: now.Add(-10 * time.Minute), To: now.Add(10 * time.Minute), Conversations: 60 * kills,
	})
	maps.Copy(w.environment, map[string]string{
		"WINDOW_FROM": first.Format(time.RFC3339), "WINDOW_TO": "", "WINDOW_LENGTH": length.String(),
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
	audit.inHand = !w.exact()
	for _, m := range w.cluster.Read(t, w.topic) {
		audit.see(m)
	}
	w.judge(audit, map[string]time.Time{}, first, last)
	found := audit.end()
	for _, a := range attested(w, w.cluster.Read(t, w.attestations()), w.exact()) {
		found.checkAttestation(w, a, !w.exact())
	}
	k.conclude("continuous", found)
}

// judge closes the windows, in all queues, that begin before an instant up to which all
// were walked. They must follow each other from the first on, or from where ends says that
// the last one ended.
func (w *world) judge(audit *audit, ends map[string]time.Time, first, last time.Time) (windows int) {
	w.Helper()
	for _, queue := range w.sim.Queues() {
		if _, ok := ends[queue]; !ok {
			ends[queue] = first
		}
	}
	for {
		queue := slices.MinFunc(w.sim.Queues(), func(a, b string) int { return ends[a].Compare(ends[b]) })
		at := ends[queue]
		if !at.Before(last) {
			return windows
		}
		a, next := w.scribe.take(queue)
		if a == nil {
			w.Fatalf("queue %s: the window that begins at %v or the one after it was never asked for", queue, at)
		}
		settled := a.to.Add(w.settle)
		switch {
		case !a.from.Equal(at):
			w.Errorf("queue %s: window %s was asked for after all up to %v", queue, a.window, at)
		case a.first.Before(settled):
			w.Errorf("queue %s: window %s was asked for at %v, before it had settled", queue, a.window, a.first)
		}
		since := a.before
		if since.Before(settled) {
			since = settled
		}
		audit.judge(a.walked, expected{a.ids, settled, since, next, a.versions()})
		ends[queue] = a.to
		windows++
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

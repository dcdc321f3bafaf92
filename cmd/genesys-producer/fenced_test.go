package main

import (
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/genesys/genesystest"
)

const takenOver = "another process has taken it over"

// Started a second time under the same name, the program takes the queues over in the
// middle of the walk: the first process stops and says why, the second comes to the end.
func TestSecondProcessTakesOver(t *testing.T) {
	beside(t)
	for _, d := range []delivery{inKafka, deliveries[1]} {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			w := newDays(t, oneQueue()).by(d)
			const heldAt = middle
			held := make(chan struct{})
			w.gate.at(heldAt, true, func() { close(held) })
			first := w.start("GENESYS_READ_AHEAD=0", "GENESYS_TIMEOUT=5s")
			first.reach(held)
			first.await(`"page completed"`, heldAt-1) // it is at rest
			w.gate.open()                             // but for the queries of the first, which it sends again once it has given them up
			second := w.start()
			first.mustEnd(failed, takenOver, "run one instance of each name and queue")
			second.mustEnd(done)
			w.checkTakenOver()
		})
	}
}

// The same in the middle of three walks, of which none rests: one of the two processes
// comes to the end, and it is the second.
func TestSecondProcessTakesOverAtWork(t *testing.T) {
	beside(t)
	for _, d := range []delivery{inKafka, deliveries[1]} {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			w := newDays(t, genesystest.Config{}).by(d)
			reached, goOn := w.pause(middle, 1)
			first := w.start()
			first.reach(reached)
			second := w.start()
			second.await(`"service runs"`, 1)
			goOn()
			first.mustEnd(failed, takenOver)
			second.mustEnd(done)
			w.checkTakenOver()
		})
	}
}

// checkTakenOver expects each page once, or at least once with the page in hand of each
// queue twice at most. The order of versions is that of each process alone.
func (w *world) checkTakenOver() {
	w.Helper()
	w.disordered = true
	for queue, pages := range w.checkTopic().repeated {
		if w.exact() || pages > 1 {
			w.Errorf("queue %s: %d pages repeated", queue, pages)
		}
	}
}

// asleep has a process sleep in the middle of a transaction for longer than that may
// take: it is stopped at its n-th request for a transaction's end, which the broker does
// not get. Meanwhile something is done.
func (w *world) asleep(c *child, n int, meanwhile func()) {
	w.Helper()
	sleeps := make(chan struct{})
	fake := w.cluster.Fake
	fake.ControlKey(int16(kmsg.EndTxn), func(kmsg.Request) (kmsg.Response, error, bool) {
		if n--; n > 0 {
			return nil, nil, false
		}
		c.signal(syscall.SIGSTOP)
		close(sleeps)
		return nil, nil, true
	})
	c.reach(sleeps)
	over := time.After(transactionTimeout + time.Second)
	meanwhile()
	<-over
	c.signal(syscall.SIGCONT)
}

// transactionTimeout is how long a transaction may take, as the service has it.
const transactionTimeout = 15 * time.Second

// A process that slept while another took over writes nothing when it awakes.
func TestTakenOverAsleep(t *testing.T) {
	beside(t)
	w := newSmallFakeWorld(t).by(deliveries[1])
	first := w.start()
	w.asleep(first, middle, func() {
		w.mustFinish()
		w.checkTakenOver()
	})
	first.mustEnd(failed, takenOver)
	w.checkTakenOver()
}

// One that slept for so long that the broker has ended its transaction goes on by itself
// where nobody else took over.
func TestAsleepInATransaction(t *testing.T) {
	beside(t)
	w := newSmallFakeWorld(t).by(deliveries[1])
	c := w.start()
	w.asleep(c, middle, func() {})
	c.mustEnd(done)
	w.checkNoRepeats()
}

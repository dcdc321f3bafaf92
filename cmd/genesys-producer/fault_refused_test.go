package main

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/genesys/genesystest"
)

// refusal is a fault that does not pass: the program ends with 1 and says why, at once
// or when the queues that it does not concern are done. Mended, it goes on.
type refusal struct {
	name    string
	inflict func(w *world) (mend func())
	says    []string
	parks   int            // queues; 0: the service stops at once
	pauses  int            // the query at which the API pauses
	amid    func(w *world) // meanwhile
}

func (r refusal) endure(t *testing.T, w *world) {
	mend := r.inflict(w)
	w.throughWire(nil)
	began := time.Now()
	reached, goOn := w.pause(r.pauses, 1)
	c := w.start()
	if r.amid != nil {
		c.reach(reached)
		r.amid(w)
		goOn()
	}
	c.mustEnd(failed, r.says...)
	parked, stopped := 0, 0
	for _, l := range c.log() {
		switch {
		case l.Msg == "queue is parked: its position is kept, the others go on":
			parked++
		case l.Msg == "service stopped":
			stopped++
		case l.Level == "WARN", l.Level == "ERROR":
			t.Errorf("it also said: %s %s", l.Msg, l.Error)
		}
	}
	if parked != r.parks || stopped != 1 {
		t.Errorf("%d queues were parked, want %d; it said %d times that it stops", parked, r.parks, stopped)
	}
	connections, produced := w.wire.counts()
	if produced > 3*w.requestsOfAWalk() || connections > mostConnections {
		t.Errorf("%d produce requests in %d connections: it spins", produced, connections)
	}
	mend()
	again := w.start()
	again.mustEnd(done)
	repeated := 0
	for _, pages := range w.checkTopic().repeated {
		repeated += pages
	}
	if most := len(w.sim.Queues()); repeated > most {
		t.Errorf("%d pages repeated, want the one in hand of %d queues at most", repeated, most)
	}
	w.enter(r.name, time.Since(began), c.cpu()+again.cpu(), len(w.sim.Requests()), repeated, "exit 1, then nothing lost")
}

// refusing has the broker refuse all messages from the middle of the walk on, or one.
func refusing(code *kerr.Error, times int) func(*world) func() {
	return func(w *world) func() {
		var produced atomic.Int32
		return w.cluster.Fake.Fault(kfake.Fault{
			Keys: []kmsg.Key{kmsg.Produce}, Topic: w.topic, Err: code, Count: times,
			When: func(kmsg.Request) bool { return produced.Add(1) > 50 },
		}).Remove
	}
}

func TestRefusals(t *testing.T) {
	beside(t)
	for _, r := range []refusal{
		{name: kerr.TopicAuthorizationFailed.Message, inflict: refusing(kerr.TopicAuthorizationFailed, -1), says: []string{"the client needs the operations WRITE and DESCRIBE on it"}},
		{name: kerr.ClusterAuthorizationFailed.Message, inflict: refusing(kerr.ClusterAuthorizationFailed, -1), says: []string{"the client needs the operations WRITE and DESCRIBE on it"}},
		{name: kerr.UnsupportedForMessageFormat.Message, inflict: refusing(kerr.UnsupportedForMessageFormat, -1), says: []string{"Unsupported"}},
		{name: kerr.MessageTooLarge.Message, inflict: refusing(kerr.MessageTooLarge, 1), says: []string{"lower KAFKA_MAX_MESSAGE_BYTES", "1 of 3 queues are parked"}, parks: 1},
		{name: kerr.InvalidRecord.Message, inflict: refusing(kerr.InvalidRecord, 1), says: []string{"the broker refuses a record", "1 of 3 queues are parked"}, parks: 1},
	} {
		r.name = "Kafka: " + r.name
		t.Run(r.name, func(t *testing.T) {
			beside(t)
			r.endure(t, newFakeWorld(t))
		})
	}
}

// The same of a real limit, which is lowered under way.
func TestTopicTakesSmallerMessages(t *testing.T) {
	beside(t)
	refusal{
		name: "Kafka: max.message.bytes lowered under way",
		inflict: func(w *world) func() {
			return func() { w.cluster.Configure(w, w.topic, "max.message.bytes=1048588") }
		},
		pauses: 40,
		amid:   func(w *world) { w.cluster.Configure(w, w.topic, "max.message.bytes=1500") },
		says:   []string{"raise that", "3 of 3 queues are parked"},
		parks:  3,
	}.endure(t, newWorld(t, genesystest.Config{}))
}

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

// What the program says of a Kafka outage.
const (
	kafkaWaits  = "kafka: waiting until publishing is possible"
	kafkaGoesOn = "kafka: publishing goes on"
)

var (
	waits  = []string{kafkaWaits}
	goesOn = []string{kafkaGoesOn}
)

// What a fault may come to beyond what a walk needs: a loop without a pause makes
// thousands.
const (
	moreProduced    = 100
	mostConnections = 150
)

// surviveKafka is survive with a wire before the broker, whose requests are counted.
func (f fault) surviveKafka(t *testing.T, w *world) {
	inflict := f.inflict
	f.inflict = func(w *world) {
		if inflict != nil {
			inflict(w)
		}
		if w.wire == nil {
			w.throughWire(nil)
		}
	}
	f.survive(t, w)
	connections, produced := w.wire.counts()
	if most := 3*w.requestsOfAWalk() + moreProduced; produced > most || connections > mostConnections {
		t.Errorf("%d produce requests in %d connections, want %d in %d at most: it spins", produced, connections, most, mostConnections)
	}
	t.Logf("%d produce requests, %d connections", produced, connections)
}

// pause has the API pause at the n-th query from now, until it is told to go on. Pages
// that it has given are published meanwhile.
func (w *world) pause(n int) (reached <-chan struct{}, goOn func()) {
	stopped, told := make(chan struct{}), make(chan struct{})
	w.gate.at(n, false, func() { close(stopped); <-told })
	return stopped, func() { close(told) }
}

// answering has produce requests for partition 0 answered with an error, so many in a
// row, from the middle of the walk on.
func answering(code *kerr.Error, times int) func(*world) {
	return func(w *world) {
		var produced atomic.Int32
		w.cluster.Fake.Fault(kfake.Fault{
			Keys: []kmsg.Key{kmsg.Produce}, Topic: w.topic, Partitions: []int32{0}, Err: code, Count: times,
			When: func(kmsg.Request) bool { return produced.Add(1) > 50 },
		})
	}
}

// fated gives produce requests a fate: so many, and those for all partitions in the
// first page hit.
func fated(f fate, times int) func(*world) {
	return func(w *world) {
		w.throughWire(func(n int) fate {
			if n > 50 && n <= 50+times {
				return f
			}
			return fate{}
		})
	}
}

// Faults that any broker can be given.
func TestKafkaFaults(t *testing.T) {
	beside(t)
	for _, f := range []fault{
		{name: "Kafka: connection lost before the broker has the page, 6 times", inflict: fated(fate{unsent: true}, 6), begins: waits, ends: goesOn},
		{name: "Kafka: ack lost, 6 times", inflict: fated(fate{unheard: true}, 6), begins: waits, ends: goesOn, repeats: 6},
		{name: "Kafka: acks take 4 s", inflict: fated(fate{late: 4 * time.Second}, 3)},
	} {
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			f.surviveKafka(t, newWorld(t, genesystest.Config{}))
		})
	}
}

// What only brokers answer that can be made to.
func TestKafkaAnswers(t *testing.T) {
	beside(t)
	for _, f := range []fault{
		{name: kerr.NotLeaderForPartition.Message, inflict: answering(kerr.NotLeaderForPartition, 6)},
		{name: kerr.LeaderNotAvailable.Message, inflict: answering(kerr.LeaderNotAvailable, 6)},
		{name: kerr.NotEnoughReplicas.Message, inflict: answering(kerr.NotEnoughReplicas, 6)},
		{name: kerr.NotEnoughReplicasAfterAppend.Message, inflict: answering(kerr.NotEnoughReplicasAfterAppend, 3), repeats: 3},
		{name: kerr.RequestTimedOut.Message, inflict: answering(kerr.RequestTimedOut, 3), repeats: 3},
		{name: kerr.KafkaStorageError.Message, inflict: answering(kerr.KafkaStorageError, 6)},
		{name: kerr.UnknownTopicOrPartition.Message, inflict: answering(kerr.UnknownTopicOrPartition, 6)},
		{name: kerr.NetworkException.Message, inflict: answering(kerr.NetworkException, 6)},
	} {
		f.name = "Kafka: " + f.name
		f.begins, f.ends = waits, goesOn
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			f.surviveKafka(t, newFakeWorld(t))
		})
	}
}

// newFakeWorld is a world whose brokers can be made to fail.
func newFakeWorld(t *testing.T, brokers ...kfake.Opt) *world {
	t.Helper()
	w := newWorld(t, genesystest.Config{}, brokers...)
	if w.cluster.Fake == nil {
		t.Skip("a real broker cannot be made to do so")
	}
	return w
}

func TestLeadersMove(t *testing.T) {
	beside(t)
	const moves = 10
	f := fault{name: "Kafka: all leaders move, 10 times", fewer: true, amid: func(w *world, _ *child) {
		for range moves {
			reached, goOn := w.pause(8)
			<-reached
			w.cluster.Fake.ShufflePartitionLeaders()
			goOn()
		}
	}}
	for range moves {
		f.begins, f.ends = append(f.begins, kafkaWaits), append(f.ends, kafkaGoesOn)
	}
	f.survive(t, newFakeWorld(t, kfake.NumBrokers(3)))
}

func TestBrokersLeaveAndJoin(t *testing.T) {
	beside(t)
	f := fault{
		name: "Kafka: 2 of 3 brokers leave, 2 join", fewer: true,
		begins: []string{kafkaWaits, kafkaWaits, kafkaWaits, kafkaWaits}, ends: []string{kafkaGoesOn, kafkaGoesOn, kafkaGoesOn, kafkaGoesOn},
		amid: func(w *world, _ *child) {
			kafka := w.cluster.Fake
			for _, change := range []func() error{
				func() error { return kafka.RemoveNode(1) },
				func() error { _, _, err := kafka.AddNode(7, 0); return err },
				func() error { return kafka.RemoveNode(0) },
				func() error { _, _, err := kafka.AddNode(8, 0); return err },
			} {
				reached, goOn := w.pause(20)
				<-reached
				if err := change(); err != nil {
					w.Error(err)
				}
				goOn()
			}
			w.cluster.Brokers = kafka.ListenAddrs()
		},
	}
	f.survive(t, newFakeWorld(t, kfake.NumBrokers(3)))
}

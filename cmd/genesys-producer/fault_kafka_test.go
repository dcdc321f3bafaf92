package main

import (
	"os"
	"slices"
	"sync"
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
	outageBegins = []string{kafkaWaits}
	outageEnds   = []string{kafkaGoesOn}
)

// middle is about the middle of the requests of a kind, in the walk of a small world.
const middle = 20

// What a fault may come to beyond what a walk needs: a loop without a pause makes
// thousands.
const (
	moreProduced    = 100
	mostConnections = 300 // exactly-once: each walk has clients of its own
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
	most, mostConnections := 3*w.requestsOfAWalk()+moreProduced, mostConnections
	if _, any := f.letters["any"]; any { // each is found out for itself
		letters := len(w.read(w.deadLetters()))
		most, mostConnections = most+7*letters, mostConnections+4*letters
	}
	if produced > most || connections > mostConnections {
		t.Errorf("%d produce requests in %d connections, want %d in %d at most: it spins", produced, connections, most, mostConnections)
	}
	t.Logf("%d produce requests, %d connections", produced, connections)
}

// answering has produce requests for partition 0 answered with an error, from the middle
// of the walk on for 2 s: a loop without a pause would make thousands.
func answering(code *kerr.Error) func(*world) {
	return func(w *world) {
		over := sync.OnceValue(func() time.Time { return time.Now().Add(2 * time.Second) })
		w.answer(code, -1, func() bool { return time.Now().Before(over()) })
	}
}

// answeringTwice is answering for errors of which the messages are written all the same.
func answeringTwice(code *kerr.Error) func(*world) {
	return func(w *world) { w.answer(code, 2, func() bool { return true }) }
}

// answer has produce requests for partition 0 answered with an error, from the middle of
// the walk on, while that is told.
func (w *world) answer(code *kerr.Error, times int, still func() bool) {
	var produced atomic.Int32
	w.cluster.Fake.Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: w.topic, Partitions: []int32{0}, Err: code, Count: times,
		When: func(kmsg.Request) bool { return produced.Add(1) > middle && still() },
	})
}

// fated gives requests of a kind a fate: so many, from one in the middle of the walk on.
// Of produce requests, one page has one for each partition.
func fated(key kmsg.Key, first int, f fate, times int) func(*world) {
	return func(w *world) {
		w.throughWire(func(k kmsg.Key, n int) fate {
			if k == key && n >= first && n < first+times {
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
		{name: "Kafka: connection lost before the broker has the page, 6 times", inflict: fated(kmsg.Produce, middle, fate{unsent: true}, 6), begins: outageBegins, ends: outageEnds},
		{name: "Kafka: ack lost, 6 times", inflict: fated(kmsg.Produce, middle, fate{unheard: true}, 6), begins: outageBegins, ends: outageEnds, repeats: 6},
		{name: "Kafka: acks take 4 s", inflict: fated(kmsg.Produce, middle, fate{late: 4 * time.Second}, 3)},
	} {
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			eachDelivery(t, func(t *testing.T, d delivery) {
				f := f
				if d.name == exactlyOnce { // franz-go makes attempts of its own
					f.fewer, f.begins, f.ends = true, slices.Repeat(f.begins, 6), slices.Repeat(f.ends, 6)
				}
				f.surviveKafka(t, newDays(t, small()).by(d))
			})
		})
	}
}

// What only brokers answer that can be made to.
func TestKafkaAnswers(t *testing.T) {
	beside(t)
	for _, f := range []fault{
		{name: kerr.NotLeaderForPartition.Message, inflict: answering(kerr.NotLeaderForPartition)},
		{name: kerr.LeaderNotAvailable.Message, inflict: answering(kerr.LeaderNotAvailable)},
		{name: kerr.NotEnoughReplicas.Message, inflict: answering(kerr.NotEnoughReplicas)},
		{name: kerr.NotEnoughReplicasAfterAppend.Message, inflict: answeringTwice(kerr.NotEnoughReplicasAfterAppend), repeats: 2},
		{name: kerr.RequestTimedOut.Message, inflict: answeringTwice(kerr.RequestTimedOut), repeats: 2},
		{name: kerr.KafkaStorageError.Message, inflict: answering(kerr.KafkaStorageError)},
		{name: kerr.UnknownTopicOrPartition.Message, inflict: answering(kerr.UnknownTopicOrPartition)},
		{name: kerr.NetworkException.Message, inflict: answering(kerr.NetworkException)},
	} {
		f.name = "Kafka: " + f.name
		f.begins, f.ends = outageBegins, outageEnds
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			eachDelivery(t, func(t *testing.T, d delivery) {
				f := f
				f.fewer = d.name == exactlyOnce // two attempts more can be enough
				f.surviveKafka(t, newSmallFakeWorld(t).by(d))
			})
		})
	}
}

// newFakeWorld is a world whose brokers can be made to fail.
func newFakeWorld(t *testing.T, brokers ...kfake.Opt) *world {
	t.Helper()
	return newFakeWorldOf(t, genesystest.Config{}, brokers...)
}

func newSmallFakeWorld(t *testing.T, brokers ...kfake.Opt) *world {
	t.Helper()
	return newFakeWorldOf(t, small(), brokers...)
}

func newFakeWorldOf(t *testing.T, organisation genesystest.Config, brokers ...kfake.Opt) *world {
	t.Helper()
	if os.Getenv("KAFKA_BROKERS") != "" {
		t.Skip("a real broker cannot be made to do so")
	}
	return newDays(t, organisation, brokers...)
}

func TestLeadersMove(t *testing.T) {
	beside(t)
	eachDelivery(t, func(t *testing.T, d delivery) {
		f := fault{name: "Kafka: all leaders move, 10 times", fewer: true}
		f.again(10, 8, func(w *world, _ int) error {
			w.cluster.Fake.ShufflePartitionLeaders()
			return nil
		})
		f.survive(t, newFakeWorld(t, kfake.NumBrokers(3)).by(d))
	})
}

func TestBrokersLeaveAndJoin(t *testing.T) {
	beside(t)
	eachDelivery(t, func(t *testing.T, d delivery) {
		f := fault{name: "Kafka: 2 of 3 brokers leave, 2 join", fewer: true}
		f.again(4, 20, func(w *world, n int) (err error) {
			if n%2 == 0 {
				err = w.cluster.Fake.RemoveNode(int32(n / 2))
			} else {
				_, _, err = w.cluster.Fake.AddNode(int32(10+n), 0)
			}
			w.cluster.Brokers = w.cluster.Fake.ListenAddrs()
			return err
		})
		f.survive(t, newFakeWorld(t, kfake.NumBrokers(3)).by(d))
	})
}

// again has something done so many times, so many queries apart. Each time is an incident
// of its own, or two, because there are two topics to publish to, or none.
func (f *fault) again(times, queries int, do func(w *world, n int) error) {
	var reached <-chan struct{}
	var goOn func()
	f.inflict = func(w *world) { reached, goOn = w.pause(queries, times) }
	f.begins, f.ends = slices.Repeat(outageBegins, 2*times), slices.Repeat(outageEnds, 2*times)
	f.amid = func(w *world, c *child, _ func()) {
		for n := range times {
			c.reach(reached)
			if err := do(w, n); err != nil {
				w.Error(err)
			}
			goOn()
		}
	}
}

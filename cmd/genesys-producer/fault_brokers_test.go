package main

import (
	"syscall"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/kafkatest"
)

// newBrokersWorld is a world whose brokers can be stopped and started.
func newBrokersWorld(t *testing.T) *world {
	t.Helper()
	cluster := kafkatest.StartOnDisk(t)
	if !cluster.CanRestart() {
		t.Skip("KAFKA_BROKERS names real brokers, and KAFKA_CONTROL does not say how to stop and start them")
	}
	return newDaysOn(t, cluster, small())
}

// outage takes the brokers away, for at least so long.
func outage(long time.Duration) func(*world, *child, func()) {
	return func(w *world, c *child, goOn func()) {
		over := time.After(long)
		w.cluster.Stop(w)
		goOn()
		c.await(kafkaWaits, 1)
		<-over
		w.cluster.StartAgain(w)
	}
}

// comeBack starts the brokers once the program waits for them.
func comeBack(w *world, c *child, _ func()) {
	c.await(kafkaWaits, 1)
	w.cluster.StartAgain(w)
}

// A page that a broker had when it stopped may be there twice. Where one client is back
// before another has noticed, the outage is told of twice.
var brokerFaults = []fault{
	{name: "Kafka: broker restarts", pauses: middle, amid: outage(0), begins: outageBegins, ends: outageEnds, often: true, repeats: 1},
	{name: "Kafka: 10 s outage", pauses: middle, amid: outage(10 * time.Second), begins: outageBegins, ends: outageEnds, often: true, repeats: 1},
	{name: "Kafka: broker down at the start", inflict: func(w *world) { w.cluster.Stop(w) }, amid: comeBack, begins: outageBegins, ends: outageEnds},
}

func TestBrokersAreAway(t *testing.T) {
	beside(t)
	for _, f := range brokerFaults {
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			eachDelivery(t, func(t *testing.T, d delivery) {
				w := newBrokersWorld(t).by(d)
				if w.cluster.Fake == nil { // then connections are refused, and not ended by a wire
					f.survive(t, w)
					return
				}
				f.surviveKafka(t, w)
			})
		})
	}
}

// Told to stop in an outage, the program gives the page in hand its grace, and exits
// with 1. Started again, it goes on there.
func TestToldToStopInAnOutage(t *testing.T) {
	beside(t)
	eachDelivery(t, func(t *testing.T, d delivery) {
		w := newBrokersWorld(t).by(d)
		w.throughWire(nil)
		reached, goOn := w.pause(middle, 1)
		c := w.start("SHUTDOWN_GRACE=2s")
		c.reach(reached)
		w.cluster.Stop(w)
		goOn()
		c.await(kafkaWaits, 1)
		told := time.Now()
		c.signal(syscall.SIGTERM)
		c.mustEnd(failed, "the grace of the shutdown is over: the page in hand is not completed")
		if took := time.Since(told); took < 2*time.Second || took > 20*time.Second {
			t.Errorf("it took %v to stop, want the grace of 2s", took)
		}
		w.cluster.StartAgain(w)
		fault{name: "Kafka: told to stop in an outage, started again", repeats: len(w.sim.Queues()), more: 130,
			begins: outageBegins, ends: outageEnds, fewer: true, // a broker that has just started may still load its coordinator
		}.surviveKafka(t, w)
	})
}

// A topic that is deleted under way is waited for. What it held is gone, and the log
// says so.
func TestTopicIsDeletedUnderWay(t *testing.T) {
	beside(t)
	eachDelivery(t, func(t *testing.T, d delivery) {
		w := newDays(t, oneQueue()).by(d)
		f := w.deletion(w.topic, topicPartitions)
		f.name = "Kafka: topic deleted, created again after 3 s"
		f.surviveKafka(t, w)
	})
}

// oneQueue is a small organisation with one queue.
func oneQueue() genesystest.Config {
	return genesystest.Config{Conversations: small().Conversations, Queues: []string{"5a1b39f2-0c5d-4b1e-9f3c-8d7e6a5b4c3d"}}
}

// deletion has a topic deleted in the middle of the walk, and created again.
func (w *world) deletion(topic string, partitions int) fault {
	return fault{
		changes: []string{"GENESYS_READ_AHEAD=0"}, // nothing is in flight when the one queue asks
		pauses:  middle,
		amid: func(w *world, c *child, goOn func()) {
			w.gone = map[string][]kafkatest.Message{topic: w.cluster.Read(w, topic)}
			w.cluster.DeleteTopic(w, topic)
			goOn()
			c.await(kafkaWaits, 1)
			<-time.After(3 * time.Second)
			w.cluster.CreateTopicNamed(w, topic, partitions)
			c.mustEnd(done, "if the topic was deleted, all that it held is gone", "partition 0 offsets 0 to ")
			if before, after := len(w.gone[topic]), len(w.cluster.Read(w, topic)); before == 0 || after == 0 {
				w.Errorf("%d messages were published before the topic was deleted, and %d after", before, after)
			}
		},
		begins: []string{kafkaWaits, "kafka: messages that the topic had acknowledged are gone; the walk goes on after them"},
		ends:   outageEnds,
	}
}

package main

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A window that cannot be attested is not closed: brokers are waited for, and what does
// not pass ends the program, which attests it when it is started again.
func TestWindowsTopicFails(t *testing.T) {
	beside(t)
	answered := func(name string, code *kerr.Error) fault {
		return fault{name: name, inflict: func(w *world) {
			w.refusals = w.cluster.Fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: w.attestations(), Err: code, Count: -1})
		}}
	}
	few := answered("too few replicas", kerr.NotEnoughReplicas)
	few.begins, few.ends = outageBegins, outageEnds
	few.amid = func(w *world, c *child, _ func()) {
		c.await(kafkaWaits, 1)
		<-time.After(2 * time.Second)
		w.refusals.Remove()
	}
	denied := answered("no permission", kerr.TopicAuthorizationFailed)
	denied.code, denied.begins, denied.repeats = failed, []string{stopped}, 3
	denied.says = []string{"attest window ", ".windows", "the client needs the operations WRITE and DESCRIBE on it"}
	denied.mend = func(w *world) { w.refusals.Remove() }
	for _, f := range []fault{few, denied} {
		f.name = "windows topic: " + f.name
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			eachDelivery(t, func(t *testing.T, d delivery) { f.surviveKafka(t, newSmallFakeWorld(t).by(d)) })
		})
	}
}

func TestWindowsTopicIsDeletedUnderWay(t *testing.T) {
	beside(t)
	eachDelivery(t, func(t *testing.T, d delivery) {
		w := newDays(t, oneQueue()).by(d)
		f := w.deletion(w.attestations(), topicPartitions)
		f.name = "windows topic: deleted, created again after 3 s"
		f.surviveKafka(t, w)
	})
}

// Topics that the service cannot do without are named before anything is asked.
func TestNeededTopicsAreMissing(t *testing.T) {
	beside(t)
	for _, d := range append(deliveries, inKafka) {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			w := newDays(t, small()).by(d)
			missing := map[string]int{w.attestations(): topicPartitions}
			if d.store == "kafka" {
				missing[w.ledgers()] = topicPartitions
			}
			for topic, partitions := range missing {
				w.cluster.DeleteTopic(w, topic)
				w.start().mustEnd(failed, "topic "+topic+" does not exist", "kafka-topics.sh --create --topic "+topic)
				if before := len(w.queries()); before > 0 {
					t.Errorf("%d pages were asked for all the same", before)
				}
				w.cluster.CreateTopicNamed(w, topic, partitions, "cleanup.policy=compact")
			}
			w.mustFinish()
			w.checkNoRepeats()
		})
	}
}

package main

import (
	"slices"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const parked = "queue is parked: its position is kept, the others go on"

// refused is a fault that does not pass: the program ends with 1 and says why, at once
// or, where queues are parked, when those that it does not concern are done.
func refused(name string, parks int, says ...string) fault {
	return fault{name: "Kafka: " + name, code: failed, says: says, repeats: 3, // the page in hand of each queue
		begins: append(slices.Repeat([]string{parked}, parks), stopped)}
}

// refusing has the broker refuse all messages from the middle of the walk on, or so many.
func refusing(code *kerr.Error, times, parks int, says ...string) fault {
	f := refused(code.Message, parks, says...)
	f.inflict = func(w *world) {
		var produced atomic.Int32
		w.refusals = w.cluster.Fake.Fault(kfake.Fault{
			Keys: []kmsg.Key{kmsg.Produce}, Topic: w.topic, Err: code, Count: times,
			When: func(kmsg.Request) bool { return produced.Add(1) > middle },
		})
	}
	f.mend = func(w *world) { w.refusals.Remove() }
	return f
}

func TestRefusals(t *testing.T) {
	beside(t)
	for _, f := range []fault{
		refusing(kerr.TopicAuthorizationFailed, -1, 0, "the client needs the operations WRITE and DESCRIBE on it"),
		refusing(kerr.ClusterAuthorizationFailed, -1, 0, "the client lacks a permission on the cluster"),
		refusing(kerr.UnsupportedForMessageFormat, -1, 0, "message format version on the broker"),
		refusing(kerr.InvalidRecord, 1, 1, "the broker refuses a record", "1 of 3 queues are parked"),
	} {
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			eachDelivery(t, func(t *testing.T, d delivery) { f.surviveKafka(t, newSmallFakeWorld(t).by(d)) })
		})
	}
}

package publish_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/publish"
)

// limited sets the limit of a message and of a batch.
func limited(bytes int) func(*publish.Config) {
	return func(c *publish.Config) { c.MaxMessageBytes = bytes }
}

// The topic accepts no more than the limit, so that a batch above it is refused.
func TestLargePageGoesInSeveralBatchesInOrder(t *testing.T) {
	const limit = 2000
	w := onBrokers(t, 3, fmt.Sprintf("max.message.bytes=%d", limit))
	p := w.publisher(limited(limit))
	again := w.page(1, 100)
	for i := range again {
		again[i].Value = fmt.Appendf(nil, `{"second version":%d}`, i)
	}
	twice := slices.Concat(w.page(1, 100), again) // each key in two batches
	w.mustPublish(p, twice)
	w.mustPublish(p, w.page(2, 100))
	w.wantTopic(twice, w.page(2, 100))
}

// No batch that is cut for the limit is refused by a topic that has it.
func TestBatchesFitIntoTheLimit(t *testing.T) {
	inBubble(t, 2, func(w *world) {
		const limit = 20_000
		var largest int
		w.cluster.Fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
			w.cluster.Fake.KeepControl()
			largest = max(largest, len(r.(*kmsg.ProduceRequest).Topics[0].Partitions[0].Records))
			return nil, nil, false
		})
		for n := range 100 {
			messages := w.page(n, 50)
			for _, m := range messages {
				m.Value = bytes.Repeat([]byte("x"), 1500+13*n)
			}
			w.mustPublish(w.publisher(limited(limit)), messages)
		}
		if largest > limit || largest < limit*3/4 {
			w.Errorf("the largest batch is of %d bytes, want %d or somewhat less", largest, limit)
		}
	})
}

// A broker that refuses a batch whatever its size has all of it come back, each once.
func TestBrokerRefusesEverySize(t *testing.T) {
	inBubble(t, 3, func(w *world) {
		for _, code := range []*kerr.Error{kerr.MessageTooLarge, kerr.RecordListTooLarge} {
			fault := w.cluster.Fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: w.topic, Err: code, Count: -1})
			messages := w.page(1, 20)
			refused, err := w.publisher().Publish(w.Context(), messages)
			if err != nil {
				w.Errorf("%s: %v", code.Message, err)
			}
			w.wantRefused(refused, messages)
			fault.Remove()
		}
		w.wantTopic()
		w.wantOutages(0)
	})
}

// What came back before an outage is not forgotten, and not sent again.
func TestRefusedBeforeAnOutage(t *testing.T) {
	inBubble(t, 1, func(w *world) {
		w.cluster.Configure(w, w.topic, "max.message.bytes=2000")
		messages := w.page(1, 20)
		large := w.enlarge(messages, 4000, 0)
		outage := w.failing(kerr.NotEnoughReplicas, 0, 7, 3) // of 20, 10, 5, 2 and 1 messages, the first is refused
		refused, err := w.publisher().Publish(w.Context(), messages)
		if err != nil {
			w.Fatal(err)
		}
		w.wantRefused(refused, large)
		w.wantTopic(without(messages, large))
		w.wantOutages(1)
		if outage.Hits() != 3 {
			w.Errorf("the outage was met %d times, want 3", outage.Hits())
		}
	})
}

package transact_test

import (
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A leader that was just elected hands out less than it has, without an error, until it
// knows how far the others have it too. Asked for its end, it says that it does not know.
func TestLeaderThatDoesNotYetKnowItsEnd(t *testing.T) {
	for name, answers := range map[string]struct{ unknown, empty int }{
		"it says so":          {unknown: 3},
		"it hands out less":   {empty: 5},
		"one after the other": {unknown: 2, empty: 4},
	} {
		t.Run(name, func(t *testing.T) {
			w := onFake(t, 1)
			before := w.store()
			w.mustCommit(before, 1, w.page(1, 5))
			w.mustCommit(before, 2, w.page(2, 5))
			before.Release(key("q-1"))

			var unknown *kfake.FaultHandle
			if answers.unknown > 0 {
				unknown = w.cluster.Fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Err: kerr.OffsetNotAvailable, Count: answers.unknown})
			}
			empty := w.handsOutNothing(answers.empty)
			after := w.store()
			w.mustTake(after, "q-1", 2)
			w.mustCommit(after, 3, w.page(3, 5))
			w.wantTopic(w.page(1, 5), w.page(2, 5), w.page(3, 5))
			w.wantPosition(3)
			if unknown != nil && unknown.Hits() != answers.unknown || empty.Load() > 0 {
				t.Error("not all answers were met")
			}
			w.wantOutages(min(1, answers.unknown))
		})
	}
}

// handsOutNothing has the broker answer Fetch so many times as if there was nothing more.
func (w *world) handsOutNothing(times int) (left *atomic.Int64) {
	left = new(atomic.Int64)
	left.Store(int64(times))
	w.cluster.Fake.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		if left.Load() == 0 {
			return nil, nil, false
		}
		left.Add(-1)
		w.cluster.Fake.KeepControl()
		response := r.ResponseKind().(*kmsg.FetchResponse)
		for _, asked := range r.(*kmsg.FetchRequest).Topics {
			topic, partition := kmsg.NewFetchResponseTopic(), kmsg.NewFetchResponseTopicPartition()
			topic.Topic = asked.Topic
			partition.HighWatermark = asked.Partitions[0].FetchOffset
			partition.LastStableOffset = partition.HighWatermark
			topic.Partitions = append(topic.Partitions, partition)
			response.Topics = append(response.Topics, topic)
		}
		return response, nil, true
	})
	return left
}

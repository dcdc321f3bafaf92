package transact_test

import (
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A partition whose beginning has moved behind all that we wrote there (retention, or
// deleted records) makes franz-go ask for another epoch in mid-transaction and send the
// batch again, without an error. Brokers have aborted by then what other partitions had
// acknowledged: the page is not committed without it.
func TestAnotherEpochInMidTransaction(t *testing.T) {
	w := onFake(t, 2, kfake.NumBrokers(2))
	place := func(topic string, partition, node int32) {
		if err := w.cluster.Fake.MoveTopicPartition(topic, partition, node); err != nil {
			t.Fatal(err)
		}
	}
	place(w.topic, 0, 0)
	place(w.messages, 0, 0)
	place(w.messages, 1, 1)
	store := w.store()
	w.mustTake(store, "q-1", none)
	w.mustCommit(store, 1, w.page(1, 20)) // something is acknowledged in both partitions
	var forgot atomic.Bool
	w.cluster.Fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		w.cluster.Fake.KeepControl()
		request := r.(*kmsg.ProduceRequest)
		if w.cluster.Fake.CurrentNode() != 1 || forgot.Swap(true) {
			return nil, nil, false
		}
		response := request.ResponseKind().(*kmsg.ProduceResponse)
		topic, partition := kmsg.NewProduceResponseTopic(), kmsg.NewProduceResponseTopicPartition()
		topic.Topic, topic.TopicID = request.Topics[0].Topic, request.Topics[0].TopicID
		partition.Partition, partition.ErrorCode, partition.LogStartOffset = 1, kerr.UnknownProducerID.Code, 1<<40
		topic.Partitions = append(topic.Partitions, partition)
		response.Topics = append(response.Topics, topic)
		return response, nil, true
	})
	w.mustCommit(store, 2, w.page(2, 20))
	w.mustCommit(store, 3, w.page(3, 20))
	if !forgot.Load() {
		t.Error("no broker forgot its producer")
	}
	w.wantTopic(w.page(1, 20), w.page(2, 20), w.page(3, 20))
	w.wantPosition(3)
}

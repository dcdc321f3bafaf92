package publish_test

import (
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer"
)

// failing answers produce requests for a partition with an error: the n-th from now
// on, and so many in a row.
func (w *world) failing(err *kerr.Error, partition, n, count int) *kfake.FaultHandle {
	return w.cluster.Fake.Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: w.topic, Partitions: []int32{int32(partition)}, Err: err, Count: count,
		When: func(r kmsg.Request) bool {
			if partitionOf(r) != partition {
				return false
			}
			n--
			return n <= 0
		},
	})
}

// The second batch of a page is written, but its acknowledgement is lost, twice. It
// is there three times then; nothing else is repeated, and nothing has overtaken it.
func TestLostAcknowledgementRepeatsOneBatch(t *testing.T) {
	for _, lost := range []*kerr.Error{kerr.RequestTimedOut, kerr.NotEnoughReplicasAfterAppend} {
		t.Run(lost.Message, func(t *testing.T) {
			inBubble(t, 2, func(w *world) {
				const hit, batch, pages = 1, 4, 3
				p := w.publisher(limited(2400)) // four messages of the pages below
				all := [pages][]*producer.Message{w.page(1, 40), w.page(2, 40), w.page(3, 40)}
				w.mustPublish(p, all[0])
				w.failing(lost, hit, 2, 2)
				w.mustPublish(p, all[1])
				w.mustPublish(p, all[2])

				own := w.of(hit, all[1])
				second := own[batch : 2*batch]
				repeated := slices.Concat(w.of(1-hit, all[1]), own[:batch], second, second, own[batch:])
				w.wantTopic(all[0], repeated, all[2])
				w.wantOutages(1)
			})
		})
	}
}

// Only what was not acknowledged is sent again, in its order.
func TestOnePartitionFails(t *testing.T) {
	inBubble(t, 3, func(w *world) {
		const hit, times = 2, 4
		requests := w.requests()
		w.failing(kerr.NotEnoughReplicas, hit, 1, times)
		p := w.publisher()
		w.mustPublish(p, w.page(1, 100))
		w.mustPublish(p, w.page(2, 100))
		for partition := range 3 {
			want := 2
			if partition == hit {
				want += times
			}
			if got := requests(partition); got != want {
				w.Errorf("%d requests for partition %d, want %d", got, partition, want)
			}
		}
		w.wantTopic(w.page(1, 100), w.page(2, 100))
		w.wantOutages(1)
	})
}

// What brokers say while they elect, restart or lack a replica passes.
func TestPassingAnswersAreWaitedFor(t *testing.T) {
	for _, answer := range []*kerr.Error{
		kerr.NotEnoughReplicas, kerr.NotLeaderForPartition, kerr.LeaderNotAvailable, kerr.UnknownTopicOrPartition,
		kerr.KafkaStorageError, kerr.BrokerNotAvailable, kerr.ReplicaNotAvailable, kerr.NetworkException,
		kerr.UnknownLeaderEpoch, kerr.FencedLeaderEpoch, kerr.ThrottlingQuotaExceeded, kerr.UnknownServerError,
	} {
		t.Run(answer.Message, func(t *testing.T) {
			inBubble(t, 1, func(w *world) {
				p := w.publisher()
				w.mustPublish(p, w.page(1, 20))
				const times = 50
				fault := w.failing(answer, 0, 1, times)
				began := time.Now()
				w.mustPublish(p, w.page(2, 20))
				if took := time.Since(began); fault.Hits() != times || took < 2*time.Minute || took > 5*time.Minute {
					w.Errorf("%d answers in %v, want %d and some 4m", fault.Hits(), took, times)
				}
				w.wantTopic(w.page(1, 20), w.page(2, 20))
				w.wantOutages(1)
			})
		})
	}
}

// Metadata names no leader for a partition: no request can be sent at all.
func TestLeaderIsWaitedFor(t *testing.T) {
	inBubble(t, 2, func(w *world) {
		elected := time.Now().Add(time.Minute)
		w.leaderless(func(*kmsg.MetadataRequest) bool { return time.Now().Before(elected) })
		began := time.Now()
		w.mustPublish(w.publisher(), w.page(1, 50))
		if late := time.Since(began) - time.Minute; late < 0 || late > 6*time.Second {
			w.Errorf("went on %v after the election", late)
		}
		w.wantTopic(w.page(1, 50))
		w.wantOutages(1)
	})
}

// leaderless has metadata name no leader of the last partition, as long as when says
// so.
func (w *world) leaderless(when func(*kmsg.MetadataRequest) bool) {
	w.cluster.Fake.ControlKey(int16(kmsg.Metadata), func(r kmsg.Request) (kmsg.Response, error, bool) {
		request := r.(*kmsg.MetadataRequest)
		if !when(request) {
			return nil, nil, false
		}
		w.cluster.Fake.KeepControl()
		response := request.ResponseKind().(*kmsg.MetadataResponse)
		broker := kmsg.NewMetadataResponseBroker()
		broker.NodeID, broker.Host, broker.Port = 0, "localhost", 9092
		response.Brokers = append(response.Brokers, broker)
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic = &w.topic
		for id := range w.partitions {
			partition := kmsg.NewMetadataResponseTopicPartition()
			partition.Partition, partition.Leader = int32(id), 0
			if id == w.partitions-1 {
				partition.Leader, partition.ErrorCode = -1, kerr.LeaderNotAvailable.Code
			}
			topic.Partitions = append(topic.Partitions, partition)
		}
		response.Topics = append(response.Topics, topic)
		return response, nil, true
	})
}

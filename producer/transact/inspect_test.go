package transact_test

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/transact"
)

func (w *world) inspection() *transact.Inspection {
	w.Helper()
	i, err := w.config().Inspect()
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(i.Close)
	return i
}

// Whoever has a key goes on with the transaction that is under way while somebody asks
// whether its ids may be used, as often as that is, and whatever the checkpoint name.
func TestInspectionFencesNobody(t *testing.T) {
	w := onBrokers(t, 2)
	i := w.inspection()
	for _, name := range []string{"default", "default.q-1", "default.q-1.live"} {
		store := w.store(named(name))
		w.mustTake(store, "q-1", none)
		for page := 1; page <= 5; page++ {
			before := w.epoch(name)
			for _, asked := range []string{"default", name} {
				if err := i.MayTransact(t.Context(), w.topic, asked); err != nil {
					t.Fatal(err)
				}
			}
			if after := w.epoch(name); after != before {
				t.Errorf("name %s: epoch %d, and %d after it was asked: a writer was fenced", name, before, after)
			}
			w.mustCommit(store, page, w.page(page, 10))
		}
	}
}

// epoch is that of the producer that has q-1 under a checkpoint name.
func (w *world) epoch(name string) int16 {
	w.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(w.cluster.Brokers...))
	if err != nil {
		w.Fatal(err)
	}
	defer client.Close()
	id := fmt.Sprintf("genesys-producer.%s.%s.q-1.live", w.topic, name)
	told, err := kadm.NewClient(client).DescribeTransactions(w.Context(), id)
	if err != nil || told[id].Err != nil {
		w.Fatalf("transactional id %s: %v, %v", id, err, told[id].Err)
	}
	return told[id].ProducerEpoch
}

// A topic is told as it is, and one that does not exist is told so and not created.
func TestInspectionOfTopics(t *testing.T) {
	w := onBrokers(t, 2, "retention.ms=1234567")
	i := w.inspection()
	f, err := i.Topic(t.Context(), w.messages)
	if err != nil || !f.Exists || f.Partitions != 2 || f.Replicas != 1 || f.InSync != 1 || f.Leaderless != 0 {
		t.Errorf("%+v, %v", f, err)
	}
	if f.Settings["retention.ms"] != "1234567" || f.Settings["cleanup.policy"] != "delete" || f.Settings["min.insync.replicas"] != "1" {
		t.Errorf("settings %v", f.Settings)
	}
	if !f.Told || !slices.Contains(f.Allowed, "WRITE") || !slices.Contains(f.Allowed, "READ") {
		t.Errorf("allowed %v, told %v", f.Allowed, f.Told)
	}

	absent := transact.Attestations(kafkatest.TopicName(t), 3)
	if err := i.MayCreate(t.Context(), absent, 1); err != nil {
		t.Errorf("it could not be created: %v", err)
	}
	if err := i.MayCreate(t.Context(), absent, 9); err == nil {
		t.Error("it could be created with more replicas than there are brokers")
	}
	if f, err := i.Topic(t.Context(), absent.Name); err != nil || f.Exists {
		t.Errorf("a topic that nobody has created: %+v, %v", f, err)
	}
	c, err := i.Cluster(t.Context())
	if err != nil || len(c.Brokers) == 0 || c.ID == "" {
		t.Errorf("%+v, %v", c, err)
	}
}

// Of the partitions the one counts that has the fewest replicas in sync, and settings that
// brokers do not tell are no reason to tell nothing.
func TestInspectionOfATopicInTrouble(t *testing.T) {
	w := onFake(t, 3)
	w.cluster.Fake.ControlKey(int16(kmsg.Metadata), func(request kmsg.Request) (kmsg.Response, error, bool) {
		if len(request.(*kmsg.MetadataRequest).Topics) != 1 {
			return nil, nil, false
		}
		w.cluster.Fake.KeepControl()
		answer := request.ResponseKind().(*kmsg.MetadataResponse)
		host, port, _ := net.SplitHostPort(w.cluster.Brokers[0])
		number, _ := strconv.Atoi(port)
		answer.Brokers = []kmsg.MetadataResponseBroker{{NodeID: 0, Host: host, Port: int32(number)}}
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic = kmsg.StringPtr(w.messages)
		for i, inSync := range [][]int32{{0, 1, 2}, {0}, {0, 1}} {
			topic.Partitions = append(topic.Partitions, kmsg.MetadataResponseTopicPartition{Partition: int32(i), Replicas: []int32{0, 1, 2}, ISR: inSync})
		}
		answer.Topics = append(answer.Topics, topic)
		return answer, nil, true
	})
	w.cluster.Fake.ControlKey(int16(kmsg.DescribeConfigs), func(request kmsg.Request) (kmsg.Response, error, bool) {
		answer := request.ResponseKind().(*kmsg.DescribeConfigsResponse)
		answer.Resources = []kmsg.DescribeConfigsResponseResource{{ResourceType: kmsg.ConfigResourceTypeTopic, ResourceName: w.messages, ErrorCode: kerr.UnsupportedVersion.Code}}
		return answer, nil, true
	})
	f, err := w.inspection().Topic(t.Context(), w.messages)
	if err != nil || f.Partitions != 3 || f.Replicas != 3 || f.InSync != 1 || f.Settings != nil || !errors.Is(f.Untold, kerr.UnsupportedVersion) {
		t.Errorf("%+v, %v", f, err)
	}
}

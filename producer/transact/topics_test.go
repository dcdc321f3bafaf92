package transact_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/transact"
)

// topics are the three that the service needs, of names that nobody else has.
func (w *world) topics() *transact.Topics {
	w.Helper()
	names := make([]string, 3)
	for i := range names {
		names[i] = kafkatest.TopicName(w)
		if w.cluster.Fake == nil {
			w.Cleanup(func() {
				_ = kafkatest.DeleteTopic(context.WithoutCancel(w.Context()), w.client(), names[i]) // it may not be there
			})
		}
	}
	return &transact.Topics{Config: w.config(), Replication: 1, List: []transact.Topic{
		transact.Conversations(names[0], 12, 1_000_000), transact.DeadLetters(names[1], 3, 2_000_000), transact.Checkpoints(names[2])}}
}

func (w *world) create(topic transact.Topic) {
	w.Helper()
	var settings []string
	for key, value := range topic.Settings {
		settings = append(settings, key+"="+value)
	}
	w.cluster.CreateTopicNamed(w, topic.Name, topic.Partitions, settings...)
}

// The destination is the first topic, in the cluster that the brokers name.
func TestDestination(t *testing.T) {
	w := onBrokers(t, 1)
	topics := w.topics()
	for _, topic := range topics.List {
		w.create(topic)
	}
	meta, err := kadm.NewClient(w.client()).BrokerMetadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, create := range []bool{false, true} { // which makes no difference
		topics.Create = create
		d, err := topics.Destination(t.Context())
		if err != nil || d.Topic != topics.List[0].Name || d.Cluster != meta.Cluster || d.Cluster == "" {
			t.Errorf("%+v, %v; want topic %s of cluster %s", d, err, topics.List[0].Name, meta.Cluster)
		}
	}
	w.wantOutages(0)
}

// All topics that are missing are told at once, each with the command that creates it.
func TestMissingTopicsAreNamed(t *testing.T) {
	for missing := 1; missing < 8; missing++ {
		t.Run(fmt.Sprintf("%03b", missing), func(t *testing.T) {
			w := onBrokers(t, 1)
			topics := w.topics()
			for i, topic := range topics.List {
				if missing>>i&1 == 0 {
					w.create(topic)
				}
			}
			_, err := topics.Destination(t.Context())
			if _, ok := errors.AsType[*transact.SetupError](err); !ok {
				t.Fatalf("%v, want a SetupError", err)
			}
			for i, topic := range topics.List {
				said := strings.Contains(err.Error(), fmt.Sprintf("topic %s does not exist: set KAFKA_CREATE_TOPICS=true", topic.Name))
				command := strings.Contains(err.Error(), fmt.Sprintf("kafka-topics.sh --create --topic %s --partitions %d --replication-factor 1 --config cleanup.policy=%s", topic.Name, topic.Partitions, topic.Settings["cleanup.policy"]))
				if want := missing>>i&1 == 1; said != want || command != want {
					t.Errorf("%v\nit names topic %s: %v, with the command: %v; want %v", err, topic.Name, said, command, want)
				}
			}
			w.wantOutages(0)
		})
	}
}

// A topic from which positions would disappear, or that has no order, is refused.
func TestCheckpointTopicsThatAreNone(t *testing.T) {
	for _, test := range []struct {
		partitions int
		policy     string
		words      []string
	}{
		{1, "delete", []string{"cleanup.policy=delete", "kafka-configs.sh --alter", "--add-config cleanup.policy=compact"}},
		{1, "compact,delete", []string{"cleanup.policy=compact,delete", "kafka-configs.sh --alter"}},
		{1, "delete,compact", []string{"cleanup.policy=", "kafka-configs.sh --alter"}},
		{2, "compact", []string{"has 2 partitions", "CHECKPOINT_TOPIC"}},
		{0, "compact", nil},
	} {
		t.Run(fmt.Sprintf("%d %s", test.partitions, test.policy), func(t *testing.T) {
			w := onBrokers(t, 1)
			topics := w.topics()
			if test.partitions == 0 { // the good one, for comparison
				test.partitions = 1
			}
			w.create(topics.List[0])
			w.create(topics.List[1])
			w.cluster.CreateTopicNamed(t, topics.List[2].Name, test.partitions, "cleanup.policy="+test.policy)
			_, err := topics.Destination(t.Context())
			if test.words == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused, ok := errors.AsType[*transact.SetupError](err)
			if !ok || !refused.Final() {
				t.Fatalf("%v, want a SetupError", err)
			}
			for _, words := range append(test.words, topics.List[2].Name) {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%v\nwant it to have %q", err, words)
				}
			}
		})
	}
}

// A topic of ledgers may have any number of partitions, and must be compacted as well.
func TestLedgerTopics(t *testing.T) {
	for policy, good := range map[string]bool{"compact": true, "delete": false, "compact,delete": false} {
		for _, partitions := range []int{1, 5} {
			w := onBrokers(t, 1)
			name := kafkatest.TopicName(t)
			topics := &transact.Topics{Config: w.config(), Replication: 1, List: []transact.Topic{transact.Ledgers(name, 12)}}
			w.cluster.CreateTopicNamed(t, name, partitions, "cleanup.policy="+policy)
			_, err := topics.Destination(t.Context())
			if refused, ok := errors.AsType[*transact.SetupError](err); good && err != nil || !good && (!ok || !strings.Contains(refused.Error(), "--add-config cleanup.policy=compact")) {
				t.Errorf("%d partitions, cleanup.policy=%s: %v", partitions, policy, err)
			}
			if w.cluster.Fake == nil {
				w.cluster.DeleteTopic(t, name)
			}
		}
	}
}

// Brokers that are away at the start are waited for.
func TestStartWithoutBrokers(t *testing.T) {
	inBubble(t, func(w *world) {
		comes := time.Now().Add(time.Hour)
		w.throughWire(func(kmsg.Key, int) fate { return fate{unsent: time.Now().Before(comes)} })
		topics := w.topics()
		topics.Create = true
		if _, err := topics.Destination(w.Context()); err != nil {
			w.Fatal(err)
		}
		if late := time.Since(comes); late < 0 || late > 10*time.Second {
			w.Errorf("went on %v after the brokers came", late)
		}
		lines := w.log.Lines()
		if len(lines) != 5 || !strings.HasPrefix(lines[0], "WARN kafka: waiting") || !strings.HasPrefix(lines[4], "INFO kafka: publishing goes on") {
			w.Errorf("the log is %q, want one outage, and three topics", lines)
		}
	})
}

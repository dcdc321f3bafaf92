package transact_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"

	"genesys-producer/producer/transact"
)

// What is missing is created as it should be.
func TestTopicsAreCreated(t *testing.T) {
	for replication, insync := range map[int]string{1: "1", 2: "1", 3: "2", 5: "2"} {
		t.Run(fmt.Sprint(replication), func(t *testing.T) {
			w := onBrokers(t, 1)
			if replication > 1 {
				w = onFake(t, 1, kfake.NumBrokers(5)) // a real one is alone
			}
			topics := w.topics()
			topics.Create, topics.Replication = true, replication
			for range 2 {
				if d, err := topics.Destination(t.Context()); err != nil || d.Topic != topics.List[0].Name {
					t.Fatalf("%+v, %v", d, err)
				}
			}
			w.wantCreated(topics.List[0].Name, 12, replication, "cleanup.policy=compact", "max.message.bytes=1048588", "min.insync.replicas="+insync)
			w.wantCreated(topics.List[1].Name, 3, replication, "cleanup.policy=delete", "retention.ms=-1", "retention.bytes=-1",
				"max.message.bytes=2021024", "min.insync.replicas="+insync)
			w.wantCreated(topics.List[2].Name, 1, replication, "cleanup.policy=compact", "segment.bytes=16777216",
				"min.cleanable.dirty.ratio=0.1", "min.insync.replicas="+insync)
			if lines := w.log.Lines(); len(lines) != 3 || strings.Count(strings.Join(lines, "\n"), "INFO kafka: topic created") != 3 {
				t.Errorf("the log is %q, want a line for each topic", lines)
			}
			store := w.store(func(c *transact.StoreConfig) { c.Topic = topics.List[2].Name })
			if err := store.Save(t.Context(), key("q-1"), at("q-1", 1)); err != nil {
				t.Error(err)
			}
		})
	}
}

// So are the topics of ledgers and of attestations, with as many partitions as they are to have.
func TestFurtherTopicsAreCreated(t *testing.T) {
	w := onBrokers(t, 1)
	topics := w.topics()
	ledgers, attestations := topics.List[0].Name, topics.List[1].Name
	topics.Create, topics.List = true, []transact.Topic{transact.Ledgers(ledgers, 5), transact.Attestations(attestations, 4)}
	if _, err := topics.Destination(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantCreated(ledgers, 5, 1, "cleanup.policy=compact", "segment.bytes=16777216", "min.cleanable.dirty.ratio=0.1")
	w.wantCreated(attestations, 4, 1, "cleanup.policy=compact")
	w.ledgers = ledgers
	store := w.store()
	w.mustSave(store, "q-1", 1, chunk(today, 0, "x"))
	w.wantLedger(store, "q-1", today, "x")
}

// What is there stays as it is.
func TestTopicsThatAreThereAreNotChanged(t *testing.T) {
	w := onBrokers(t, 1)
	topics := w.topics()
	topics.Create = true
	w.cluster.CreateTopicNamed(t, topics.List[1].Name, 2, "retention.ms=1000")
	if _, err := topics.Destination(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantCreated(topics.List[1].Name, 2, 1, "retention.ms=1000")
	if lines := w.log.Lines(); len(lines) != 2 {
		t.Errorf("the log is %q, want a line for each topic that was created", lines)
	}
}

func (w *world) wantCreated(topic string, partitions, replicas int, settings ...string) {
	w.Helper()
	admin := kadm.NewClient(w.client())
	details, err := admin.ListTopics(w.Context(), topic)
	if err != nil {
		w.Fatal(err)
	}
	if got := details[topic]; len(got.Partitions) != partitions || len(got.Partitions[0].Replicas) != replicas {
		w.Errorf("topic %s has %d partitions of %d replicas, want %d of %d", topic, len(got.Partitions), len(got.Partitions[0].Replicas), partitions, replicas)
	}
	configs, err := admin.DescribeTopicConfigs(w.Context(), topic)
	if err != nil {
		w.Fatal(err)
	}
	var got []string
	for _, c := range configs[0].Configs {
		got = append(got, c.Key+"="+c.MaybeValue())
	}
	for _, want := range settings {
		if !slices.Contains(got, want) {
			w.Errorf("topic %s: %q, want %s", topic, got, want)
		}
	}
}

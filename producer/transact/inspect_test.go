package transact_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

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
	if err != nil || !f.Exists || f.Partitions != 2 || f.Replicas != 1 || f.Leaderless != 0 {
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

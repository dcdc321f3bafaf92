package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/transact"
)

// Where exactly-once cannot be had, nothing less is put in its place, though the
// configuration refuses it before.
func TestExactlyOnceIsNotReplaced(t *testing.T) {
	store, err := checkpoint.OpenDir(t.TempDir(), "default")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	committer, _, err := newCommitter(config{Delivery: exactlyOnce, CheckpointStore: "file", Compression: "none"}, transact.Config{}, store, newBoard(config{}, producer.Windows{}))
	if committer != nil || err == nil || !strings.Contains(err.Error(), "set CHECKPOINT_STORE to kafka") {
		t.Errorf("%T, %v; want an error", committer, err)
	}
}

// The largest size of a message that may be configured is one that the transactional
// client takes: it would refuse a larger one, and not before the first page.
func TestLargestMessagesCanBeSent(t *testing.T) {
	cluster := kafkatest.Start(t)
	topic := cluster.CreateTopic(t, 1, "cleanup.policy=compact")
	cfg := mustLoad(t, map[string]string{
		"KAFKA_BROKERS": strings.Join(cluster.Brokers, ","), "CHECKPOINT_STORE": "kafka", "CHECKPOINT_TOPIC": topic,
		"KAFKA_DELIVERY": exactlyOnce, "KAFKA_MAX_MESSAGE_BYTES": fmt.Sprint(mostMessageBytes),
	})
	brokers, err := reachBrokers(cfg, newLog(cfg, t.Output()))
	if err != nil {
		t.Fatal(err)
	}
	store, err := openStore(cfg, brokers)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	key := checkpoint.Key{Queue: "q-1", Lane: checkpoint.Live}
	if err := store.Save(t.Context(), key, checkpointtest.Sample(key)); err != nil {
		t.Error(err)
	}
}

// README's recovery of a record that was too large: limit and topic are raised, and its
// window is read again under another name.
func TestLargeRecordIsPublishedOnceItMayBe(t *testing.T) {
	beside(t)
	const size = 5 << 20
	eachDelivery(t, func(t *testing.T, d delivery) {
		w := newDays(t, small()).by(d)
		w.putSized("long", 0, size, true)
		w.mustFinish()
		if letters := w.read(w.deadLetters()); len(letters) != 1 || letters[0].Key != "long" {
			t.Fatalf("%d dead letters, want that one", len(letters))
		}
		w.cluster.Configure(w, w.topic, "max.message.bytes=10485760")
		c := w.start("KAFKA_MAX_MESSAGE_BYTES=10000000", "CHECKPOINT_NAME=repair", "WINDOW_TO="+w.begin(1).Format(time.RFC3339))
		c.mustEnd(done)
		published := 0
		for _, m := range w.read(w.topic) {
			if m.Key == "long" && len(m.Value) == size {
				published++
			}
		}
		if letters := len(w.read(w.deadLetters())); published != 1 || letters != 1 {
			t.Errorf("it was published %d times, and there are %d dead letters; want one of each", published, letters)
		}
		w.disordered, w.several = true, true // two processes have published, under two names
		w.checkTopic()
	})
}

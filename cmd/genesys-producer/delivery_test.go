package main

import "testing"

// delivery is how pages are committed, and where positions are: the ways that the
// program can be run in.
type delivery struct{ name, delivery, store string }

const exactlyOnce = "exactly-once"

var (
	deliveries = []delivery{{name: "at-least-once"}, {exactlyOnce, exactlyOnce, "kafka"}}
	// inKafka is the one between them.
	inKafka = delivery{"at-least-once, positions in Kafka", "at-least-once", "kafka"}
)

// by has the program deliver so.
func (w *world) by(d delivery) *world {
	w.Helper()
	w.delivery = d
	if d.store == "kafka" {
		w.create(w.checkpoints(), 1, "cleanup.policy=compact")
		w.create(w.ledgers(), topicPartitions, "cleanup.policy=compact")
		w.environment["KAFKA_DELIVERY"], w.environment["CHECKPOINT_STORE"] = d.delivery, d.store
		delete(w.environment, "CHECKPOINT_DIR") // the container has no volume
	}
	return w
}

// checkpoints is the topic of the positions.
func (w *world) checkpoints() string { return w.topic + ".checkpoints" }

// ledgers is the topic of the ledgers.
func (w *world) ledgers() string { return w.checkpoints() + ledgers }

// exact reports whether no page may be there twice.
func (w *world) exact() bool { return w.delivery.name == exactlyOnce }

// eachDelivery runs a test in each of the two, beside each other.
func eachDelivery(t *testing.T, test func(t *testing.T, d delivery)) {
	t.Helper()
	for _, d := range deliveries {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			test(t, d)
		})
	}
}

package publish_test

import (
	"testing"
	"time"

	"genesys-producer/producer"
)

// Leaders move; the first request that a former leader refuses has new metadata
// asked for, and not only at the next poll.
func TestMovedLeadersAreFoundAtOnce(t *testing.T) {
	inBubble(t, 6, func(w *world) {
		p := w.publisher()
		var all [][]*producer.Message
		for number := range 100 {
			began := time.Now()
			all = append(all, w.page(number, 30))
			w.mustPublish(p, all[number])
			if took := time.Since(began); took > 200*time.Millisecond {
				w.Errorf("page %d took %v", number, took)
			}
			switch number % 3 {
			case 0:
				w.cluster.Fake.ShufflePartitionLeaders()
			case 1:
				leader := (w.cluster.Fake.LeaderFor(w.topic, 0) + 1) % 3
				if err := w.cluster.Fake.MoveTopicPartition(w.topic, 0, leader); err != nil {
					w.Fatal(err)
				}
			}
		}
		w.wantTopic(all...)
	})
}

// A broker leaves for good: its connections end, and others lead.
func TestBrokerLeaves(t *testing.T) {
	inBubble(t, 6, func(w *world) {
		p := w.publisher()
		w.mustPublish(p, w.page(1, 60))
		if err := w.cluster.Fake.RemoveNode(1); err != nil {
			w.Fatal(err)
		}
		began := time.Now()
		w.mustPublish(p, w.page(2, 60))
		if took := time.Since(began); took > time.Second {
			w.Errorf("took %v", took)
		}
		w.cluster.Brokers = w.cluster.Fake.ListenAddrs() // who reads asks those that are left
		w.wantTopic(w.page(1, 60), w.page(2, 60))
	})
}

// The Java client too puts keys elsewhere once it has heard of more partitions.
func TestPartitionsAreAddedUnderWay(t *testing.T) {
	inBubble(t, 3, func(w *world) {
		p := w.publisher()
		first, second := w.page(1, 100), w.page(2, 100)
		w.mustPublish(p, first)
		w.wantTopic(first)
		w.cluster.AddPartitions(w, w.topic, 7)
		time.Sleep(6 * time.Second) // kafka-go has polled metadata by then

		w.mustPublish(p, second)
		there := map[string]int{}
		for _, m := range w.cluster.Read(w, w.topic) {
			there[m.Key] = m.Partition
		}
		for _, m := range first {
			if there[m.Key] != javaPartition(m.Key, 3) {
				w.Errorf("key %s of the first page is in partition %d", m.Key, there[m.Key])
			}
		}
		for _, m := range second {
			if there[m.Key] != javaPartition(m.Key, 7) {
				w.Errorf("key %s of the second page is in partition %d", m.Key, there[m.Key])
			}
		}
	})
}

// A new publisher knows of them at once, on either broker.
func TestPartitionsWereAdded(t *testing.T) {
	w := onBrokers(t, 1)
	w.cluster.AddPartitions(t, w.topic, 5)
	w.partitions = 5
	w.mustPublish(w.publisher(), w.page(1, 100))
	w.wantTopic(w.page(1, 100))
}

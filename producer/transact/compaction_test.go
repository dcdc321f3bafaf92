package transact_test

import (
	"testing"
	"time"

	"genesys-producer/producer/kafkatest"
)

// The log cleaner of real brokers is at work while positions are written and read: it
// takes nothing away that counts. (That of kfake: TestCompactedTopic.)
func TestLogCleanerAtWork(t *testing.T) {
	cluster := kafkatest.Start(t)
	if cluster.Fake != nil {
		t.Skip("a broker in this process compacts when it is told to")
	}
	w := newWorld(t, cluster, "segment.ms=200", "min.cleanable.dirty.ratio=0.01", "max.compaction.lag.ms=200", "delete.retention.ms=0")
	writer := w.store()
	queues := []string{"q-1", "q-2", "q-3"}
	written, shrunk := 0, 0
	for page, limit := 1, time.Now().Add(time.Minute); shrunk < 3; page++ {
		if time.Now().After(limit) {
			t.Fatalf("%d of %d records are there, compacted %d times", w.uncommitted(w.topic), written, shrunk)
		}
		for _, queue := range queues {
			if err := writer.Save(t.Context(), key(queue), at(queue, page)); err != nil {
				t.Fatal(err)
			}
			written++
		}
		if page%10 > 0 {
			continue
		}
		store := w.store()
		for _, queue := range queues {
			w.mustLoad(store, queue, page)
		}
		store.Close()
		if there := w.uncommitted(w.topic); there < written/2 {
			shrunk, written = shrunk+1, there
		}
	}
	w.mustTake(w.store(), "q-4", none)
	w.wantOutages(0)
}

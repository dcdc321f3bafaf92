package transact_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/kafkatest"
)

// The broker ends in the middle of a transaction, in an orderly way or killed, and is
// started again: the page is there once.
func TestRestartInTheMiddleOfATransaction(t *testing.T) {
	restart := func(w *world) { w.cluster.Restart(w) }
	for _, test := range []struct {
		name    string
		kind    kmsg.Key
		restart func(*world)
		real    bool // needs real brokers
	}{
		{"restarted, when the id is asked for", kmsg.InitProducerID, restart, false},
		{"restarted, when records are written", kmsg.Produce, restart, false},
		{"restarted, when it is to end", kmsg.EndTxn, restart, false},
		{"killed, when records are written", kmsg.Produce, func(w *world) { w.cluster.Kill(w) }, true},
		{"killed, when it is to end", kmsg.EndTxn, func(w *world) { w.cluster.Kill(w) }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			cluster := kafkatest.StartOnDisk(t)
			switch {
			case !cluster.CanRestart():
				t.Skip("KAFKA_CONTROL does not say how to restart these brokers")
			case test.real && cluster.Fake != nil:
				t.Skip("a broker in this process cannot be killed")
			}
			w := onCluster(t, strict(cluster), 2)
			wire := w.throughWire(nil)
			store := w.store()
			w.mustTake(store, "q-1", none)
			w.mustCommit(store, 1, w.page(1, 20))
			if test.kind == kmsg.InitProducerID {
				store.Release(key("q-1"))
			}
			reached, goOn := make(chan struct{}), make(chan struct{})
			wire.change(only(test.kind, fate{then: func() { close(reached) }, held: goOn}, 1))
			done := make(chan error, 1)
			go func() {
				_, err := store.Commit(w.Context(), key("q-1"), w.page(2, 20), at("q-1", 2))
				done <- err
			}()
			<-reached
			test.restart(w)
			strict(w.cluster)
			close(goOn)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			w.mustCommit(store, 3, w.page(3, 20))
			w.wantTopic(w.page(1, 20), w.page(2, 20), w.page(3, 20))
			w.wantPosition(3)
			w.wantOutages(1)
		})
	}
}

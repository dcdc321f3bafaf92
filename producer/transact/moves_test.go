package transact_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer"
)

// Leaders and coordinators move, and brokers leave, at each kind of request of a
// transaction: each page is there once.
func TestMovesInTheMiddleOfTransactions(t *testing.T) {
	for name, move := range map[string]func(*world, int){
		"coordinators": func(w *world, _ int) { w.cluster.Fake.RehashCoordinators() },
		"leaders":      func(w *world, _ int) { w.cluster.Fake.ShufflePartitionLeaders() },
		"both": func(w *world, _ int) {
			w.cluster.Fake.RehashCoordinators()
			w.cluster.Fake.ShufflePartitionLeaders()
		},
		"the positions' leader": func(w *world, n int) {
			if err := w.cluster.Fake.MoveTopicPartition(w.topic, 0, int32(n%3)); err != nil {
				w.Error(err)
			}
		},
	} {
		for _, kind := range []kmsg.Key{kmsg.InitProducerID, kmsg.Produce, kmsg.EndTxn, kmsg.Fetch} {
			t.Run(fmt.Sprintf("%s/%s", name, kind.Name()), func(t *testing.T) {
				w := onFake(t, 4, kfake.NumBrokers(3))
				w.throughWire(func(key kmsg.Key, n int) fate {
					if key != kind || n%2 == 0 || n > 7 {
						return fate{}
					}
					return fate{then: func() { move(w, n) }}
				})
				store := w.store()
				var pages [][]*producer.Message
				for page := 1; page <= 5; page++ {
					if page%2 == 0 {
						w.mustTake(store, "q-1", page-1)
					}
					pages = append(pages, w.page(page, 20))
					w.mustCommit(store, page, pages[page-1])
				}
				w.wantTopic(pages...)
				w.wantPosition(5)
				w.wantOutages(7)
			})
		}
	}
}

// Brokers leave one after the other, in mid-transaction and between; the last has all.
func TestBrokersLeave(t *testing.T) {
	for _, kind := range []kmsg.Key{kmsg.Produce, kmsg.EndTxn} {
		t.Run(kind.Name(), func(t *testing.T) {
			w := onFake(t, 4, kfake.NumBrokers(3))
			leave := func(node int32) func() {
				return func() {
					if err := w.cluster.Fake.RemoveNode(node); err != nil {
						w.Error(err)
					}
				}
			}
			wire := w.throughWire(nil)
			store := w.store()
			w.mustCommit(store, 1, w.page(1, 20))
			wire.change(only(kind, fate{then: leave(0)}, 1))
			w.mustCommit(store, 2, w.page(2, 20))
			leave(1)()
			w.mustCommit(store, 3, w.page(3, 20))
			w.cluster.Brokers = w.cluster.Fake.ListenAddrs()
			w.wantTopic(w.page(1, 20), w.page(2, 20), w.page(3, 20))
			w.wantPosition(3)
		})
	}
}

package transact_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer"
)

// Whatever becomes of a request or of its answer: the page is there once, with its
// position, and the commit says so.
func TestLostRequestsAndAnswers(t *testing.T) {
	for _, kind := range []kmsg.Key{kmsg.Produce, kmsg.EndTxn, kmsg.InitProducerID} {
		for lost, f := range map[string]fate{"request": {unsent: true}, "answer": {unheard: true}} {
			for _, ns := range [][]int{{1}, {1, 2}, {1, 2, 3}} {
				t.Run(fmt.Sprintf("%v/%s/%d times", kind.Name(), lost, len(ns)), func(t *testing.T) {
					w := onBrokers(t, 2)
					wire := w.throughWire(nil)
					store := w.store()
					if kind != kmsg.InitProducerID { // which is for the first page
						w.mustTake(store, "q-1", none)
						w.mustCommit(store, 1, w.page(1, 30))
					}
					wire.change(only(kind, f, ns...))
					for page := 1; page <= 3; page++ {
						if kind == kmsg.InitProducerID || page > 1 {
							w.mustCommit(store, page, w.page(page, 30))
						}
					}
					if n := wire.count(kind); n < len(ns) {
						t.Errorf("%d requests, want that %d are lost", n, len(ns))
					}
					w.wantTopic(w.page(1, 30), w.page(2, 30), w.page(3, 30))
					w.wantPosition(3)
					w.wantOutages(1)
				})
			}
		}
	}
}

// Where all is lost in turn, each commit is made in the end.
func TestEverythingIsLostInTurn(t *testing.T) {
	for lost, f := range map[string]fate{"request": {unsent: true}, "answer": {unheard: true}} {
		t.Run(lost, func(t *testing.T) {
			w := onBrokers(t, 2)
			wire := w.throughWire(nil)
			store := w.store()
			w.mustTake(store, "q-1", none)
			var pages [][]*producer.Message
			total := 0
			wire.change(func(_ kmsg.Key, _ int) fate {
				if total++; total%9 == 0 {
					return f
				}
				return fate{}
			})
			for page := 1; page <= 20; page++ {
				pages = append(pages, w.page(page, 10))
				w.mustCommit(store, page, pages[page-1])
			}
			w.wantTopic(pages...)
			w.wantPosition(20)
		})
	}
}

package main

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// perhaps are the lines of a fault that can pass unnoticed, because franz-go tries again
// by itself, and comes so often at most.
func perhaps(f fault, times int) fault {
	f.fewer, f.begins, f.ends = true, slices.Repeat(outageBegins, times), slices.Repeat(outageEnds, times)
	return f
}

// Whether a commit took place that was not answered is read, not guessed: no page is
// there twice, and none is missing.
func TestTransactionFaults(t *testing.T) {
	beside(t)
	for _, f := range []fault{
		perhaps(fault{name: "the answer to a commit is lost", inflict: fated(kmsg.EndTxn, middle, fate{unheard: true}, 1)}, 1),
		perhaps(fault{name: "the answers to commits are lost, 6 times", inflict: fated(kmsg.EndTxn, middle, fate{unheard: true}, 6)}, 6),
		perhaps(fault{name: "commits do not reach the broker, 6 times", inflict: fated(kmsg.EndTxn, middle, fate{unsent: true}, 6)}, 6),
		{name: "answers to commits take 4 s", inflict: fated(kmsg.EndTxn, middle, fate{late: 4 * time.Second}, 2)},
		{name: "the answer to a commit takes 12 s", inflict: fated(kmsg.EndTxn, middle, fate{late: 12 * time.Second}, 1), begins: outageBegins, ends: outageEnds},
		perhaps(fault{name: "an acknowledgement takes 12 s", inflict: fated(kmsg.Produce, middle, fate{late: 12 * time.Second}, 1)}, 1),
		perhaps(fault{name: "answers to InitProducerID are lost, 6 times", inflict: fated(kmsg.InitProducerID, 7, fate{unheard: true}, 6)}, 6),
		perhaps(fault{name: "InitProducerID does not reach the broker, 6 times", inflict: fated(kmsg.InitProducerID, 7, fate{unsent: true}, 6)}, 6),
		perhaps(fault{name: "answers to FindCoordinator are lost, 6 times", inflict: fated(kmsg.FindCoordinator, 7, fate{unheard: true}, 6)}, 6),
	} {
		f.name = "transactions: " + f.name
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			f.surviveKafka(t, newDays(t, small()).by(deliveries[1]))
		})
	}
}

// coordinating has requests of a kind answered with an error, from the n-th on for 2 s.
func coordinating(key kmsg.Key, n int32, code *kerr.Error) fault {
	return perhaps(fault{name: code.Message + " at " + key.Name(), inflict: func(w *world) {
		var asked atomic.Int32
		over := sync.OnceValue(func() time.Time { return time.Now().Add(2 * time.Second) })
		f := w.cluster.Fake.Fault(kfake.Fault{Keys: []kmsg.Key{key}, Err: code, Count: -1,
			When: func(kmsg.Request) bool { return asked.Add(1) >= n && time.Now().Before(over()) }})
		w.Cleanup(func() {
			if f.Hits() == 0 {
				w.Error("nobody met the fault")
			}
		})
	}}, 4)
}

// What only coordinators answer that can be made to.
func TestTransactionAnswers(t *testing.T) {
	beside(t)
	var rows []fault
	for _, code := range []*kerr.Error{kerr.CoordinatorNotAvailable, kerr.NotCoordinator, kerr.CoordinatorLoadInProgress, kerr.ConcurrentTransactions} {
		rows = append(rows, coordinating(kmsg.EndTxn, middle, code), coordinating(kmsg.InitProducerID, 7, code))
	}
	for _, key := range []kmsg.Key{kmsg.EndTxn, kmsg.InitProducerID} {
		f := coordinating(key, 7, kerr.TransactionalIDAuthorizationFailed)
		denied := refused(f.name, 0, "the client needs the operations WRITE and DESCRIBE on its transactional ids")
		denied.inflict = f.inflict
		denied.mend = func(*world) { time.Sleep(2 * time.Second) }
		rows = append(rows, denied)
	}
	for _, f := range rows {
		f.name = "transactions: " + f.name
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			f.surviveKafka(t, newSmallFakeWorld(t).by(deliveries[1]))
		})
	}
}

func TestCoordinatorsMove(t *testing.T) {
	beside(t)
	f := fault{name: "transactions: all coordinators move, 10 times", fewer: true}
	f.again(10, 8, func(w *world, _ int) error {
		w.cluster.Fake.RehashCoordinators()
		return nil
	})
	f.survive(t, newFakeWorld(t, kfake.NumBrokers(3)).by(deliveries[1]))
}

// Brokers before 4.0 are told of each partition of a transaction first.
func TestTransactionsOnOlderBrokers(t *testing.T) {
	beside(t)
	for _, f := range []fault{
		{name: "no fault"},
		perhaps(fault{name: "answers to AddPartitionsToTxn are lost, 6 times", inflict: fated(kmsg.AddPartitionsToTxn, middle, fate{unheard: true}, 6)}, 6),
		perhaps(fault{name: "the answers to commits are lost, 6 times", inflict: fated(kmsg.EndTxn, middle, fate{unheard: true}, 6)}, 6),
		coordinating(kmsg.AddPartitionsToTxn, middle, kerr.ConcurrentTransactions),
	} {
		f.name = "transactions, Kafka 3.6: " + f.name
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			f.surviveKafka(t, newSmallFakeWorld(t, kfake.MaxVersions(kversion.V3_6_0())).by(deliveries[1]))
		})
	}
}

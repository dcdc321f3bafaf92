package transact_test

import (
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/kafkatest"
)

// An outage in the middle of a transaction lasts so long that brokers abort it. The page
// is committed in another, unless somebody else has taken the key meanwhile.
func TestTransactionThatTookTooLong(t *testing.T) {
	inRealTime := os.Getenv("KAFKA_BROKERS") != ""
	if inRealTime {
		t.Parallel()
	}
	for name, another := range map[string]string{"alone": "", "another took the key and wrote": "wrote", "another took the key": "took"} {
		t.Run(name, func(t *testing.T) {
			if inRealTime {
				t.Parallel()
				onBrokers(t, 3).tooLong(another)
				return
			}
			inBubble(t, func(w *world) { w.tooLong(another) })
		})
	}
}

func (w *world) tooLong(another string) {
	second := w.store() // not through the wire
	var away atomic.Bool
	wire := w.throughWire(nil)
	first := w.store()
	w.mustTake(first, "q-1", none)
	w.mustCommit(first, 1, w.page(1, 10))
	wire.change(func(key kmsg.Key, n int) fate {
		if key == kmsg.EndTxn && n == 1 {
			away.Store(true)
		}
		return fate{unsent: away.Load()}
	})
	done := make(chan error, 1)
	go func() {
		_, err := first.Commit(w.Context(), key("q-1"), w.page(2, 10), at("q-1", 2), chunk(today, 0, "x"))
		done <- err
	}()
	time.Sleep(28 * time.Second) // of the bubble; real brokers end what is open after 25 s at the latest
	if !away.Load() {
		w.Fatal("there is no outage")
	}
	if another != "" {
		w.mustTake(second, "q-1", 1)
	}
	if another == "wrote" {
		w.mustCommit(second, 2, w.page(0xf, 10))
	}
	w.saysFenced()
	away.Store(false)
	err := <-done
	if another != "" {
		if !errors.Is(err, checkpoint.ErrFenced) {
			w.Errorf("%v, want that another has the key", err)
		}
		w.wantLedger(second, "q-1", today, "")
		if another == "took" {
			w.mustCommit(second, 2, w.page(0xf, 10))
		}
		w.mustCommit(second, 3, w.page(3, 10))
		w.wantTopic(w.page(1, 10), w.page(0xf, 10), w.page(3, 10))
		w.wantPosition(3)
		return
	}
	if err != nil {
		w.Errorf("%v, though nobody else has written", err)
	}
	w.mustCommit(first, 3, w.page(3, 10))
	w.wantTopic(w.page(1, 10), w.page(2, 10), w.page(3, 10))
	w.wantPosition(3)
	w.wantLedger(first, "q-1", today, "x")
	w.wantLedger(w.store(), "q-1", today, "x")
	w.wantOutages(1)
}

// What a killed writer leaves open holds up who reads what is committed for 15 s, and up to
// ten more, which is how often brokers look.
func TestReadersWaitForAKilledWriter(t *testing.T) {
	read := func(w *world) {
		w.mustCommit(w.store(), 1, w.page(1, 5))
		w.killedWriter("q-2", w.page(0xdead, 5), 1)
		began := time.Now()
		w.wantTopic(w.page(1, 5))
		if took := time.Since(began); took < 10*time.Second || took > 40*time.Second {
			w.Errorf("readers were held up for %v, want 15 s to 25 s", took)
		}
	}
	if os.Getenv("KAFKA_BROKERS") != "" {
		t.Parallel()
		read(onBrokers(t, 1))
		return
	}
	inBubble(t, read)
}

// saysFenced has the broker answer once as Kafka does after it has aborted a transaction,
// or after another producer came.
func (w *world) saysFenced() {
	if w.cluster.Fake == nil {
		return // it is one
	}
	w.cluster.Fake.ControlKey(int16(kmsg.InitProducerID), func(r kmsg.Request) (kmsg.Response, error, bool) {
		request := r.(*kmsg.InitProducerIDRequest)
		if request.ProducerID < 0 {
			return nil, nil, false
		}
		response := request.ResponseKind().(*kmsg.InitProducerIDResponse)
		response.ErrorCode = kerr.ProducerFenced.Code
		return response, nil, true
	})
}

// Brokers can say that another has the key where nobody has: what they have aborted, or an
// answer that was lost, is told in the same way. Who has it says so in the topic.
func TestFencedByNobody(t *testing.T) {
	inBubble(t, func(w *world) {
		store := w.store()
		w.mustTake(store, "q-1", none)
		w.mustCommit(store, 1, w.page(1, 10))
		w.saysFenced()
		w.cluster.Fake.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
			return nil, errors.New("the connection ends"), true
		})
		w.mustCommit(store, 2, w.page(2, 10))
		w.wantTopic(w.page(1, 10), w.page(2, 10))
		w.wantPosition(2)
	})
}

// Brokers forget ids that rest for long, and say so. Who has written meanwhile is told by
// what is stored.
func TestIdIsForgottenAndAnotherHasWritten(t *testing.T) {
	t.Setenv("KAFKA_BROKERS", "")
	w := onCluster(t, kafkatest.Start(t), 1)
	first, second := w.store(), w.store()
	w.mustCommit(first, 1, w.page(1, 5))
	first.Release(key("q-1"))
	w.mustTake(second, "q-1", 1)
	w.mustCommit(second, 2, w.page(2, 5))
	w.cluster.Fake.ControlKey(int16(kmsg.InitProducerID), func(r kmsg.Request) (kmsg.Response, error, bool) {
		if r.(*kmsg.InitProducerIDRequest).ProducerID < 0 {
			return nil, nil, false
		}
		response := r.ResponseKind().(*kmsg.InitProducerIDResponse)
		response.ErrorCode = kerr.InvalidProducerIDMapping.Code
		return response, nil, true
	})
	if _, err := first.Commit(t.Context(), key("q-1"), w.page(0xbad, 5), at("q-1", 3)); !errors.Is(err, checkpoint.ErrFenced) {
		t.Errorf("%v, want that another has the key", err)
	}
	w.wantTopic(w.page(1, 5), w.page(2, 5))
}

// The end of a transaction is answered late, but is: nothing is done twice.
func TestEndIsAnsweredLate(t *testing.T) {
	for _, late := range []time.Duration{time.Second, 9 * time.Second, 11 * time.Second, 14 * time.Second, 25 * time.Second} {
		t.Run(late.String(), func(t *testing.T) {
			inBubble(t, func(w *world) {
				release := make(chan struct{})
				wire := w.throughWire(nil)
				store := w.store()
				w.mustTake(store, "q-1", none)
				w.mustCommit(store, 1, w.page(1, 10))
				wire.change(only(kmsg.EndTxn, fate{held: release}, 1))
				time.AfterFunc(late, func() { close(release) })
				w.mustCommit(store, 2, w.page(2, 10))
				w.mustCommit(store, 3, w.page(3, 10))
				time.Sleep(time.Minute) // what is late has come
				w.wantTopic(w.page(1, 10), w.page(2, 10), w.page(3, 10))
				w.wantPosition(3)
				w.mustCommit(store, 4, w.page(4, 10))
				w.wantOutages(1)
			})
		})
	}
}

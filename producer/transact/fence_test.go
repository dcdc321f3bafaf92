package transact_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/transact"
)

// wantFenced expects that a store can do nothing more with q-1.
func (w *world) wantFenced(store *transact.Store, page int, messages []*producer.Message) {
	w.Helper()
	_, err := store.Commit(w.Context(), key("q-1"), messages, at("q-1", page))
	if !errors.Is(err, checkpoint.ErrFenced) {
		w.Errorf("commit of who has lost the key: %v", err)
	}
	if err := store.Save(w.Context(), key("q-1"), at("q-1", page)); !errors.Is(err, checkpoint.ErrFenced) {
		w.Errorf("save of who has lost the key: %v", err)
	}
}

// Who takes a key has it, and who had it writes no more, whenever it notices.
func TestSecondStoreFencesTheFirst(t *testing.T) {
	for name, idle := range map[string]func(*world, *transact.Store){
		"in the middle of a walk":  func(*world, *transact.Store) {},
		"between two walks":        func(_ *world, s *transact.Store) { s.Release(key("q-1")) },
		"before its first message": nil,
	} {
		t.Run(name, func(t *testing.T) {
			w := onBrokers(t, 2)
			first, second := w.store(), w.store()
			pages := [][]*producer.Message{nil, w.page(1, 20), w.page(2, 20), w.page(3, 20), w.page(4, 20)}
			w.mustTake(first, "q-1", none)
			if idle == nil {
				w.mustTake(second, "q-1", none)
				w.mustCommit(second, 1, pages[1])
			} else {
				w.mustCommit(first, 1, pages[1])
				idle(w, first)
				w.mustTake(second, "q-1", 1)
			}
			w.wantFenced(first, 2, w.page(0xbad, 20))
			w.mustCommit(second, 2, pages[2])
			w.wantFenced(first, 3, w.page(0xbad, 20))
			if _, _, err := first.Take(t.Context(), key("q-1")); !errors.Is(err, checkpoint.ErrFenced) {
				t.Errorf("take of who has lost the key: %v", err)
			}
			w.mustCommit(second, 3, pages[3])
			second.Release(key("q-1"))
			w.wantFenced(first, 4, w.page(0xbad, 20))
			w.mustTake(second, "q-1", 3)
			w.mustCommit(second, 4, pages[4])
			w.wantTopic(pages...)
			w.wantPosition(4)
		})
	}
}

// A store does not think that it has a key only because it had it.
func TestTakeAgainTellsThatTheKeyIsLost(t *testing.T) {
	w := onBrokers(t, 1)
	first, second := w.store(), w.store()
	w.mustTake(first, "q-1", none)
	w.mustCommit(first, 1, w.page(1, 1))
	w.mustTake(second, "q-1", 1)
	w.mustCommit(second, 2, w.page(2, 1))
	if p, _, err := first.Take(t.Context(), key("q-1")); !errors.Is(err, checkpoint.ErrFenced) {
		t.Errorf("take of who has lost the key: %v, %v", p, err)
	}
	w.mustCommit(second, 3, w.page(3, 1))
}

// The first tries in the middle of the second's transaction, which goes on.
func TestFencedStoreDoesNotDisturbTheOther(t *testing.T) {
	w := onBrokers(t, 1)
	first := w.store()
	w.mustTake(first, "q-1", none)
	w.mustCommit(first, 1, w.page(1, 5))
	first.Release(key("q-1"))
	wire := w.throughWire(nil)
	second := w.store()
	w.mustTake(second, "q-1", 1)
	reached, goOn := make(chan struct{}), make(chan struct{})
	wire.change(only(kmsg.EndTxn, fate{then: func() { close(reached) }, held: goOn}, 1))
	done := make(chan error, 1)
	go func() {
		_, err := second.Commit(t.Context(), key("q-1"), w.page(2, 5), at("q-1", 2))
		done <- err
	}()
	<-reached
	_, err := first.Commit(t.Context(), key("q-1"), w.page(0xbad, 5), at("q-1", 2))
	close(goOn)
	if !errors.Is(err, checkpoint.ErrFenced) {
		t.Errorf("commit of who has lost the key: %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("commit of who has it: %v", err)
	}
	w.mustCommit(second, 3, w.page(3, 5))
	w.wantTopic(w.page(1, 5), w.page(2, 5), w.page(3, 5))
}

// Other queues, lanes, names and checkpoint topics are other writers.
func TestOthersAreNotFenced(t *testing.T) {
	w := onBrokers(t, 1)
	elsewhere := newWorld(t, w.cluster)
	revisit := checkpoint.Key{Queue: "q-1", Lane: checkpoint.Revisit}
	one, two, three := w.store(), w.store(named("backfill")), elsewhere.store()
	for page := 1; page <= 3; page++ {
		for _, store := range []*transact.Store{one, two, three} {
			for _, k := range []checkpoint.Key{key("q-1"), key("q-2"), revisit} {
				p := at(k.Queue, page)
				if err := store.Save(t.Context(), k, p); err != nil {
					t.Fatalf("page %d of %v: %v", page, k, err)
				}
			}
		}
	}
}

// Whose writer was killed in the middle of a page is where that began, for readers too.
func TestKilledWriterLeavesNothing(t *testing.T) {
	w := onBrokers(t, 2)
	before := w.store()
	w.mustTake(before, "q-1", none)
	w.mustCommit(before, 1, w.page(1, 10))
	before.Release(key("q-1"))
	w.killedWriter("q-1", w.page(0xdead, 10), 2)

	after := w.store()
	w.mustTake(after, "q-1", 1)
	w.cluster.Read(t, w.messages) // waits for what is open
	w.mustCommit(after, 2, w.page(2, 10))
	w.wantTopic(w.page(1, 10), w.page(2, 10))
	w.wantFenced(before, 3, w.page(0xbad, 1))
}

// killedWriter leaves what a process does that was killed before the end of a
// transaction.
func (w *world) killedWriter(queue string, messages []*producer.Message, page int) {
	w.Helper()
	text, err := checkpoint.Encode("default", key(queue), at(queue, page))
	if err != nil {
		w.Fatal(err)
	}
	client := w.client(kgo.TransactionalID(fmt.Sprintf("genesys-producer.%s.default.%s.live", w.topic, queue)), kgo.TransactionTimeout(15*time.Second))
	if err := client.BeginTransaction(); err != nil {
		w.Fatal(err)
	}
	records := []*kgo.Record{{Topic: w.topic, Key: []byte("default/" + queue + "/live"), Value: text}}
	for _, m := range messages {
		records = append(records, &kgo.Record{Topic: m.Topic, Key: []byte(m.Key), Value: m.Value})
	}
	if err := client.ProduceSync(w.Context(), records...).FirstErr(); err != nil {
		w.Fatal(err)
	}
	client.Close() // which ends nothing at the brokers
}

// A commit that was given up leaves no transaction open that would hold up readers.
func TestGivenUpCommitHoldsNobodyUp(t *testing.T) {
	w := onBrokers(t, 1)
	ctx, giveUp := context.WithCancel(t.Context())
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	w.throughWire(only(kmsg.EndTxn, fate{then: giveUp, held: never}, 1))
	store := w.store()
	w.mustTake(store, "q-1", none)
	if _, err := store.Commit(ctx, key("q-1"), w.page(1, 5), at("q-1", 1)); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	began := time.Now()
	w.wantTopic()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("readers were held up for %v", took)
	}
	w.mustCommit(store, 1, w.page(1, 5))
	w.wantTopic(w.page(1, 5))
}

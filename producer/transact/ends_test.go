package transact_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/transact"
)

// destination are topics of which the first is that of the messages.
func (w *world) destination() *transact.Topics {
	w.Helper()
	topics := &transact.Topics{Config: w.config(), Replication: 1, List: []transact.Topic{
		transact.Conversations(w.messages, w.partitions, 1_000_000), transact.DeadLetters(w.messages+".dead-letter", 1, 1_000_000)}}
	w.Cleanup(topics.Close)
	return topics
}

// Ends are those of all partitions, in order, whatever of it is committed.
func TestEnds(t *testing.T) {
	w := onBrokers(t, 12)
	topics := w.destination()
	want := func(op string) {
		t.Helper()
		want, err := kafkatest.EndOffsets(t.Context(), w.client(), w.messages)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := topics.Ends(t.Context()); err != nil || !slices.Equal(got, want) || len(got) != 12 {
			t.Errorf("%s: ends %v, %v; want %v", op, got, err, want)
		}
	}
	want("empty")
	store := w.store()
	w.mustCommit(store, 1, w.page(1, 50))
	want("a page")
	w.killedWriter("q-2", w.page(0xdead, 50), 1)
	want("a page that is not committed")
	topics.Close()
	topics.Close()
	want("after Close")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := topics.Ends(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	w.wantOutages(0)
}

// Connections stay open from one call to the next.
func TestEndsKeepsItsConnections(t *testing.T) {
	w := onBrokers(t, 3)
	wire := w.throughWire(nil)
	topics := w.destination()
	first := 0
	for call := range 5 {
		if _, err := topics.Ends(t.Context()); err != nil {
			t.Fatal(err)
		}
		switch n := wire.count(kmsg.ApiVersions); {
		case call == 0:
			first = n
		case n > first:
			t.Fatalf("call %d opened a connection more: %d, after %d", call+1, n, first)
		}
	}
}

// Brokers that are away are waited for; what will not change is told at once.
func TestEndsWaitsForBrokers(t *testing.T) {
	inBubble(t, func(w *world) {
		comes := time.Now().Add(time.Hour)
		w.throughWire(func(kmsg.Key, int) fate { return fate{unsent: time.Now().Before(comes)} })
		if ends, err := w.destination().Ends(w.Context()); err != nil || len(ends) != 3 {
			w.Errorf("%v, %v", ends, err)
		}
		if late := time.Since(comes); late < 0 || late > 10*time.Second {
			w.Errorf("went on %v after the brokers came", late)
		}
		w.wantOutages(1)
	})
	w := onFake(t, 1)
	w.messages = kafkatest.TopicName(t) // which is not there: it may be created again
	began := time.Now()
	ctx := w.bounded(time.Second)
	if ends, err := w.destination().Ends(ctx); !errors.Is(err, kerr.UnknownTopicOrPartition) || time.Since(began) > 5*time.Second {
		t.Errorf("%v, %v", ends, err)
	}
}

package transact_test

import (
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/transact"
)

// What another queue has not ended hides nothing that was committed behind it, and is
// not taken for committed.
func TestOpenTransactionOfAnotherQueue(t *testing.T) {
	w := onBrokers(t, 1)
	writer := w.store()
	w.mustCommit(writer, 1, nil)
	if err := writer.Save(t.Context(), key("q-3"), at("q-3", 1)); err != nil {
		t.Fatal(err)
	}
	w.killedWriter("q-2", w.page(2, 3), 1)
	w.mustCommit(writer, 2, nil)
	w.killedWriter("q-4", nil, 1)
	w.mustCommit(writer, 3, nil)
	w.killedWriter("q-3", nil, 2)

	began := time.Now()
	for name, ask := range map[string]func(*transact.Store){
		"load": func(s *transact.Store) { w.mustLoad(s, "q-1", 3) },
		"take": func(s *transact.Store) { w.mustTake(s, "q-1", 3) },
		"keys": func(s *transact.Store) {
			want := []checkpoint.Key{key("q-1"), key("q-3")}
			if keys, err := s.Keys(t.Context()); err != nil || !slices.Equal(keys, want) {
				t.Errorf("keys %v, %v; want %v", keys, err, want)
			}
		},
		"what is open": func(s *transact.Store) {
			w.mustLoad(s, "q-2", none)
			w.mustLoad(s, "q-4", none)
			w.mustLoad(s, "q-3", 1)
		},
	} {
		t.Run(name, func(*testing.T) { ask(w.store()) })
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v: open transactions were waited for", took)
	}
	store := w.store()
	w.mustTake(store, "q-1", 3)
	w.mustCommit(store, 4, nil)
	w.mustTake(store, "q-3", 1)
	w.mustTake(store, "q-2", none)
	w.mustTake(store, "q-4", none)
	w.wantPosition(4)
}

// What was open is read once it is committed: by Take, and by the store that commits.
func TestEndOfAnOpenTransactionIsSeen(t *testing.T) {
	w := onBrokers(t, 1)
	reader, writer := w.store(), w.store()
	w.mustLoad(reader, "q-1", none) // it is read on from here
	w.killedWriter("q-2", nil, 1)
	w.mustLoad(reader, "q-1", none)
	w.mustCommit(writer, 1, nil)
	w.mustCommit(writer, 2, nil)
	w.mustTake(reader, "q-1", 2)
	w.mustTake(reader, "q-2", none)
	if err := reader.Save(t.Context(), key("q-2"), at("q-2", 5)); err != nil {
		t.Error(err)
	}
	w.mustTake(w.store(), "q-2", 5)
}

// A commit that comes while the topic is read on is not forgotten for what was read before.
func TestReadingOnNeverGoesBack(t *testing.T) {
	w := onBrokers(t, 1)
	wire := w.throughWire(nil)
	store := w.store()
	w.mustCommit(store, 1, nil)
	answered, committed, asked, looked := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	wire.change(func(key kmsg.Key, n int) fate {
		switch {
		case key == kmsg.Fetch && n == 1:
			return fate{done: func() { close(answered) }, told: committed}
		case key == kmsg.Fetch && n == 2:
			return fate{then: func() { close(asked) }, held: looked}
		}
		return fate{}
	})
	taken := make(chan error, 1)
	go func() {
		_, _, err := store.Take(w.Context(), key("q-2")) // reads on
		taken <- err
	}()
	<-answered
	w.mustCommit(store, 2, nil)
	close(committed)
	<-asked
	w.mustLoad(store, "q-1", 2)
	close(looked)
	if err := <-taken; err != nil {
		t.Error(err)
	}
	w.mustLoad(store, "q-1", 2)
}

// Killed while it stored the first position of all, a process has stored none.
func TestKilledAtTheFirstPosition(t *testing.T) {
	w := onBrokers(t, 1)
	w.killedWriter("q-1", w.page(0xdead, 2), 1)
	store := w.store()
	w.mustLoad(store, "q-1", none)
	w.mustTake(store, "q-1", none)
	if err := store.Save(t.Context(), key("q-1"), at("q-1", 1)); err != nil {
		t.Error(err)
	}
	w.wantPosition(1)
	w.wantTopic()
}

package transact_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/checkpoint"
)

// Queues are walked at once, while the topic is read on, others write and what is old is
// deleted: each ledger is at any time what its queue has made of it.
func TestLedgersOfManyQueuesAtOnce(t *testing.T) {
	w := onBrokers(t, 1)
	store, other := w.store(), w.store(named("backfill"))
	days := []checkpoint.Day{"2026-02-27", yesterday, today}
	var group sync.WaitGroup
	for number := range 8 {
		queue := fmt.Sprintf("q-%d", number)
		group.Go(func() {
			want := map[checkpoint.Day]string{}
			for page := 1; page <= 25; page++ {
				day, text := days[page%3], fmt.Sprintf("%s %d;", queue, page)
				offset := len(want[day])
				switch page % 7 {
				case 3:
					offset = 0
				case 5:
					offset /= 2
				case 6:
					store.Release(key(queue))
					if _, _, err := store.Take(t.Context(), key(queue)); err != nil {
						t.Error(err)
					}
				case 0:
					if err := store.Forget(t.Context(), queue, yesterday); err != nil {
						t.Error(err)
					}
					delete(want, days[0])
					offset = len(want[day])
				}
				want[day] = want[day][:offset] + text
				if err := store.Save(t.Context(), key(queue), at(queue, page), chunk(day, offset, text)); err != nil {
					t.Error(err)
				}
				for _, day := range days {
					if text, err := store.Ledger(t.Context(), queue, day); err != nil || string(text) != want[day] {
						t.Errorf("page %d: ledger of %s of %s: %q, %v; want %q", page, queue, day, text, err, want[day])
						return
					}
				}
				if err := other.Save(t.Context(), key(queue), at(queue, page), chunk(day, 0, strings.Repeat("other", page))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	anew := w.store()
	w.wantLedger(anew, "q-0", "2026-02-01", "")
	if live, anew := store.Index(), anew.Index(); !maps.EqualFunc(live, anew, slices.Equal) {
		t.Errorf("the store that wrote them knows\n%v\none that starts anew\n%v", live, anew)
	}
	w.wantOutages(0)
}

// What is read late, and was deleted since by this store itself, does not come back.
func TestReadingOnBringsNothingBack(t *testing.T) {
	w := onFake(t, 1)
	w.ledgers = w.cluster.CreateTopic(t, 1, "cleanup.policy=compact")
	wire := w.throughWire(nil)
	store := w.store()
	w.mustSave(store, "q-1", 1, chunk(today, 0, "abc"))
	w.mustSave(store, "q-1", 2, chunk(today, 3, "def"))
	reached, goOn, answered, told := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	wire.change(only(kmsg.Produce, fate{then: func() { close(reached) }, held: goOn}, 1))
	saved, loaded := make(chan error, 1), make(chan error, 1)
	go func() { saved <- store.Save(t.Context(), key("q-1"), at("q-1", 3), chunk(today, 0, "new")) }()
	<-reached
	w.mustTake(store, "q-2", none)
	wire.change(only(kmsg.Fetch, fate{done: func() { close(answered) }, told: told}, 1))
	go func() {
		_, err := store.Ledger(t.Context(), "q-2", today) // reads on
		loaded <- err
	}()
	<-answered
	close(goOn)
	if err := <-saved; err != nil {
		t.Fatal(err)
	}
	left := w.handsOutNothing(2) // of what came since
	close(told)
	if err := <-loaded; err != nil {
		t.Fatal(err)
	}
	if left.Load() > 0 {
		t.Fatal("the topic was not read on as it should be here")
	}
	w.wantLedger(store, "q-1", today, "new")
	w.wantLedger(w.store(), "q-1", today, "new")
}

package transact_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/transact"
)

// A page, its position and what the ledgers have of it are one: killed before the end of the
// transaction, none of them is there.
func TestChunksOfAKilledWriter(t *testing.T) {
	w := onBrokers(t, 2)
	before := w.store()
	if _, err := before.Commit(t.Context(), key("q-1"), w.page(1, 10), at("q-1", 1), chunk(today, 0, "one"), chunk(yesterday, 0, "other")); err != nil {
		t.Fatal(err)
	}
	before.Release(key("q-1"))
	dead := w.page(0xdead, 10)
	for day, value := range map[checkpoint.Day]string{today: "dead", yesterday: ""} {
		dead = append(dead, &producer.Message{Topic: w.ledgers, Key: fmt.Sprintf("default/q-1/%s/%012d", day, 3*len(value)/4), Value: []byte(value)})
	}
	w.killedWriter("q-1", dead, 2)

	reader := w.store()
	w.mustLoad(reader, "q-1", 1)
	w.wantLedger(reader, "q-1", today, "one")
	after := w.store()
	w.mustTake(after, "q-1", 1)
	for _, store := range []*transact.Store{before, reader, after} {
		w.wantLedger(store, "q-1", today, "one")
		w.wantLedger(store, "q-1", yesterday, "other")
	}
	if _, err := after.Commit(t.Context(), key("q-1"), w.page(2, 10), at("q-1", 2), chunk(today, 3, "two")); err != nil {
		t.Fatal(err)
	}
	w.wantTopic(w.page(1, 10), w.page(2, 10))
	w.wantLedger(after, "q-1", today, "onetwo")
	w.wantLedger(w.store(), "q-1", today, "onetwo")
}

// What another process wrote is known to who takes the key after it, and what it deleted.
func TestChunksOfAnotherProcess(t *testing.T) {
	w := onBrokers(t, 1)
	first, second := w.store(), w.store()
	w.mustSave(second, "q-2", 1, chunk(today, 0, "its own")) // both have read the topic
	w.wantLedger(first, "q-1", today, "")
	w.mustSave(first, "q-1", 1, chunk(today, 0, "abc"), chunk(yesterday, 0, "x"))
	w.mustSave(first, "q-1", 2, chunk(today, 3, "def"))
	w.mustTake(second, "q-1", 2)
	w.wantLedger(second, "q-1", today, "abcdef")
	w.mustSave(second, "q-1", 3, chunk(today, 4, "E"), chunk(yesterday, 0, ""))
	third := w.store()
	w.mustTake(third, "q-1", 3)
	w.wantLedger(third, "q-1", today, "abcdE")
	w.wantLedger(third, "q-1", yesterday, "")
	w.mustSave(third, "q-1", 4, chunk(today, 0, "new"))
	if err := second.Save(t.Context(), key("q-1"), at("q-1", 4), chunk(today, 5, "late")); !errors.Is(err, checkpoint.ErrFenced) {
		t.Errorf("%v, want that another has the key", err)
	}
	w.wantLedger(w.store(), "q-1", today, "new")
	w.wantLedger(second, "q-2", today, "its own")
}

// Ledgers of other names stay as they are, and so do records that are none.
func TestLedgersOfOtherNames(t *testing.T) {
	w := onBrokers(t, 1)
	strange := []string{"default/q-1/2026-03-01", "default/q-1/2026-03-01/", "default/q-1/2026-03-01/7", "default/q-1/2026-3-1/000000000003",
		"default//2026-03-01/000000000003", "default/2026-03-01/000000000003", "other/q-1/2026-03-01/000000000003", "something", ""}
	client := w.client(kgo.DefaultProduceTopic(w.ledgers))
	for _, key := range strange {
		if err := client.ProduceSync(t.Context(), &kgo.Record{Key: []byte(key), Value: []byte("strange")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	one, two := w.store(), w.store(named("default2"))
	for page := 1; page <= 3; page++ {
		w.mustSave(one, "q-1", page, chunk(today, page-1, "a"))
		w.mustSave(two, "q-1", page, chunk(today, page-1, "b"))
	}
	w.mustSave(one, "q-1", 4, chunk(today, 0, "c"))
	if err := one.Forget(t.Context(), "q-1", "2026-03-02"); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Rewind(t.Context(), key("q-1"), at("q-1", 1)); err != nil {
		t.Fatal(err)
	}
	w.wantLedger(w.store(), "q-1", today, "")
	w.wantLedger(w.store(named("default2")), "q-1", today, "bbb")
	there := w.ledgerRecords()
	for _, key := range strange {
		if !there[key] {
			t.Errorf("record %q is gone", key)
		}
	}
}

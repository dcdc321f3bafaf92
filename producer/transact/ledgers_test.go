package transact_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/transact"
)

const (
	today     checkpoint.Day = "2026-03-01"
	yesterday checkpoint.Day = "2026-02-28"
)

func chunk(day checkpoint.Day, offset int, text string) checkpoint.Chunk {
	return checkpoint.Chunk{Day: day, Offset: offset, Text: []byte(text)}
}

// mustSave stores the position behind a page of a queue, with chunks.
func (w *world) mustSave(store *transact.Store, queue string, page int, chunks ...checkpoint.Chunk) {
	w.Helper()
	if err := store.Save(w.Context(), key(queue), at(queue, page), chunks...); err != nil {
		w.Fatalf("save page %d of %s: %v", page, queue, err)
	}
}

func (w *world) wantLedger(store *transact.Store, queue string, day checkpoint.Day, want string) {
	w.Helper()
	text, err := store.Ledger(w.Context(), queue, day)
	if err != nil {
		w.Fatalf("ledger of %s of %s: %v", queue, day, err)
	}
	if string(text) != want {
		w.Fatalf("ledger of %s of %s: %d bytes, %.60q; want %d, %.60q", queue, day, len(text), text, len(want), want)
	}
}

// ledgerRecords are the keys in the ledger topic, of each whether its last record has a value.
func (w *world) ledgerRecords() map[string]bool {
	w.Helper()
	all := map[string]bool{}
	for _, m := range w.cluster.Read(w, w.ledgers) {
		all[m.Key] = m.Value != nil
	}
	return all
}

// Whatever is stored, cut, replaced and forgotten: the text is what it should be, for the
// store that wrote it and for who starts anew, and both know the same records.
func TestLedgersInAnyOrder(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := onBrokers(t, 1)
			dice := rand.New(rand.NewPCG(seed, 1))
			store := w.store()
			queues, days := []string{"q-1", "q/2", "q-1/2026-03-01"}, []checkpoint.Day{yesterday, today}
			want, pages := map[string]string{}, map[string]int{"q-1": 1, "q/2": 1, "q-1/2026-03-01": 1}
			for step := range 120 {
				queue, day := queues[dice.IntN(len(queues))], days[dice.IntN(2)]
				name := queue + " " + string(day)
				text := strings.Repeat(fmt.Sprintf("%d,", step), 1+dice.IntN(8))
				offset := len(want[name])
				switch dice.IntN(12) {
				case 0:
					offset = 0
				case 1:
					offset = dice.IntN(offset + 1)
				case 2:
					offset, text = dice.IntN(offset+1), ""
				case 3:
					store.Release(key(queue))
				case 4:
					store.Close()
					store = w.store()
				case 5:
					if err := store.Forget(t.Context(), queue, today); err != nil {
						t.Fatal(err)
					}
					delete(want, queue+" "+string(yesterday))
					offset = len(want[name])
				case 6:
					if _, err := store.Rewind(t.Context(), key(queue), at(queue, pages[queue])); err != nil {
						t.Fatal(err)
					}
					delete(want, queue+" "+string(yesterday))
					delete(want, queue+" "+string(today))
					offset = 0
				case 7:
					if step%4 == 0 && w.cluster.Fake != nil {
						w.cluster.Fake.Compact()
					}
				}
				pages[queue]++
				w.mustSave(store, queue, pages[queue], chunk(day, offset, text))
				want[name] = want[name][:offset] + text
				w.wantLedger(store, queue, day, want[name])
			}
			after := w.store()
			for _, queue := range queues {
				for _, day := range days {
					w.wantLedger(store, queue, day, want[queue+" "+string(day)])
					w.wantLedger(after, queue, day, want[queue+" "+string(day)])
				}
			}
			if live, anew := store.Index(), after.Index(); !maps.EqualFunc(live, anew, slices.Equal) {
				t.Errorf("the store that wrote them knows\n%v\none that starts anew\n%v", live, anew)
			}
			w.wantOutages(0)
		})
	}
}

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

// A ledger that is larger than brokers let pass in a batch is stored as several records.
func TestLargeChunk(t *testing.T) {
	w := onBrokers(t, 1)
	store := w.store(compressing("zstd"))
	dice := rand.New(rand.NewPCG(5, 6))
	text := make([]byte, 3_000_001)
	for i := range text {
		text[i] = byte(dice.Uint32()) // as the hashes of a ledger, nothing that could be compressed
	}
	w.mustSave(store, "q-1", 1, chunk(today, 0, string(text)), chunk(yesterday, 0, "y"))
	w.mustSave(store, "q-1", 2, chunk(today, len(text), "more"))
	want := string(text) + "more"
	w.wantLedger(store, "q-1", today, want)
	w.wantLedger(w.store(), "q-1", today, want)
	if n := len(w.ledgerRecords()); n != 6 {
		t.Errorf("%d records, want 4 of the large one, 1 behind it and 1 of the other day", n)
	}
	w.mustSave(store, "q-1", 3, chunk(today, 1_000_000, "cut"))
	w.wantLedger(w.store(), "q-1", today, string(text[:1_000_000])+"cut")
	w.mustSave(store, "q-1", 4, chunk(today, 0, "small"))
	w.wantLedger(store, "q-1", today, "small")
	w.wantLedger(w.store(), "q-1", today, "small")
	w.wantOutages(0)
}

// All records of a ledger are in the partition that murmur2 of its key without the offset
// names; when there are more partitions, what was written before is found, cut and deleted.
func TestPartitionOfALedger(t *testing.T) {
	w := onBrokers(t, 1)
	store := w.store()
	var ledgers []string
	for i := range 20 {
		queue := fmt.Sprintf("q-%d", i)
		ledgers = append(ledgers, "default/"+queue+"/"+string(today))
		for page := 1; page <= 3; page++ {
			w.mustSave(store, queue, page, chunk(today, page-1, "x"))
		}
	}
	want := map[string]int{}
	for i, partition := range kafkatest.Partitions(t, ledgers, 3) {
		want[ledgers[i]] = partition
	}
	for _, m := range w.cluster.Read(t, w.ledgers) {
		if ledger := m.Key[:strings.LastIndexByte(m.Key, '/')]; m.Partition != want[ledger] {
			t.Errorf("key %s is in partition %d, want %d", m.Key, m.Partition, want[ledger])
		}
	}
	w.cluster.AddPartitions(t, w.ledgers, 7)
	after := w.store()
	for i := range 20 {
		queue := fmt.Sprintf("q-%d", i)
		w.mustSave(after, queue, 4, chunk(today, 2, "abc")) // in the place of a record that is elsewhere, perhaps
		w.mustSave(after, queue, 5, chunk(today, 1, "y"))
		w.mustSave(after, queue, 6, chunk(today, 2, "z"))
		w.wantLedger(after, queue, today, "xyz")
	}
	anew := w.store()
	for i := range 20 {
		w.wantLedger(anew, fmt.Sprintf("q-%d", i), today, "xyz")
	}
	if live, anew := after.Index(), anew.Index(); !maps.EqualFunc(live, anew, slices.Equal) {
		t.Errorf("the store that wrote them knows\n%v\none that starts anew\n%v", live, anew)
	}
}

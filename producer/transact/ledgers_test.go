package transact_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
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

package transact_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Whatever becomes of a request or of its answer: the chunks are there once, with the page.
func TestLostRequestsAndAnswersWithChunks(t *testing.T) {
	for _, kind := range []kmsg.Key{kmsg.Produce, kmsg.EndTxn, kmsg.InitProducerID, kmsg.Fetch, kmsg.ListOffsets, kmsg.Metadata} {
		for lost, f := range map[string]fate{"request": {unsent: true}, "answer": {unheard: true}} {
			for _, ns := range [][]int{{1}, {1, 2, 3}} {
				t.Run(fmt.Sprintf("%s/%s/%d times", kind.Name(), lost, len(ns)), func(t *testing.T) {
					w := onBrokers(t, 2)
					wire := w.throughWire(nil)
					store := w.store()
					want := ""
					for page := 1; page <= 4; page++ {
						if page == 2 {
							wire.change(only(kind, f, ns...))
							if kind != kmsg.Produce && kind != kmsg.EndTxn {
								store.Release(key("q-1"))
							}
						}
						offset := len(want)
						if page == 3 {
							offset-- // cuts off what the page before has written
						}
						text := fmt.Sprintf("page %d;", page)
						want = want[:offset] + text
						if _, err := store.Commit(t.Context(), key("q-1"), w.page(page, 10), at("q-1", page), chunk(today, offset, text)); err != nil {
							t.Fatal(err)
						}
						w.wantLedger(store, "q-1", today, want)
					}
					if n := wire.count(kind); n < len(ns) {
						t.Errorf("%d requests, want that %d are lost", n, len(ns))
					}
					w.wantTopic(w.page(1, 10), w.page(2, 10), w.page(3, 10), w.page(4, 10))
					w.wantPosition(4)
					w.wantLedger(w.store(), "q-1", today, want)
				})
			}
		}
	}
}

// Chunks do not change what becomes of messages that are too large.
func TestTooLargeMessagesWithChunks(t *testing.T) {
	w := onBrokers(t, 1, "max.message.bytes=2000")
	store := w.store()
	page := w.page(1, 30)
	page[7].Value = append(page[7].Value, strings.Repeat("x", 4000)...)
	refused, err := store.Commit(t.Context(), key("q-1"), page, at("q-1", 1), chunk(today, 0, "a"))
	if err != nil || len(refused) != 1 || refused[0] != page[7] {
		t.Fatalf("%d messages are refused, %v; want the one", len(refused), err)
	}
	w.wantOpen(0)
	w.wantLedger(store, "q-1", today, "")
	page[7] = w.message(page[7].Key, "a small one")
	if refused, err := store.Commit(t.Context(), key("q-1"), page, at("q-1", 1), chunk(today, 0, "a")); err != nil || len(refused) > 0 {
		t.Fatalf("%d messages are refused, %v", len(refused), err)
	}
	w.wantTopic(page)
	w.wantLedger(store, "q-1", today, "a")
	w.wantLedger(w.store(), "q-1", today, "a")
}

// The topic is read once. A ledger that is loaded then costs the brokers what it has, and
// what the store writes itself it does not read.
func TestLoadReadsWhatItNeeds(t *testing.T) {
	w := onBrokers(t, 1)
	writer := w.store()
	const queues, chunks, size = 20, 12, 5000
	text := strings.Repeat("z", size)
	for page := 1; page <= chunks; page++ {
		for i := range queues {
			w.mustSave(writer, fmt.Sprintf("q-%d", i), page, chunk(today, (page-1)*size, text))
		}
	}
	wire := w.throughWire(nil)
	store := w.store()
	load := func(i int) {
		t.Helper()
		w.wantLedger(store, fmt.Sprintf("q-%d", i), today, strings.Repeat(text, chunks))
	}
	load(0)
	if all := wire.size(kmsg.Fetch); all < queues*chunks*size {
		t.Fatalf("%d bytes were fetched at the first use, which is not the topic", all)
	}
	wire.change(nil)
	load(7)
	if requests, bytes := wire.count(kmsg.Fetch), wire.size(kmsg.Fetch); requests > chunks || bytes > queues*chunks*size/3 {
		t.Errorf("%d requests and %d bytes for a ledger of %d bytes", requests, bytes, chunks*size)
	}
	w.mustTake(store, "q-3", chunks) // somebody else may have written
	wire.change(nil)
	load(3)
	if bytes := wire.size(kmsg.Fetch); bytes > queues*chunks*size/3 {
		t.Errorf("%d bytes for the ledger of a key that was taken: the topic was read again", bytes)
	}
	wire.change(nil)
	for page := chunks + 1; page <= 2*chunks; page++ {
		w.mustSave(store, "q-3", page, chunk(today, (page-1)*size, text))
	}
	if n := wire.count(kmsg.Fetch); n > 0 {
		t.Errorf("%d requests to read, for what the store wrote itself", n)
	}
	wire.change(nil)
	w.wantLedger(store, "q-3", today, strings.Repeat(text, 2*chunks))
	if n := wire.count(kmsg.Metadata); n > 1 {
		t.Errorf("%d requests for the leader, want 1", n)
	}
	w.wantOutages(0)
}

// A large chunk, which lies in one run, is read in few requests.
func TestLoadReadsInOnePass(t *testing.T) {
	w := onBrokers(t, 1)
	w.mustSave(w.store(), "q-1", 1, chunk(today, 0, strings.Repeat("0123456789", 400_000)))
	wire := w.throughWire(nil)
	store := w.store()
	w.wantLedger(store, "q-9", today, "")
	wire.change(nil)
	w.wantLedger(store, "q-1", today, strings.Repeat("0123456789", 400_000))
	if requests, bytes := wire.count(kmsg.Fetch), wire.size(kmsg.Fetch); requests > 2 || bytes > 5_000_000 {
		t.Errorf("%d requests and %d bytes for 4 MB in 5 records", requests, bytes)
	}
}

// What others have not ended hides no ledger behind it.
func TestLedgerBehindAnOpenTransaction(t *testing.T) {
	w := onBrokers(t, 1)
	writer := w.store()
	w.mustSave(writer, "q-1", 1, chunk(today, 0, "a"))
	client := w.client(kgo.TransactionalID("somebody."+w.ledgers), kgo.TransactionTimeout(15*time.Second), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err := client.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for partition := range int32(3) {
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: w.ledgers, Partition: partition, Key: []byte("k")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	w.mustSave(writer, "q-1", 2, chunk(today, 1, "b"))
	began := time.Now()
	w.wantLedger(writer, "q-1", today, "ab")
	reader := w.store()
	w.wantLedger(reader, "q-1", today, "ab")
	w.mustTake(reader, "q-1", 2)
	w.wantLedger(reader, "q-1", today, "ab")
	w.mustSave(reader, "q-1", 3, chunk(today, 1, "c"))
	w.wantLedger(reader, "q-1", today, "ac")
	w.wantLedger(w.store(), "q-1", today, "ac")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v: open transactions were waited for", took)
	}
}

// What is gone ends a ledger, and a topic that is gone ends all of them. Nobody vouches for
// them, and the walk goes on.
func TestLedgersThatAreGone(t *testing.T) {
	w := onBrokers(t, 1)
	store := w.store()
	for page := 1; page <= 3; page++ {
		w.mustSave(store, "q-1", page, chunk(today, page-1, "x"))
	}
	w.cluster.Configure(t, w.ledgers, "cleanup.policy=delete")
	offsets := make(kadm.Offsets)
	for _, m := range w.cluster.Read(t, w.ledgers) {
		if strings.HasSuffix(m.Key, "/000000000001") {
			offsets.Add(kadm.Offset{Topic: w.ledgers, Partition: int32(m.Partition), At: m.Offset})
		}
	}
	deleted, err := kadm.NewClient(w.client()).DeleteRecords(t.Context(), offsets)
	if err == nil {
		err = deleted.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	w.wantLedger(store, "q-1", today, "")
	w.mustSave(store, "q-1", 4, chunk(today, 0, "new"))
	w.wantLedger(store, "q-1", today, "new")
	w.wantLedger(w.store(), "q-1", today, "new")
	w.wantOutages(0)

	w.cluster.DeleteTopic(t, w.ledgers)
	w.cluster.CreateTopicNamed(t, w.ledgers, 2, "cleanup.policy=compact")
	w.wantLedger(store, "q-1", today, "")
	w.mustSave(store, "q-1", 5, chunk(today, 3, "behind nothing"))
	w.wantLedger(store, "q-1", today, "")
	w.mustSave(store, "q-1", 6, chunk(today, 0, "again"))
	w.wantLedger(store, "q-1", today, "again")
	w.wantLedger(w.store(), "q-1", today, "again")
	if lines := strings.Join(w.log.Lines(), "\n"); strings.Count(lines, "ERROR kafka: the ledger topic was deleted and created again") != 1 {
		t.Errorf("the log is %q, want that it says so once", lines)
	}
}

// Leaders that move, and leaders that do not yet hand out what they have, are waited for.
func TestLoadWaitsForLeaders(t *testing.T) {
	w := onFake(t, 1, kfake.NumBrokers(3))
	store := w.store()
	w.mustSave(store, "q-1", 1, chunk(today, 0, "abc"))
	w.wantLedger(store, "q-1", today, "abc")
	w.cluster.Fake.ShufflePartitionLeaders()
	w.wantLedger(store, "q-1", today, "abc")
	left := w.handsOutNothing(5)
	w.wantLedger(store, "q-1", today, "abc")
	if left.Load() > 0 {
		t.Error("not all answers were met")
	}
	fault := w.cluster.Fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Err: kerr.NotLeaderForPartition, Count: 5})
	w.wantLedger(store, "q-1", today, "abc")
	if fault.Hits() != 5 {
		t.Errorf("%d answers, want 5", fault.Hits())
	}
	w.wantOutages(1)
}

// Without a topic for them, a store has no ledgers, and says so.
func TestStoreWithoutLedgers(t *testing.T) {
	w := onBrokers(t, 1)
	w.ledgers = ""
	store := w.store()
	w.mustSave(store, "q-1", 1)
	if err := store.Save(t.Context(), key("q-1"), at("q-1", 2), chunk(today, 0, "x")); err == nil || !strings.Contains(err.Error(), "no topic for ledgers") {
		t.Errorf("save: %v", err)
	}
	if _, err := store.Ledger(t.Context(), "q-1", today); err == nil || !strings.Contains(err.Error(), "no topic for ledgers") {
		t.Errorf("ledger: %v", err)
	}
	if former, err := store.Rewind(t.Context(), key("q-1"), at("q-1", 1)); err != nil || former != at("q-1", 1) {
		t.Errorf("rewind: %v, %v", former, err)
	}
	w.mustLoad(store, "q-1", 1)
}

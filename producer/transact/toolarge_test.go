package transact_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer"
	"genesys-producer/producer/transact"
)

// commitWithout commits a page and replaces what is refused by something small, as the
// committer does with dead letters. It returns what was refused, and what was committed.
func (w *world) commitWithout(store *transact.Store, page int, messages []*producer.Message) (refused, committed []*producer.Message) {
	w.Helper()
	messages = slices.Clone(messages)
	for range len(messages) + 1 {
		some, err := store.Commit(w.Context(), key("q-1"), messages, at("q-1", page))
		if err != nil {
			w.Fatalf("commit: %v", err)
		}
		if len(some) == 0 {
			return refused, messages
		}
		w.wantOpen(0)
		refused = append(refused, some...)
		for _, m := range slices.Clone(some) {
			i := slices.Index(messages, m)
			if i < 0 {
				w.Fatalf("message %s is refused, and was not handed over", m.Key)
			}
			messages[i] = w.message(m.Key, "a small one")
		}
	}
	w.Fatal("more is refused than was handed over")
	return nil, nil
}

// Messages that the topic does not take are told, each once, and the rest is committed
// with what stands for them.
func TestTooLargeMessagesComeBack(t *testing.T) {
	const count = 6
	all := make([]int, count)
	for i := range all {
		all[i] = i
	}
	for name, places := range map[string][]int{"first": {0}, "middle": {3}, "last": {5}, "several": {1, 2, 4}, "all": all} {
		for _, partitions := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s of %d", name, partitions), func(t *testing.T) {
				w := onBrokers(t, partitions, "max.message.bytes=2000")
				store := w.store()
				w.mustTake(store, "q-1", none)
				w.mustCommit(store, 1, w.page(1, count))
				page := w.page(2, count)
				for _, i := range places {
					page[i].Value = append(page[i].Value, strings.Repeat("x", 4000)...)
				}
				refused, committed := w.commitWithout(store, 2, page)
				w.wantPosition(2)
				var want []*producer.Message
				for _, i := range places {
					want = append(want, page[i])
				}
				for _, m := range want {
					if !slices.Contains(refused, m) {
						t.Errorf("message %s of %d bytes did not come back", m.Key, m.Size())
					}
				}
				if len(refused) != len(want) {
					t.Errorf("%d messages came back, want %d", len(refused), len(want))
				}
				w.mustCommit(store, 3, w.page(3, count))
				w.wantTopic(w.page(1, count), committed, w.page(3, count))
				w.wantPosition(3)
				w.wantOutages(0)
			})
		}
	}
}

// A batch may be too large where none of its messages is.
func TestBatchThatIsTooLarge(t *testing.T) {
	for _, limit := range []int{700, 1000, 2000, 10_000} { // the pages' messages are below 700 bytes
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			w := onBrokers(t, 2, fmt.Sprintf("max.message.bytes=%d", limit))
			store := w.store()
			w.mustCommit(store, 1, w.page(1, 30))
			w.mustCommit(store, 2, w.page(2, 30))
			w.wantTopic(w.page(1, 30), w.page(2, 30))
			w.wantPosition(2)
			w.wantOutages(0)
		})
	}
}

// Brokers that are far away, and a page in one partition: what is learnt of the sizes does
// not take a round trip for each message.
func TestBatchThatIsTooLargeForBrokersFarAway(t *testing.T) {
	inBubble(t, func(w *world) {
		w.partitions, w.messages = 1, w.cluster.CreateTopic(t, 1, "max.message.bytes=10000")
		wire := w.throughWire(nil)
		store := w.store()
		w.mustTake(store, "q-1", none)
		w.mustCommit(store, 1, w.page(1, 1))
		wire.change(func(kmsg.Key, int) fate { return fate{then: func() { time.Sleep(100 * time.Millisecond) }} })
		page := w.page(2, 250)
		page[7].Value = append(page[7].Value, strings.Repeat("x", 20_000)...)
		refused, committed := w.commitWithout(store, 2, page)
		if len(refused) != 1 || refused[0] != page[7] {
			t.Errorf("%d messages came back, want the one", len(refused))
		}
		w.wantTopic(w.page(1, 1), committed)
		w.wantPosition(2)
		w.wantOutages(0)
	})
}

// Around a limit, the topic's or the service's own, each message is committed or comes
// back, and what is within the limit never does.
func TestAtTheEdgeOfTheLimit(t *testing.T) {
	const limit = 3000
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		t.Run(codec, func(t *testing.T) {
			w := onBrokers(t, 1, fmt.Sprintf("max.message.bytes=%d", limit))
			store := w.store(compressing(codec))
			dice := rand.New(rand.NewPCG(1, 2))
			var there []*producer.Message
			refusals := 0
			page := 0
			for size := limit - 1; size <= limit+100; size++ {
				if size > limit+1 {
					size = max(size+3, limit+40) // the edge that the broker sees is from there on
				}
				m := w.message(fmt.Sprintf("%08d", size), "")
				m.Value = make([]byte, size-m.Size())
				for i := range m.Value {
					m.Value[i] = byte(dice.Uint32()) // nothing that could be compressed
				}
				page++
				refused, committed := w.commitWithout(store, page, []*producer.Message{m})
				there, refusals = append(there, committed...), refusals+len(refused)
				if len(refused) > 0 && size <= limit {
					t.Errorf("a message of %d bytes came back, though %d are allowed", size, limit)
				}
			}
			w.wantTopic(there)
			if refusals == 0 || refusals == len(there) {
				t.Errorf("%d of %d messages came back: that is no edge", refusals, len(there))
			}
			w.wantOutages(0)
		})
	}
}

// The service's own limit is for what it has measured: all that is within is sent.
func TestMessagesOfTheLargestSize(t *testing.T) {
	const limit = 50_000
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		t.Run(codec, func(t *testing.T) {
			w := onBrokers(t, 1)
			store := w.store(compressing(codec), func(c *transact.StoreConfig) { c.MaxMessageBytes = limit })
			var page []*producer.Message
			dice := rand.New(rand.NewPCG(3, 4))
			for size := limit - 20; size <= limit; size++ {
				m := w.message(fmt.Sprintf("%08d", size), "")
				m.Value = make([]byte, size-m.Size())
				for i := range m.Value {
					m.Value[i] = byte(dice.Uint32())
				}
				page = append(page, m)
			}
			w.mustCommit(store, 1, page)
			w.wantTopic(page)
			w.wantOutages(0)
		})
	}
}

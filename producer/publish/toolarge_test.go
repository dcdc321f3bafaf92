package publish_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"genesys-producer/producer"
	"genesys-producer/producer/publish"
)

// enlarge makes the messages at these places so large and returns them.
func (w *world) enlarge(messages []*producer.Message, size int, places ...int) (large []*producer.Message) {
	w.Helper()
	for _, i := range places {
		m := messages[i]
		m.Value = append(m.Value, strings.Repeat("x", size-m.Size())...)
		large = append(large, m)
	}
	return large
}

func without(messages, some []*producer.Message) (rest []*producer.Message) {
	for _, m := range messages {
		if !slices.Contains(some, m) {
			rest = append(rest, m)
		}
	}
	return rest
}

// wantRefused expects exactly these messages, the very ones that were handed over, in
// any order.
func (w *world) wantRefused(refused, want []*producer.Message) {
	w.Helper()
	times := map[*producer.Message]int{}
	for _, m := range refused {
		times[m]++
	}
	for _, m := range want {
		if times[m] != 1 {
			w.Errorf("message %s of %d bytes came back %d times, want once", m.Key, m.Size(), times[m])
		}
		delete(times, m)
	}
	for m, n := range times {
		w.Errorf("message %s of %d bytes came back %d times, want never", m.Key, m.Size(), n)
	}
}

// A topic that takes less than a batch gets smaller ones.
func TestTopicTakesLessThanABatch(t *testing.T) {
	for _, limit := range []int{700, 1000, 2000, 10_000} { // the pages' messages are below 700 bytes
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			w := onBrokers(t, 2, fmt.Sprintf("max.message.bytes=%d", limit))
			p := w.publisher()
			again := w.page(1, 50)
			for i := range again {
				again[i].Value = fmt.Appendf(nil, `{"second version":%d}`, i)
			}
			twice := slices.Concat(w.page(1, 50), again)
			w.mustPublish(p, twice)
			w.mustPublish(p, w.page(2, 50))
			w.wantTopic(twice, w.page(2, 50))
			w.wantOutages(0)
		})
	}
}

// What is too large comes back. All else is published, in order and once.
func TestTooLargeMessagesComeBack(t *testing.T) {
	const messages = 30
	all := make([]int, messages)
	for i := range all {
		all[i] = i
	}
	for name, places := range map[string][]int{
		"first": {0}, "middle": {14}, "last": {29}, "ends": {0, 29}, "neighbours": {13, 14, 15}, "scattered": {2, 7, 11, 12, 25}, "every other": {1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29},
		"all but one": slices.Delete(slices.Clone(all), 17, 18), "all": all,
	} {
		for _, partitions := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s of %d", name, partitions), func(t *testing.T) {
				w := onBrokers(t, partitions, "max.message.bytes=2000")
				p := w.publisher()
				page := w.page(1, messages)
				large := w.enlarge(page, 4000, places...)
				refused, err := p.Publish(t.Context(), page)
				if err != nil {
					t.Fatal(err)
				}
				w.wantRefused(refused, large)
				w.mustPublish(p, w.page(2, messages))
				w.wantTopic(without(page, large), w.page(2, messages))
				w.wantOutages(0)
			})
		}
	}
}

// Around the topic's limit each message is either on the topic or has come back: with
// what counts as a message's size here, and around the size that the broker sees, which
// is less. What is within the limit is never refused, though nothing of it can be
// compressed.
func TestAtTheEdgeOfTheLimit(t *testing.T) {
	const limit = 3000
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		for _, ours := range []int{limit, 1_000_000} { // each message alone; all of them in one batch at first
			t.Run(fmt.Sprintf("%s/%d", codec, ours), func(t *testing.T) {
				w := onBrokers(t, 1, fmt.Sprintf("max.message.bytes=%d", limit))
				p := w.publisher(limited(ours), func(c *publish.Config) { c.Compression = codec })
				var published []*producer.Message
				dice := rand.New(rand.NewPCG(1, 2))
				for size := limit - 2; size <= limit+65; size++ {
					if size == limit+3 {
						size = limit + 30 // the edge that the broker sees is from here on
					}
					m := w.message(fmt.Sprintf("%08d", size), "")
					m.Value = make([]byte, size-m.Size())
					for i := range m.Value {
						m.Value[i] = byte(dice.Uint32()) // nothing that could be compressed
					}
					if m.Size() != size {
						t.Fatalf("a message takes %d bytes, want %d", m.Size(), size)
					}
					published = append(published, m)
				}
				refused, err := p.Publish(t.Context(), published)
				if err != nil {
					t.Fatal(err)
				}
				there := without(published, refused)
				w.wantTopic(there)
				w.wantRefused(refused, without(published, there))
				if len(there) == 0 || len(refused) == 0 {
					t.Errorf("%d messages were published and %d came back: that is no edge", len(there), len(refused))
				}
				for _, m := range refused {
					if m.Size() <= limit {
						t.Errorf("a message of %d bytes came back, though %d are allowed", m.Size(), limit)
					}
				}
				w.wantOutages(0)
			})
		}
	}
}

// A broker judges what it gets: compressed, a message may be larger than the limit.
func TestLargeMessagesAreCompressed(t *testing.T) {
	for _, codec := range []string{"gzip", "snappy", "lz4", "zstd"} {
		t.Run(codec, func(t *testing.T) {
			w := onBrokers(t, 1, "max.message.bytes=4000")
			messages := w.page(1, 20)
			w.enlarge(messages, 40_000, 3, 4, 11)
			w.mustPublish(w.publisher(func(c *publish.Config) { c.Compression = codec }), messages)
			w.wantTopic(messages)
		})
	}
}

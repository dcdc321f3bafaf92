package transact_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// Pages are there as they were handed over, with the position behind the last.
func TestCommittedPages(t *testing.T) {
	for number, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		t.Run(codec, func(t *testing.T) {
			w := onBrokers(t, 4)
			store := w.store(compressing(codec))
			w.mustTake(store, "q-1", none)
			again := w.page(1, 60) // the same keys once more: an order to keep
			for i := range again {
				again[i].Value = fmt.Appendf(nil, `{"second version":%d,"note":"%0200d"}`, i, 0)
			}
			pages := [][]*producer.Message{slices.Concat(w.page(1, 60), again), w.page(2, 1), nil, w.page(4, 100)}
			began := time.Now().Add(-time.Second)
			for i, page := range pages {
				w.mustCommit(store, i+1, page)
				w.mustLoad(store, "q-1", i+1)
				w.wantPosition(i + 1)
			}
			for _, m := range w.wantTopic(pages...) {
				if int(m.Codec) != number {
					t.Fatalf("message %s has codec %d, want %d", m.Key, m.Codec, number)
				}
				if m.Time.Before(began) || m.Time.After(time.Now().Add(time.Second)) {
					t.Fatalf("message %s is stamped %v, not with the time of publishing", m.Key, m.Time)
				}
			}
			w.wantOutages(0)
		})
	}
}

// Keys are where the Java client has them, so that topics can be joined.
func TestPartitionsAreThoseOfJava(t *testing.T) {
	w := onBrokers(t, 12)
	var page []*producer.Message
	var keys []string
	for i := range 300 {
		keys = append(keys, fmt.Sprintf("%08x-%s", i*7919, strings.Repeat("é", i%40)))
		page = append(page, w.message(keys[i], "{}"))
	}
	store := w.store()
	w.mustCommit(store, 1, page)
	want := map[string]int{}
	for i, partition := range kafkatest.Partitions(t, keys, 12) {
		want[keys[i]] = partition
	}
	there := w.cluster.Read(t, w.messages)
	for _, m := range there {
		if m.Partition != want[m.Key] {
			t.Errorf("key %q is in partition %d, want %d", m.Key, m.Partition, want[m.Key])
		}
	}
	if len(there) != len(keys) {
		t.Errorf("%d messages, want %d", len(there), len(keys))
	}
}

// Saves without messages are transactions too; each is there for who starts anew.
func TestSavedPositions(t *testing.T) {
	w := onBrokers(t, 1)
	store := w.store()
	for _, p := range checkpointtest.Walk(key("q-1")) {
		if err := store.Save(t.Context(), key("q-1"), p); err != nil {
			t.Fatal(err)
		}
		if got, found, err := w.store().Load(t.Context(), key("q-1")); err != nil || !found || got != p {
			t.Fatalf("%v, %v, %v; want %v", got, found, err, p)
		}
	}
}

// What is not committed is there, but not for who reads what is committed, be it by
// another client library.
func TestAbortedPageIsInvisible(t *testing.T) {
	w := onBrokers(t, 1)
	w.throughWire(only(kmsg.EndTxn, fate{unsent: true}, 1, 2, 3))
	store := w.store()
	w.mustCommit(store, 1, w.page(1, 10)) // after one that is aborted
	w.killedWriter("q-1", w.page(0xdead, 10), 2)
	w.mustTake(w.store(), "q-1", 1) // which aborts that
	w.wantTopic(w.page(1, 10))
	w.wantPosition(1)
	if n := w.uncommitted(w.messages); n != 30 {
		t.Errorf("%d messages for who reads all, want 30: nothing was aborted", n)
	}
	if n := w.uncommitted(w.topic); n != 4 { // the last one is the claim of who took the key
		t.Errorf("%d positions for who reads all, want 4", n)
	}

	kcat, err := exec.LookPath("kcat")
	switch {
	case err != nil && w.cluster.Fake == nil:
		t.Fatal("kcat, the client of another library, is not installed")
	case err != nil:
		t.Skip("kcat, the client of another library, is not installed")
	}
	var want []string
	for _, m := range w.page(1, 10) {
		want = append(want, m.Key)
	}
	for _, settings := range [][]string{{"-X", "isolation.level=read_committed"}, nil} { // which is its default
		command := exec.CommandContext(w.bounded(30*time.Second), kcat, append([]string{"-b", strings.Join(w.cluster.Brokers, ","),
			"-C", "-t", w.messages, "-o", "beginning", "-e", "-q", "-f", `%k\n`}, settings...)...)
		command.Stderr = t.Output()
		output, err := command.Output()
		if err != nil {
			t.Fatalf("kcat: %v", err)
		}
		if got := strings.Fields(string(output)); !slices.Equal(got, want) {
			t.Errorf("kcat %q reads %q, want %q", settings, got, want)
		}
	}
}

// Conversations and dead letters are committed as one.
func TestPageForTwoTopics(t *testing.T) {
	w := onBrokers(t, 3)
	letters := w.cluster.CreateTopic(t, 2)
	page := w.page(1, 20)
	letter := w.page(2, 5)
	for _, m := range letter {
		m.Topic = letters
	}
	w.mustCommit(w.store(), 1, slices.Concat(letter[:2], page, letter[2:]))
	w.wantTopic(page)
	if n := len(w.cluster.Read(t, letters)); n != 5 {
		t.Errorf("%d dead letters, want 5", n)
	}
}

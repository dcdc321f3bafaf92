package transact_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/transact"
)

// read reads the topic of the messages, each as a line.
func (w *world) read(since time.Time) (lines []string, ranges []transact.Range) {
	w.Helper()
	ranges, err := transact.ReadTopic(w.Context(), w.config(), w.messages, since, func(r transact.Read) {
		lines = append(lines, fmt.Sprintf("%d/%d %s %s %v", r.Partition, r.Offset, r.Key, r.Header("page"), r.Time.UnixMilli()))
	})
	if err != nil {
		w.Fatal(err)
	}
	return lines, ranges
}

// wantRead expects what another reader finds there, as far as it is not left out.
func (w *world) wantRead(since time.Time, leave func(kafkatest.Message) bool) []transact.Range {
	w.Helper()
	var want []string
	for _, m := range w.cluster.Read(w, w.messages) {
		if leave == nil || !leave(m) {
			want = append(want, fmt.Sprintf("%d/%d %s %s %v", m.Partition, m.Offset, m.Key, m.Headers["page"], m.Time.UnixMilli()))
		}
	}
	got, ranges := w.read(since)
	if !slices.Equal(got, want) {
		w.Errorf("read %d messages, want %d:\n%s\nwant\n%s", len(got), len(want), strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return ranges
}

// Messages are read from a time on, each once, in their order, and it is told how far.
func TestReadTopicSince(t *testing.T) {
	w := onBrokers(t, 3)
	client := w.client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	put := func(partition int32, minutes ...int) {
		for _, m := range minutes {
			r := &kgo.Record{Topic: w.messages, Partition: partition, Key: fmt.Appendf(nil, "key-%d", m), Value: []byte("{}"), Timestamp: day.Add(time.Duration(m) * time.Minute)}
			if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(0, 0, 1, 2, 3, 4, 5)
	put(1, 1, 4, 2, 5) // two clocks
	for minutes, first := range map[int][]int64{0: {0, 0, 0}, 2: {2, 1, 0}, 3: {3, 1, 0}, 5: {5, 3, 0}, 9: {6, 4, 0}} {
		since := day.Add(time.Duration(minutes) * time.Minute)
		ranges := w.wantRead(since, func(m kafkatest.Message) bool { return m.Time.Before(since) })
		for i, r := range ranges {
			if r.First != first[i] || r.End != []int64{6, 4, 0}[i] || int(r.Partition) != i || r.Open != 0 {
				t.Errorf("since minute %d, partition %d: %+v", minutes, i, r)
			}
		}
		if r := ranges[1]; minutes == 2 && (!r.Earliest.Equal(day.Add(2*time.Minute)) || !r.Latest.Equal(day.Add(5*time.Minute)) || r.Messages != 3) {
			t.Errorf("%+v, want three messages of the minutes 2 to 5", r)
		}
	}
	w.wantRead(day.Add(2*time.Minute+999*time.Microsecond), func(m kafkatest.Message) bool { return m.Time.Before(day.Add(2 * time.Minute)) })
	w.wantRead(time.Time{}, nil)
}

// What was aborted is left out, and what is open, which is counted: it hides nothing that
// was committed behind it.
func TestReadTopicLeavesOutWhatIsNotCommitted(t *testing.T) {
	w := onBrokers(t, 2)
	w.throughWire(only(kmsg.EndTxn, fate{unsent: true}, 1, 2, 3))
	store := w.store()
	w.mustCommit(store, 1, w.page(1, 30)) // after one that is aborted
	w.killedWriter("q-1", w.page(0xdead, 30), 2)
	w.mustTake(w.store(), "q-1", 1) // which aborts that
	w.wantRead(time.Time{}, nil)

	w.killedWriter("q-2", w.page(0xdead, 30), 1) // open
	began := time.Now()
	w.mustSave(w.store(), "q-3", 1)
	other := w.store()
	if _, err := other.Commit(t.Context(), key("q-4"), w.page(4, 30), at("q-4", 1)); err != nil {
		t.Fatal(err)
	}
	w.killedWriter("q-5", w.page(0xdead, 30), 1)
	w.mustTake(w.store(), "q-5", none) // aborted, behind what is open
	client := w.client()
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: w.messages, Key: []byte("plain"), Value: []byte("{}")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	got, ranges := w.read(time.Time{})
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("it took %v: the open transaction was waited for", took)
	}
	if w.cluster.Fake != nil { // real brokers tell of the commit a moment later
		if len(got) != 61 || strings.Contains(strings.Join(got, "\n"), "0000dead") {
			t.Errorf("%d messages, want two pages and one more:\n%s", len(got), strings.Join(got, "\n"))
		}
		if open := ranges[0].Open + ranges[1].Open; open != 2 {
			t.Errorf("%+v, want one open transaction in each", ranges)
		}
	}
	w.mustTake(w.store(), "q-2", none) // which ends it
	for _, r := range w.wantRead(time.Time{}, nil) {
		if r.Open != 0 {
			t.Errorf("%+v, want nothing open", r)
		}
	}
}

// A topic is read as far as it reached at the call, though it grows; over leaders that move.
func TestReadTopicThatGrows(t *testing.T) {
	w := onFake(t, 2, kfake.NumBrokers(3))
	store := w.store()
	pages := 0
	add := func() {
		pages++
		w.mustCommit(store, pages, w.page(pages, 20))
	}
	add()
	n := 0
	ranges, err := transact.ReadTopic(t.Context(), w.config(), w.messages, time.Time{}, func(transact.Read) {
		if n++; n%10 == 0 {
			w.cluster.Fake.ShufflePartitionLeaders()
			add()
		}
	})
	if err != nil || n != 20 {
		t.Errorf("%d messages, %v; want the 20 that were there", n, err)
	}
	total := 0
	for _, r := range ranges {
		total += r.Messages
	}
	if total != n {
		t.Errorf("%+v, want %d messages in all", ranges, n)
	}
	w.handsOutNothing(5)
	w.wantRead(time.Time{}, nil)
}

// What is compacted away is passed over.
func TestReadTopicThatIsCompacted(t *testing.T) {
	w := onFake(t, 1, kfake.NumBrokers(1))
	w.messages = w.cluster.CreateTopic(t, 1, "cleanup.policy=compact")
	store := w.store()
	for page := 1; page <= 20; page++ {
		w.mustCommit(store, page, w.page(page%3, 5))
	}
	w.cluster.Fake.Compact()
	w.wantRead(time.Time{}, nil)
	if got, _ := w.read(time.Time{}); len(got) >= 100 {
		t.Errorf("%d messages: nothing was compacted", len(got))
	}
}

// What is not there, or not reached, is told, and not waited for.
func TestReadTopicFails(t *testing.T) {
	w := onFake(t, 1)
	nobody := func(transact.Read) { t.Error("a message was read") }
	if ranges, err := transact.ReadTopic(t.Context(), w.config(), kafkatest.TopicName(t), time.Time{}, nobody); !errors.Is(err, kerr.UnknownTopicOrPartition) || len(ranges) > 0 {
		t.Errorf("%v, %v", ranges, err)
	}
	w.mustCommit(w.store(), 1, w.page(1, 3))
	fault := w.cluster.Fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Err: kerr.TopicAuthorizationFailed, Count: -1})
	_, err := transact.ReadTopic(t.Context(), w.config(), w.messages, time.Time{}, nobody)
	if !errors.Is(err, kerr.TopicAuthorizationFailed) || !strings.Contains(err.Error(), w.messages) || !strings.Contains(err.Error(), "the client needs the operations") {
		t.Error(err)
	}
	fault.Remove()
	w.throughWire(func(kmsg.Key, int) fate { return fate{unsent: true} })
	began := time.Now()
	if _, err := transact.ReadTopic(w.bounded(30*time.Second), w.config(), w.messages, time.Time{}, nobody); err == nil || time.Since(began) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

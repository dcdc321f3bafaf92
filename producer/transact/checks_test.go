package transact_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// wantTopic compares the topic, as who reads what is committed sees it, with the
// messages as they were committed: each in its partition, in their order, once, whole. It
// returns what it has read.
func (w *world) wantTopic(committed ...[]*producer.Message) []kafkatest.Message {
	w.Helper()
	java, want := kgo.StickyKeyPartitioner(nil).ForTopic(""), make([][]string, w.partitions)
	for _, m := range slices.Concat(committed...) {
		partition := java.Partition(&kgo.Record{Key: []byte(m.Key)}, w.partitions)
		want[partition] = append(want[partition], fmt.Sprintf("%d %s %v %s", partition, m.Key, m.Headers, m.Value))
	}
	lines, there := slices.Concat(want...), w.cluster.Read(w, w.messages)
	for i, m := range there {
		headers := make([]producer.Header, len(m.Order))
		for j, key := range m.Order {
			headers[j] = producer.Header{Key: key, Value: []byte(m.Headers[key])}
		}
		got := fmt.Sprintf("%d %s %v %s", m.Partition, m.Key, headers, m.Value)
		if i < len(lines) && got != lines[i] {
			w.Fatalf("message %d of the topic is\n%.200s\nwant\n%.200s", i, got, lines[i])
		}
	}
	if len(there) != len(lines) {
		w.Fatalf("the topic has %d messages, want %d", len(there), len(lines))
	}
	return there
}

// wantPosition expects a page of q-1 in the topic, soon, for who starts anew: brokers say
// that a transaction is committed a moment before everybody can see it.
func (w *world) wantPosition(page int) {
	w.Helper()
	for limit := time.Now().Add(5 * time.Second); time.Now().Before(limit); {
		store := w.store()
		p, found, err := store.Load(w.Context(), key("q-1"))
		store.Close()
		if err != nil {
			w.Fatal(err)
		}
		if found && p == at("q-1", page) {
			return
		}
		if w.cluster.Fake != nil {
			break // it has no such moment
		}
	}
	w.mustLoad(w.store(), "q-1", page)
}

// uncommitted counts the messages of a topic that who reads everything sees.
func (w *world) uncommitted(topic string) (n int) {
	w.Helper()
	client := w.client(kgo.KeepControlRecords())
	messages, err := kafkatest.ReadAll(w.Context(), client, topic)
	if err != nil {
		w.Fatal(err)
	}
	return len(messages)
}

// wantOpen expects so many partitions with an open transaction in the topic of the messages: these
// hold up who reads what is committed. The end of one is answered a little before it is written.
func (w *world) wantOpen(want int) {
	w.Helper()
	limit, open := time.Now().Add(5*time.Second), w.open()
	for ; open != want && time.Now().Before(limit); open = w.open() {
		time.Sleep(10 * time.Millisecond)
	}
	if open != want {
		w.Errorf("%d partitions have an open transaction, want %d", open, want)
	}
}

// open is how many partitions have an open transaction.
func (w *world) open() (open int) {
	w.Helper()
	admin := kadm.NewClient(w.client())
	ends, err := admin.ListEndOffsets(w.Context(), w.messages)
	if err != nil {
		w.Fatal(err)
	}
	stable, err := admin.ListCommittedOffsets(w.Context(), w.messages)
	if err != nil {
		w.Fatal(err)
	}
	ends.Each(func(end kadm.ListedOffset) {
		if at, _ := stable.Lookup(end.Topic, end.Partition); at.Offset != end.Offset {
			open++
		}
	})
	return open
}

// client is a client of the test's own. It ends with the test.
func (w *world) client(options ...kgo.Opt) *kgo.Client {
	w.Helper()
	options = append(options, kgo.SeedBrokers(w.cluster.Brokers...))
	if w.cluster.Dial != nil {
		options = append(options, kgo.Dialer(w.cluster.Dial))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(client.Close)
	return client
}

// bounded is a context for what must not last.
func (w *world) bounded(limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(w.Context(), limit)
	w.Cleanup(cancel)
	return ctx
}

// wantOutages expects that up to so many outages were told of, each once when it began
// and once when it was over, and nothing else.
func (w *world) wantOutages(most int) {
	w.Helper()
	lines := w.log.Lines()
	for i, line := range lines {
		want := "WARN kafka: waiting until publishing is possible error="
		if i%2 == 1 {
			want = "INFO kafka: publishing goes on took="
		}
		if !strings.HasPrefix(line, want) {
			w.Errorf("line %d of the log is %q, want %q", i, line, want)
		}
	}
	if len(lines) > 2*most || len(lines)%2 != 0 {
		w.Errorf("%d lines in the log, want %d at most, in pairs", len(lines), 2*most)
	}
}

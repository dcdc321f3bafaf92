package transact_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/transact"
)

// put writes records into the topic of the positions, as somebody else might. It returns
// the offset of the last.
func (w *world) put(records ...*kgo.Record) int64 {
	w.Helper()
	client := w.client(kgo.DefaultProduceTopic(w.topic))
	if err := client.ProduceSync(w.Context(), records...).FirstErr(); err != nil {
		w.Fatal(err)
	}
	return records[len(records)-1].Offset
}

func positionRecord(key string, text []byte) *kgo.Record {
	return &kgo.Record{Key: []byte(key), Value: text}
}

// encoded is the position of a page of q-1 as it is stored.
func (w *world) encoded(page int) []byte {
	w.Helper()
	text, err := checkpoint.Encode("default", key("q-1"), at("q-1", page))
	if err != nil {
		w.Fatal(err)
	}
	return text
}

// Others' records are passed over, and a record without a value deletes a position.
func TestRecordsThatAreNoPositionsOfThisName(t *testing.T) {
	w := onBrokers(t, 1)
	w.put(
		positionRecord("default/q-1/live", w.encoded(3)),
		positionRecord("other/q-1/live", []byte("what another name has")),
		positionRecord("default2/q-1/live", []byte("what another name has")),
		positionRecord("default/q-1", []byte("no lane")),
		positionRecord("default/q-1/LIVE!", []byte("no lane's name")),
		positionRecord("default//live", []byte("no queue")),
		positionRecord("default/"+strings.Repeat("q", 100)+"/live", []byte("no queue's name")),
		positionRecord("default", []byte("no key")),
		positionRecord("somebody's", []byte("record")),
		positionRecord("default/q-2/live", w.encoded(1)),
		positionRecord("default/q-2/live", nil),
		positionRecord("default/q-3/live", []byte{}),
	)
	store := w.store()
	w.mustLoad(store, "q-1", 3)
	w.mustLoad(store, "q-2", none)
	w.mustLoad(store, "q-3", none)
	if keys, err := store.Keys(t.Context()); err != nil || len(keys) != 1 || keys[0] != key("q-1") {
		t.Errorf("keys %v, %v; want that of q-1", keys, err)
	}
	w.mustTake(store, "q-2", none)
	if err := store.Save(t.Context(), key("q-2"), at("q-2", 1)); err != nil {
		t.Errorf("save after a deletion: %v", err)
	}
	w.mustLoad(w.store(), "q-2", 1)
}

// What cannot be read is an error that says where it is, never "none".
func TestPositionsThatCannotBeRead(t *testing.T) {
	w := onBrokers(t, 1)
	text := w.encoded(3)
	for name, test := range map[string]struct {
		text []byte
		want error
	}{
		"newer":         {bytes.Replace(text, []byte(`"version": 2`), []byte(`"version": 3`), 1), checkpoint.ErrNewer},
		"torn":          {text[:len(text)/2], checkpoint.ErrDamaged},
		"changed":       {bytes.Replace(text, []byte(`"page": 3`), []byte(`"page": 4`), 1), checkpoint.ErrDamaged},
		"another queue": {func() []byte { b, _ := checkpoint.Encode("default", key("q-9"), at("q-9", 3)); return b }(), checkpoint.ErrForeign},
		"something":     {[]byte(`{"hello":1}`), checkpoint.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			offset := w.put(positionRecord("default/q-1/live", w.encoded(2)), positionRecord("default/q-1/live", test.text))
			store := w.store()
			_, loaded, loading := store.Load(t.Context(), key("q-1"))
			_, taken, taking := store.Take(t.Context(), key("q-1"))
			_, committing := store.Commit(t.Context(), key("q-1"), w.page(1, 1), at("q-1", 9))
			for op, err := range map[string]error{"load": loading, "take": taking, "commit": committing, "save": store.Save(t.Context(), key("q-1"), at("q-1", 9))} {
				refused, ok := errors.AsType[*transact.RecordError](err)
				if !ok || !errors.Is(err, test.want) || refused.Offset != offset || refused.Topic != w.topic {
					t.Errorf("%s: %v; want that the record at offset %d says %q", op, err, offset, test.want)
					continue
				}
				for _, words := range []string{w.topic, fmt.Sprintf("offset %d", offset), "CHECKPOINT_NAME"} {
					if !strings.Contains(err.Error(), words) {
						t.Errorf("%s: %v; want it to have %q", op, err, words)
					}
				}
			}
			if loaded || taken {
				t.Error("there is a position")
			}
			if keys, err := store.Keys(t.Context()); err != nil || len(keys) != 1 {
				t.Errorf("keys %v, %v; want that of q-1, though it cannot be read", keys, err)
			}
		})
	}
	w.wantTopic()
}

// A topic whose beginning is gone is read from where it begins.
func TestTopicThatBeginsLater(t *testing.T) {
	w := onBrokers(t, 1)
	store := w.store()
	for page := 1; page <= 9; page++ {
		w.mustCommit(store, page, nil)
	}
	w.deleteRecords(10)
	w.wantPosition(9)
	w.mustTake(w.store(), "q-1", 9)
	w.mustTake(w.store(), "q-2", none)
}

// deleteRecords deletes what is before an offset of the positions. Of a topic that is
// compacted only, brokers let nobody do it.
func (w *world) deleteRecords(before int64) {
	w.Helper()
	w.cluster.Configure(w, w.topic, "cleanup.policy=delete")
	defer w.cluster.Configure(w, w.topic, "cleanup.policy=compact")
	offsets := make(kadm.Offsets)
	offsets.Add(kadm.Offset{Topic: w.topic, Partition: 0, At: before})
	deleted, err := kadm.NewClient(w.client()).DeleteRecords(w.Context(), offsets)
	if err == nil {
		err = deleted.Error()
	}
	if err != nil {
		w.Fatal(err)
	}
}

// Compaction before, and while the topic is read, takes nothing away that counts.
func TestCompactedTopic(t *testing.T) {
	w := onFake(t, 1)
	writer := w.store()
	queues := []string{"q-1", "q-2", "q-3", "q-4"}
	for page := 1; page <= 50; page++ {
		for _, queue := range queues[:3] {
			if err := writer.Save(t.Context(), key(queue), at(queue, page)); err != nil {
				t.Fatal(err)
			}
		}
		if page == 10 {
			w.killedWriter("q-4", nil, 1) // open: what is behind it is not compacted
		}
	}
	before := w.uncommitted(w.topic)
	w.throughWire(func(key kmsg.Key, n int) fate {
		if key != kmsg.Fetch || n < 2 { // kfake moves the beginning of the topic, which Kafka does not
			return fate{}
		}
		return fate{then: w.cluster.Fake.Compact}
	})
	check := func() {
		t.Helper()
		store := w.store()
		for _, queue := range queues[:3] {
			w.mustLoad(store, queue, 50)
		}
		w.mustLoad(store, "q-4", none)
	}
	check()
	w.mustTake(w.store(), "q-4", none) // which ends what is open
	w.cluster.Fake.Compact()
	if after := w.uncommitted(w.topic); after >= before {
		t.Errorf("%d records after compaction, %d before: that is none", after, before)
	}
	check()
	w.mustTake(w.store(), "q-2", 50)
}

// Where the topic is lost under a running store, queues go on where it knows them to be,
// and the loss is told: nothing starts over silently.
func TestTopicIsDeletedAndCreatedAgain(t *testing.T) {
	for name, release := range map[string]bool{"in the middle of a walk": false, "between two walks": true} {
		t.Run(name, func(t *testing.T) {
			w := onBrokers(t, 1)
			store := w.store()
			for page := 1; page <= 5; page++ {
				w.mustCommit(store, page, w.page(page, 2))
			}
			if err := store.Save(t.Context(), key("q-2"), at("q-2", 8)); err != nil {
				t.Fatal(err)
			}
			if release {
				store.Release(key("q-1"))
			}
			w.cluster.DeleteTopic(t, w.topic)
			w.cluster.CreateTopicNamed(t, w.topic, 1, "cleanup.policy=compact")
			w.mustCommit(store, 6, w.page(6, 2))
			w.wantPosition(6)
			w.mustTake(store, "q-1", 6)
			w.mustTake(store, "q-2", 8) // as this store knows it; nobody else does
			w.mustLoad(w.store(), "q-2", none)
			w.mustCommit(store, 7, w.page(7, 2))
			store.Release(key("q-1"))
			w.mustTake(store, "q-1", 7)
			w.wantPosition(7)
			told := 0
			for _, line := range w.log.Lines() {
				if strings.HasPrefix(line, "ERROR kafka: the checkpoint topic was deleted and created again") && strings.Contains(line, w.topic) {
					told++
				}
			}
			if told != 1 {
				t.Errorf("it is told %d times, want once: %q", told, w.log.Lines())
			}
		})
	}
}

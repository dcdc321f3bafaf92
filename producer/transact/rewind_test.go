package transact_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/transact"
)

// A rewind takes the key from who has it, and keeps what was stored under a key of its own,
// which is taken for no position.
func TestRewindKeepsTheFormerPosition(t *testing.T) {
	w := onBrokers(t, 1)
	service, command := w.store(), w.store()
	for page := 1; page <= 3; page++ {
		w.mustSave(service, "q-1", page, chunk(today, page-1, "x"), chunk(yesterday, 0, "y"))
	}
	began := time.Now().Add(-time.Second)
	former, err := command.Rewind(t.Context(), key("q-1"), at("q-1", 1))
	if err != nil || former != at("q-1", 3) {
		t.Fatalf("%v, %v; want page 3", former, err)
	}
	w.wantFenced(service, 4, w.page(0xbad, 1))
	w.mustLoad(command, "q-1", 1)
	anew := w.store()
	w.mustTake(anew, "q-1", 1)
	for _, store := range []*transact.Store{command, anew} {
		w.wantLedger(store, "q-1", today, "")
		w.wantLedger(store, "q-1", yesterday, "")
		if keys, err := store.Keys(t.Context()); err != nil || len(keys) != 1 || keys[0] != key("q-1") {
			t.Errorf("keys %v, %v; want that of q-1", keys, err)
		}
	}
	kept := 0
	for _, m := range w.cluster.Read(t, w.topic) {
		text, is := strings.CutPrefix(m.Key, "default/q-1/live/former/")
		if !is {
			continue
		}
		kept++
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || at.Before(began) || at.After(time.Now().Add(time.Second)) || !strings.HasSuffix(text, "Z") {
			t.Errorf("key %q, want the time in UTC", m.Key)
		}
		if p, err := checkpoint.Decode("default", key("q-1"), m.Value); err != nil || p != former {
			t.Errorf("the former position is kept as %v, %v", p, err)
		}
		if key, taken := command.TakenForPosition(m.Key); taken {
			t.Errorf("the record is taken for a position of %v", key)
		}
	}
	if kept != 1 {
		t.Errorf("%d former positions are kept, want 1", kept)
	}
	w.mustCommit(anew, 2, w.page(2, 5))
	w.wantTopic(w.page(2, 5))
}

// Whatever is lost, a rewind is done: the former position is the one before it, and the
// ledgers are deleted.
func TestRewindWithLostAnswers(t *testing.T) {
	for _, kind := range []kmsg.Key{kmsg.Produce, kmsg.EndTxn, kmsg.InitProducerID, kmsg.Fetch} {
		for lost, f := range map[string]fate{"request": {unsent: true}, "answer": {unheard: true}} {
			for name, to := range map[string]int{"back": 1, "to where it is": 3} {
				t.Run(fmt.Sprintf("%s/%s/%s", name, kind.Name(), lost), func(t *testing.T) {
					w := onBrokers(t, 1)
					wire := w.throughWire(nil)
					store := w.store()
					for page := 1; page <= 3; page++ {
						w.mustSave(store, "q-1", page, chunk(today, page-1, "x"))
					}
					wire.change(only(kind, f, 1, 2))
					former, err := store.Rewind(t.Context(), key("q-1"), at("q-1", to))
					if err != nil || former != at("q-1", 3) {
						t.Fatalf("%v, %v; want page 3", former, err)
					}
					w.wantPosition(to)
					w.wantLedger(store, "q-1", today, "")
					w.wantLedger(w.store(), "q-1", today, "")
					w.mustSave(store, "q-1", to+1, chunk(today, 0, "z"))
					w.wantLedger(store, "q-1", today, "z")
					w.wantOutages(1)
				})
			}
		}
	}
}

// A position that cannot be read is not overwritten: somebody has to look at it.
func TestRewindOfWhatCannotBeRead(t *testing.T) {
	w := onBrokers(t, 1)
	w.put(positionRecord("default/q-1/live", []byte("{")))
	_, err := w.store().Rewind(t.Context(), key("q-1"), at("q-1", 1))
	if _, ok := errors.AsType[*transact.RecordError](err); !ok {
		t.Errorf("%v, want a RecordError", err)
	}
	if n := w.uncommitted(w.topic); n != 1 {
		t.Errorf("%d records, want the one", n)
	}
}

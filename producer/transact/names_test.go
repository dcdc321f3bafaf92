package transact_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer/transact"
)

// Names are told of all that is in the topic, by who has no position there himself, too; and
// who reads them, and positions, leaves the writer alone.
func TestNames(t *testing.T) {
	w := onBrokers(t, 2)
	writer := w.store()
	w.mustTake(writer, "q-1", none)
	w.mustCommit(writer, 1, w.page(1, 20))
	march := w.store(func(c *transact.StoreConfig) { c.Name = "march" })
	if err := march.Save(t.Context(), key("q-2"), at("q-2", 1)); err != nil {
		t.Fatal(err)
	}
	w.put(&kgo.Record{Topic: w.topic, Key: []byte("deleted/q-1/live")},
		&kgo.Record{Topic: w.topic, Key: []byte("no position"), Value: []byte("x")},
		&kgo.Record{Topic: w.topic, Key: []byte("/q-1/live"), Value: []byte("x")})
	for name, want := range map[string][]string{"default": {"default", "march"}, "april": {"default", "march"}} {
		reader := w.store(func(c *transact.StoreConfig) { c.Name = name; c.LedgerTopic = "" })
		if names, err := reader.Names(t.Context()); err != nil || !slices.Equal(names, want) {
			t.Errorf("under %s: %v, %v; want %v", name, names, err, want)
		}
		keys, err := reader.Keys(t.Context())
		if wantKeys := map[string]int{"default": 1}[name]; err != nil || len(keys) != wantKeys {
			t.Errorf("under %s: %v, %v", name, keys, err)
		}
		if p, found, err := reader.Load(t.Context(), key("q-1")); err != nil || found != (name == "default") || found && p.Page != 1 {
			t.Errorf("under %s: %v, %v, %v", name, p, found, err)
		}
	}
	w.mustCommit(writer, 2, w.page(2, 20)) // it was not fenced
	w.wantPosition(2)
}

// A topic that is missing is told from what else is wrong.
func TestAbsentTopic(t *testing.T) {
	w := onBrokers(t, 2)
	topics := &transact.Topics{Config: w.config(), List: []transact.Topic{transact.Checkpoints(w.topic + ".absent")}}
	defer topics.Close()
	_, err := topics.Destination(t.Context())
	var absent *transact.AbsentError
	var setup *transact.SetupError
	if !errors.As(err, &absent) || !errors.As(err, &setup) || !absent.Final() {
		t.Errorf("%v", err)
	}
}

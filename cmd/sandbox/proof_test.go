package main

import (
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer/kafkatest"
)

// published is a message as the service writes it.
func published(queue, window, key, value string) kafkatest.Message {
	hash := digestOf([]byte(value))
	return kafkatest.Message{
		Partition: kgo.StickyKeyPartitioner(nil).ForTopic("").Partition(&kgo.Record{Key: []byte(key)}, partitions),
		Key:       key, Value: []byte(value),
		Headers: map[string]string{
			"queue-id": queue, "window": window, "page": "1", "pass": "0", "fetched-at": "1772323200000",
			"content-type": "application/json", "content-hash": hex.EncodeToString(hash[:8]), "producer": "genesys-producer/dev",
		},
	}
}

const (
	first  = "2026-03-01T00:00:00.000Z/2026-03-01T01:00:00.000Z"
	second = "2026-03-01T01:00:00.000Z/2026-03-01T02:00:00.000Z"
)

// sound is an API of four conversations and a topic that has them all: one twice,
// because it was transferred to another queue; and the terms that they hold under.
func sound() (map[string]digest, []kafkatest.Message, terms) {
	api := map[string]digest{}
	var messages []kafkatest.Message
	for i := range 4 {
		id, value := fmt.Sprintf("conversation-%d", i), fmt.Sprintf(`{"n":%d}`, i)
		api[id] = digestOf([]byte(value))
		messages = append(messages, published("a", first, id, value))
	}
	messages = append(messages, published("b", second, "conversation-3", `{"n":3}`))
	return api, messages, terms{queues: []string{"a", "b"}, partitions: partitions, pageSize: 2, repeats: 1}
}

func TestCompareSound(t *testing.T) {
	p := compare(sound())
	p.windows = attested{expected: 1, complete: 1}
	if !p.holds() {
		t.Errorf("does not hold: %+v", p)
	}
	got := []int{p.conversations, p.messages, p.distinct, p.repeatedSum(), p.again, p.unchanged}
	if want := []int{4, 5, 4, 0, 1, 4}; !slices.Equal(got, want) {
		t.Errorf("conversations, messages, distinct, repeated, again, unchanged: got %v, want %v", got, want)
	}
}

// Each case does one thing to a sound topic, and says what the proof then finds.
func TestCompareFinds(t *testing.T) {
	type world struct {
		api      map[string]digest
		messages []kafkatest.Message
	}
	again := func(w *world, times int, m kafkatest.Message) {
		for range times {
			w.messages = append(w.messages, m)
		}
	}
	for _, c := range []struct {
		name  string
		do    func(*world)
		want  func(*proof)
		holds bool
	}{
		{"a missing conversation",
			func(w *world) { w.messages = w.messages[1:] },
			func(p *proof) { p.messages, p.distinct, p.missing = 4, 3, []string{"conversation-0"} }, false},
		{"all missing",
			func(w *world) { w.messages = w.messages[:0] },
			func(p *proof) {
				p.messages, p.distinct, p.again = 0, 0, 0
				p.missing = []string{"conversation-0", "conversation-1", "conversation-2", "conversation-3"}
			}, false},
		{"an empty API",
			func(w *world) { clear(w.api); w.messages = nil },
			func(p *proof) { p.conversations, p.messages, p.distinct, p.again, p.unchanged = 0, 0, 0, 0, 0 }, false},
		{"as many repeated as a page",
			func(w *world) { again(w, 2, w.messages[1]) },
			func(p *proof) { p.messages, p.repeated = 7, map[string]int{"a": 2} }, true},
		{"more repeated than a page",
			func(w *world) { again(w, 3, w.messages[1]) },
			func(p *proof) { p.messages, p.repeated = 8, map[string]int{"a": 3} }, false},
		{"repeated on the next page",
			func(w *world) {
				m := published("a", first, "conversation-1", `{"n":1}`)
				m.Headers["page"] = "2"
				again(w, 2, m)
			},
			func(p *proof) { p.messages, p.repeated = 7, map[string]int{"a": 2} }, true},
		{"repeated in the next window",
			func(w *world) {
				for _, m := range w.messages[:3] {
					again(w, 1, published("a", second, m.Key, string(m.Value)))
				}
			},
			func(p *proof) { p.messages, p.repeated = 8, map[string]int{"a": 3} }, false},
		{"not attested",
			func(*world) {},
			func(p *proof) { p.windows = attested{expected: 2, complete: 1} }, false},
		{"seen again in another queue",
			func(w *world) { again(w, 1, published("b", first, "conversation-1", `{"n":1}`)) },
			func(p *proof) { p.messages, p.again = 6, 2 }, true},
		{"seen again with newer bytes",
			func(w *world) {
				w.api["conversation-1"] = digest{}
				again(w, 1, published("a", first, "conversation-1", `{"n":1,"end":true}`))
			},
			func(p *proof) { p.messages, p.again, p.unchanged = 6, 2, 3 }, true},
		{"changed bytes",
			func(w *world) { w.messages[2] = published("a", first, "conversation-2", `{"n": 2}`) },
			func(p *proof) { p.differ = []string{"conversation-2"} }, false},
		{"changed bytes, behind the right ones",
			func(w *world) { again(w, 1, published("a", second, "conversation-2", `{"n": 2}`)) },
			func(p *proof) { p.messages, p.again, p.differ = 6, 2, []string{"conversation-2"} }, false},
		{"a key that the API does not have",
			func(w *world) { again(w, 1, published("a", first, "conversation-9", `{}`)) },
			func(p *proof) { p.messages, p.distinct, p.unknown = 6, 5, []string{"conversation-9"} }, false},
		{"a message in another partition",
			func(w *world) { w.messages[0].Partition = (w.messages[0].Partition + 1) % partitions },
			func(p *proof) { p.strays = 1 }, false},
	} {
		api, messages, terms := sound()
		want := compare(api, messages, terms)
		want.windows = attested{expected: 2, complete: 2}
		w := world{api, messages}
		c.do(&w)
		c.want(&want)
		got := compare(w.api, w.messages, terms)
		got.windows = want.windows
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v,\nwant %+v", c.name, got, want)
		}
		if got.holds() != c.holds {
			t.Errorf("%s: holds is %v, want %v", c.name, got.holds(), c.holds)
		}
	}
}

func TestCompareHeaders(t *testing.T) {
	_, sane, _ := sound()
	for name := range sane[0].Headers {
		for _, value := range []string{"", "other"} {
			api, messages, terms := sound()
			messages[0].Headers = maps.Clone(messages[0].Headers)
			messages[0].Headers[name] = value
			if value == "" {
				delete(messages[0].Headers, name)
			}
			if p := compare(api, messages, terms); p.headers != 1 || p.holds() {
				t.Errorf("header %s %q: %d are counted, and holds is %v", name, value, p.headers, p.holds())
			}
		}
	}
}

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/genesys/genesystest"
)

// put puts a conversation of one queue whose record a test writes itself, somewhat after
// the beginning.
func (w *world) put(id string, after time.Duration, record string) {
	at := w.from.Add(after)
	w.sim.Put(w.sim.Queues()[:1], genesystest.Conversation{ID: id, Start: at, End: at, JSON: []byte(record)})
}

// putNameless puts one whose record has no id that could be one.
func (w *world) putNameless(id string, after time.Duration, record string) {
	if w.nameless == nil {
		w.nameless = map[string]bool{}
	}
	w.nameless[id] = true
	w.put(id, after, record)
}

// putSized puts one whose record has a size.
func (w *world) putSized(id string, after time.Duration, size int, random bool) {
	w.Helper()
	w.put(id, after, fmt.Sprintf(`{"conversationId":%q}`, id))
	if !w.sim.Pad(id, size, random) {
		w.Fatalf("the record of %s cannot have %d bytes", id, size)
	}
}

// putFaulty puts a record without an id into the first window and into the last, on
// either side of the query at which tests pause the API.
func putFaulty(w *world) {
	w.putNameless("faulty-1", 0, `{"note":"of nobody"}`)
	w.putNameless("faulty-2", 3*day, `{"note":"of nobody else"}`)
}

// defects are records without an id that could be one, each of another kind.
var defects = []string{
	`{"note":"it is missing"}`, `{"conversationId":""}`, `{"conversationId":7}`, `{"conversationId":null}`,
	`{"conversationId":{"conversationId":"deeper"}}`, `{"conversationId":"a","conversationId":"b"}`,
	"{\"conversationId\":\"\xff\"}", `{"ConversationID":"of another spelling"}`, `{}`, `17`, `"text"`, `[{"conversationId":"in an array"}]`,
}

// edge is the size of a record with this id, on the first page of its queue, whose
// message takes just as many bytes as it may.
func (w *world) edge(id string) int {
	const batch, record, header = 61, 40, 10 // at most, besides keys and values
	size := batch + record + len(id)
	for key, value := range map[string]string{
		"queue-id": w.sim.Queues()[0], "window": walkedWindow("", w.from, w.length).window, "page": "1", "pass": "0",
		"fetched-at": fmt.Sprint(time.Now().UnixMilli()), "content-type": "application/json", "producer": programName(), "content-hash": strings.Repeat("0", 16),
	} {
		size += header + len(key) + len(value)
	}
	return 1_000_000 - size
}

// What cannot be published is a dead letter: nothing is held up, and nothing is lost
// (invariant 8).
func TestDeadLetters(t *testing.T) {
	beside(t)
	const megabytes = 1 << 20
	for _, f := range []fault{
		{name: "records without an id", letters: map[string]int{"raw": len(defects)}, inflict: func(w *world) {
			for n, record := range defects {
				w.putNameless(fmt.Sprintf("defect-%d", n), time.Duration(n)*time.Minute, record)
			}
		}},
		{name: "a record of 5 MB that gzip makes small", letters: map[string]int{"gzip": 1}, inflict: func(w *world) { w.putSized("long", 0, 5*megabytes, false) }},
		{name: "a record of 5 MB that stays large", letters: map[string]int{"reference": 1}, inflict: func(w *world) { w.putSized("long", 0, 5*megabytes, true) }},
		{name: "a record of 5 MB without an id", letters: map[string]int{"reference": 1}, inflict: func(w *world) {
			w.putNameless("long", 0, `{"note":"of nobody"}`)
			w.sim.Pad("long", 5*megabytes, true)
		}},
		{name: "records around the limit", letters: map[string]int{"gzip": 2}, inflict: func(w *world) {
			for n, more := range []int{-1000, -1, 0, 1, 1000} {
				id := fmt.Sprintf("edge-%d", n)
				w.putSized(id, 0, w.edge(id)+more, false)
			}
		}},
		{name: "records around the limit, random", letters: map[string]int{"gzip": 1}, inflict: func(w *world) {
			for n, more := range []int{0, 1} {
				id := fmt.Sprintf("edge-%d", n)
				w.putSized(id, 0, w.edge(id)+more, true)
			}
		}},
		{name: "the dead-letter topic takes gzip", letters: map[string]int{"raw": 2, "gzip": 1}, inflict: func(w *world) {
			w.cluster.Configure(w, w.deadLetters(), "max.message.bytes=3000")
			putFaulty(w)
			w.putNameless("long", 0, `{"note":"`+strings.Repeat("of nobody ", 900)+`"}`)
		}, changes: []string{"KAFKA_COMPRESSION=none"}},
		{name: "the dead-letter topic takes references", letters: map[string]int{"raw": 2, "reference": 1}, inflict: func(w *world) {
			w.cluster.Configure(w, w.deadLetters(), "max.message.bytes=3000")
			putFaulty(w)
			w.putNameless("long", 0, `{"note":"of nobody"}`)
			w.sim.Pad("long", 9000, true)
		}},
		{name: "max.message.bytes lowered under way", pauses: middle, letters: anyLetters, amid: func(w *world, _ *child, goOn func()) {
			w.cluster.Configure(w, w.topic, "max.message.bytes=1500")
			goOn()
		}},
	} {
		f.name = "dead letters: " + f.name
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			eachDelivery(t, func(t *testing.T, d delivery) {
				w := newDays(t, small()).by(d)
				f.surviveKafka(t, w)
				if f.pauses > 0 && len(w.read(w.deadLetters())) < 50 {
					t.Error("there are hardly any dead letters")
				}
			})
		})
	}
}

// The dead-letter topic itself fails, as only brokers do that can be made to.
func TestDeadLetterTopicFails(t *testing.T) {
	beside(t)
	answered := func(name string, code *kerr.Error) fault {
		return fault{name: name, letters: map[string]int{"raw": 2}, inflict: func(w *world) {
			putFaulty(w)
			w.refusals = w.cluster.Fake.Fault(kfake.Fault{
				Keys: []kmsg.Key{kmsg.Produce}, Topic: w.deadLetters(), Err: code, Count: -1})
		}}
	}
	few := answered("too few replicas", kerr.NotEnoughReplicas)
	few.begins, few.ends = outageBegins, outageEnds
	few.amid = func(w *world, c *child, _ func()) {
		c.await(kafkaWaits, 1)
		<-time.After(2 * time.Second)
		w.refusals.Remove()
	}
	denied := answered("no permission", kerr.TopicAuthorizationFailed)
	denied.code, denied.begins, denied.repeats = failed, []string{stopped}, 3
	denied.says = []string{".dead-letter", "the client needs the operations WRITE and DESCRIBE on it"}
	denied.mend = func(w *world) { w.refusals.Remove() }
	for _, f := range []fault{few, denied} {
		f.name = "dead-letter topic: " + f.name
		t.Run(f.name, func(t *testing.T) {
			beside(t)
			eachDelivery(t, func(t *testing.T, d delivery) { f.surviveKafka(t, newSmallFakeWorld(t).by(d)) })
		})
	}
}

// Where not even a reference fits, there is nothing left that could be done.
func TestDeadLetterTopicTakesNothing(t *testing.T) {
	beside(t)
	f := fault{name: "dead-letter topic: takes nothing", code: failed, begins: []string{stopped}, repeats: 3,
		letters: map[string]int{"raw": 1, "reference": 1},
		says:    []string{".dead-letter refuses a message of ", "raise its max.message.bytes"}}
	f.inflict = func(w *world) {
		w.cluster.Configure(w, w.deadLetters(), "max.message.bytes=300")
		w.putNameless("faulty", 2*day, `{"note":"of nobody"}`)
		w.putSized("long", 2*day, 5<<20, true)
	}
	f.mend = func(w *world) { w.cluster.Configure(w, w.deadLetters(), "max.message.bytes=1048588") }
	eachDelivery(t, func(t *testing.T, d delivery) { f.surviveKafka(t, newDays(t, small()).by(d)) })
}

func TestDeadLetterTopicIsMissing(t *testing.T) {
	beside(t)
	eachDelivery(t, func(t *testing.T, d delivery) {
		w := newDays(t, small()).by(d)
		putFaulty(w)
		w.cluster.DeleteTopic(w, w.deadLetters())
		w.start().mustEnd(failed, "topic "+w.deadLetters()+" does not exist", "kafka-topics.sh --create --topic "+w.deadLetters())
		if before := w.cluster.Read(t, w.topic); len(before) > 0 {
			t.Errorf("%d messages were published all the same", len(before))
		}
		w.cluster.CreateTopicNamed(w, w.deadLetters(), 1)
		w.mustFinish()
		w.checkNoRepeats()
	})
}

func TestDeadLetterTopicIsDeletedUnderWay(t *testing.T) {
	beside(t)
	eachDelivery(t, func(t *testing.T, d delivery) {
		w := newDays(t, oneQueue()).by(d)
		putFaulty(w)
		f := w.deletion(w.deadLetters(), 1)
		f.name, f.letters = "dead-letter topic: deleted, created again after 3 s", map[string]int{"raw": 2}
		f.surviveKafka(t, w)
	})
}

package publish_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/publish"
)

// to has a publisher know these worlds' topics.
func to(worlds ...*world) func(*publish.Config) {
	return func(c *publish.Config) {
		c.Topics = nil
		for _, w := range worlds {
			c.Topics = append(c.Topics, w.topic)
		}
	}
}

// mixed takes a message of each in turn, as long as there are any.
func mixed(pages ...[]*producer.Message) (all []*producer.Message) {
	for i := 0; len(all) < len(slices.Concat(pages...)); i++ {
		for _, page := range pages {
			if i < len(page) {
				all = append(all, page[i])
			}
		}
	}
	return all
}

func TestTwoTopicsInOneCall(t *testing.T) {
	w := onBrokers(t, 3)
	dead := w.another(2)
	p := w.publisher(to(w, dead), limited(2400)) // several batches for each partition
	w.mustPublish(p, mixed(w.page(1, 60), dead.page(2, 40)))
	w.mustPublish(p, w.page(3, 20))
	w.mustPublish(p, dead.page(3, 20)) // the keys of the page before
	w.mustPublish(p, mixed(dead.page(4, 30), w.page(4, 30)))
	w.wantTopic(w.page(1, 60), w.page(3, 20), w.page(4, 30))
	dead.wantTopic(dead.page(2, 40), dead.page(3, 20), dead.page(4, 30))
	w.wantOutages(0)
}

// Each topic has its own limit.
func TestTooLargeForOneTopic(t *testing.T) {
	w := onBrokers(t, 2)
	dead := w.another(1, "max.message.bytes=2000")
	page, letters := w.page(1, 30), dead.page(2, 30)
	w.enlarge(page, 4000, 3, 17)
	large := w.enlarge(letters, 4000, 5, 6, 22)
	refused, err := w.publisher(to(w, dead)).Publish(t.Context(), mixed(page, letters))
	if err != nil {
		t.Fatal(err)
	}
	w.wantRefused(refused, large)
	w.wantTopic(page)
	dead.wantTopic(without(letters, large))
}

// One topic lacks a replica: what the other has acknowledged is not sent again.
func TestOneTopicFails(t *testing.T) {
	inBubble(t, 2, func(w *world) {
		dead := w.another(2)
		p := w.publisher(to(w, dead))
		fault := dead.failing(kerr.NotEnoughReplicas, 1, 1, 5)
		w.mustPublish(p, mixed(w.page(1, 40), dead.page(2, 40)))
		if fault.Hits() != 5 {
			w.Errorf("the fault was met %d times, want 5", fault.Hits())
		}
		w.wantTopic(w.page(1, 40))
		dead.wantTopic(dead.page(2, 40))
		w.wantLines([]string{"WARN kafka: waiting until publishing is possible", "topic " + dead.topic + " partition 1", "min.insync.replicas"}, over)
	})
}

// A topic that brokers do not know is waited for, and named. Who does not write to it is
// not held up.
func TestOneTopicIsUnknown(t *testing.T) {
	inBubble(t, 2, func(w *world) {
		missing := *w
		missing.topic = kafkatest.TopicName(w)
		p := w.publisher(to(w, &missing))
		w.mustPublish(p, w.page(1, 40))
		w.wantOutages(0)

		const absence = time.Minute
		began := time.Now()
		time.AfterFunc(absence, func() {
			if err := w.cluster.Fake.CreateTopic(missing.topic, int32(missing.partitions), nil); err != nil {
				w.Error(err)
			}
		})
		w.mustPublish(p, mixed(w.page(2, 40), missing.page(3, 40)))
		if late := time.Since(began) - absence; late < 0 || late > 6*time.Second {
			w.Errorf("went on %v after the topic was created", late)
		}
		w.wantTopic(w.page(1, 40), w.page(2, 40))
		missing.wantTopic(missing.page(3, 40))
		w.wantLines(append([]string{"topic " + missing.topic}, begins...), over)
	})
}

// Messages of one topic are gone: it is told of that topic, and of no other.
func TestOneTopicIsAnotherOne(t *testing.T) {
	inBubble(t, 1, func(w *world) {
		dead := w.another(1)
		p := w.publisher(to(w, dead))
		w.mustPublish(p, mixed(w.page(1, 40), dead.page(2, 40)))
		dead.recreate(0, 1)
		w.mustPublish(p, mixed(w.page(3, 20), dead.page(4, 20)))
		w.mustPublish(p, mixed(w.page(5, 20), dead.page(6, 20)))
		w.wantTopic(w.page(1, 40), w.page(3, 20), w.page(5, 20))
		dead.wantTopic(dead.page(4, 20), dead.page(6, 20))
		lines := w.told(loss[0])
		if len(lines) != 1 || !strings.Contains(lines[0], "topic "+dead.topic+" partition 0 offsets 0 to 39") || strings.Contains(lines[0], w.topic) {
			w.Errorf("it said %q, want once, and of topic %s alone", lines, dead.topic)
		}
	})
}

// An ACL that is missing is final, and the topic is named that it is missing for.
func TestOneTopicLacksAnACL(t *testing.T) {
	for _, has := range [][]kmsg.ACLOperation{nil, {kmsg.ACLOperationDescribe}} {
		t.Run(fmt.Sprint(has), func(t *testing.T) {
			w := behindLogin(t, 2)
			dead := w.another(2)
			w.allow(kmsg.ACLOperationWrite)
			dead.allow(has...)
			p := w.publisher(to(w, dead), w.as(broker.Security{Mechanism: "plain", Username: kafkatest.User, Password: kafkatest.Password}))
			w.mustPublish(p, w.page(1, 20))

			refused, err := p.Publish(t.Context(), mixed(w.page(1, 20), dead.page(2, 20)))
			for _, want := range []string{"topic " + dead.topic, "WRITE", "DESCRIBE", "kafka-acls.sh"} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not name %s", err, want)
				}
			}
			if err != nil && strings.Contains(err.Error(), w.topic) {
				t.Errorf("%v names %s", err, w.topic)
			}
			if len(refused) > 0 {
				t.Errorf("%d messages are refused for their size", len(refused))
			}
			w.wantOutages(0) // it was not waited for
			dead.wantTopic()

			dead.allow(kmsg.ACLOperationWrite)
			w.mustPublish(p, dead.page(2, 20))
			dead.wantTopic(dead.page(2, 20))
		})
	}
}

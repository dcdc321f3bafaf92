package publish_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"

	"genesys-producer/producer"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/publish"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a topic, the brokers that have it, and what publishers log.
type world struct {
	*testing.T
	cluster    *kafkatest.Cluster
	topic      string
	partitions int
	log        *kafkatest.Logbook
	ladder     *broker.Ladder
	patience   time.Duration // how long publishing may take that must succeed
}

// onBrokers makes a world of the brokers that KAFKA_BROKERS names, or of an
// in-process one.
func onBrokers(t *testing.T, partitions int, settings ...string) *world {
	t.Helper()
	return newWorld(t, kafkatest.Start(t), partitions, settings...)
}

// inBubble runs a test in a bubble of testing/synctest, where time passes only
// while everybody waits, on three in-process brokers that can be made to fail.
func inBubble(t *testing.T, partitions int, test func(*world), options ...kfake.Opt) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, kafkatest.StartInMemory(t, append(options, kfake.Ports(9092, 9093, 9094))...), partitions)
		w.patience = time.Hour
		test(w)
	})
}

func newWorld(t *testing.T, cluster *kafkatest.Cluster, partitions int, settings ...string) *world {
	t.Helper()
	w := &world{T: t, cluster: cluster, partitions: partitions, log: &kafkatest.Logbook{}, patience: 30 * time.Second}
	w.ladder = broker.NewLadder(slog.New(w.log))
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(strings.Join(w.log.Lines(), "\n"))
		}
	})
	w.topic = cluster.CreateTopic(t, partitions, settings...)
	return w
}

// another is the same world seen from another topic.
func (w *world) another(partitions int, settings ...string) *world {
	w.Helper()
	other := *w
	other.partitions, other.topic = partitions, w.cluster.CreateTopic(w, partitions, settings...)
	return &other
}

// access is how the brokers are reached, by this login.
func (w *world) access(s broker.Security) *broker.Access {
	w.Helper()
	access, err := broker.NewAccess(s, w.cluster.Dial)
	if err != nil {
		w.Fatal(err)
	}
	return access
}

// publisher makes a publisher as the command does, but for the changes. It is
// closed with the test.
func (w *world) publisher(changes ...func(*publish.Config)) *publish.Publisher {
	w.Helper()
	config := publish.Config{
		Brokers: w.cluster.Brokers, Topics: []string{w.topic}, Access: w.access(broker.Security{}), Ladder: w.ladder,
		Compression: "none", MaxMessageBytes: 1_000_000, ClientID: "test", Log: slog.New(w.log),
	}
	for _, change := range changes {
		change(&config)
	}
	p, err := publish.New(config)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(p.Close)
	return p
}

func (w *world) mustPublish(p *publish.Publisher, messages []*producer.Message) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), w.patience)
	defer cancel()
	refused, err := p.Publish(ctx, messages)
	if err != nil {
		w.Fatalf("publish: %v", err)
	}
	if len(refused) > 0 {
		w.Fatalf("publish: %d messages are refused for their size", len(refused))
	}
}

// page makes so many messages of some 400 bytes. No two pages have a key in common.
func (w *world) page(number, messages int) []*producer.Message {
	result := make([]*producer.Message, messages)
	for i := range result {
		id := fmt.Sprintf("%08x-5a5a-4b4b-8c8c-%012x", number, i)
		result[i] = w.message(id, fmt.Sprintf(`{"conversationId":%q,"note":%q}`, id, strings.Repeat("ä ", 100)))
	}
	return result
}

func (w *world) message(key, value string) *producer.Message {
	return &producer.Message{Topic: w.topic, Key: key, Value: []byte(value), Headers: []producer.Header{
		{Key: "queue-id", Value: []byte("q-1")}, {Key: "page", Value: []byte(key[:8])}, {Key: "empty", Value: []byte{}}, {Key: "a", Value: []byte("é")},
	}}
}

// javaPartition is where the Java client has a key.
func javaPartition(key string, partitions int) int {
	return kgo.StickyKeyPartitioner(nil).ForTopic("").Partition(&kgo.Record{Key: []byte(key)}, partitions)
}

// of lists the messages that belong into one partition.
func (w *world) of(partition int, messages []*producer.Message) (own []*producer.Message) {
	for _, m := range messages {
		if javaPartition(m.Key, w.partitions) == partition {
			own = append(own, m)
		}
	}
	return own
}

// wantTopic compares the topic with the messages as they were published: each in
// its partition, in their order, whole. It returns what it has read.
func (w *world) wantTopic(published ...[]*producer.Message) []kafkatest.Message {
	w.Helper()
	var want []string
	for partition := range w.partitions {
		for _, m := range w.of(partition, slices.Concat(published...)) {
			want = append(want, fmt.Sprintf("%d %s %v %s", partition, m.Key, m.Headers, m.Value))
		}
	}
	there := w.cluster.Read(w, w.topic)
	for i, m := range there {
		headers := make([]producer.Header, len(m.Order))
		for j, key := range m.Order {
			headers[j] = producer.Header{Key: key, Value: []byte(m.Headers[key])}
		}
		got := fmt.Sprintf("%d %s %v %s", m.Partition, m.Key, headers, m.Value)
		if i < len(want) && got != want[i] {
			w.Fatalf("message %d of the topic is\n%s\nwant\n%s", i, got, want[i])
		}
	}
	if len(there) != len(want) {
		w.Fatalf("the topic has %d messages, want %d", len(there), len(want))
	}
	return there
}

// requests counts the produce requests of each partition from now on.
func (w *world) requests() func(partition int) int {
	var mu sync.Mutex
	count := map[int]int{}
	w.cluster.Fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		mu.Lock()
		defer mu.Unlock()
		count[partitionOf(r)]++
		return nil, nil, false
	})
	return func(partition int) int {
		mu.Lock()
		defer mu.Unlock()
		return count[partition]
	}
}

// partitionOf is the partition that a produce request is for: it is always one.
func partitionOf(r kmsg.Request) int {
	return int(r.(*kmsg.ProduceRequest).Topics[0].Partitions[0].Partition)
}

// wantOutages expects that so many outages were told of, each once when it began
// and once when it was over, and nothing else.
func (w *world) wantOutages(n int) {
	w.Helper()
	for i, line := range w.log.Lines() {
		want := "WARN kafka: waiting until publishing is possible error="
		if i%2 == 1 {
			want = "INFO kafka: publishing goes on took="
		}
		if !strings.HasPrefix(line, want) {
			w.Errorf("line %d of the log is %q, want %q", i, line, want)
		}
	}
	if len(w.log.Lines()) != 2*n {
		w.Errorf("%d lines in the log, want %d", len(w.log.Lines()), 2*n)
	}
}

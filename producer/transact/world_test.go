package transact_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/twmb/franz-go/pkg/kfake"
	"go.uber.org/goleak"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/producer"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/transact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is some brokers, a topic for positions, one for ledgers, and one for messages.
type world struct {
	*testing.T
	cluster    *kafkatest.Cluster
	topic      string // of the positions
	ledgers    string // of the ledgers
	messages   string // the other
	partitions int    // of the other
	wire       *wire  // between stores and brokers; nil: they are connected directly
	listener   string // where stores connect to; empty: as the test itself does
	security   broker.Security
	log        *kafkatest.Logbook
}

// newWorld makes a topic for positions, and one for ledgers.
func newWorld(t *testing.T, cluster *kafkatest.Cluster, settings ...string) *world {
	t.Helper()
	w := &world{T: t, cluster: cluster, log: &kafkatest.Logbook{}}
	w.topic = cluster.CreateTopic(t, 1, append([]string{"cleanup.policy=compact"}, settings...)...)
	w.ledgers = cluster.CreateTopic(t, 3, "cleanup.policy=compact")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(strings.Join(w.log.Lines(), "\n"))
		}
	})
	return w
}

// onBrokers makes a world on the brokers that KAFKA_BROKERS names, or on an in-process
// one, with a topic for messages.
func onBrokers(t *testing.T, partitions int, settings ...string) *world {
	t.Helper()
	return onCluster(t, strict(kafkatest.Start(t)), partitions, settings...)
}

func onCluster(t *testing.T, cluster *kafkatest.Cluster, partitions int, settings ...string) *world {
	t.Helper()
	w := newWorld(t, cluster)
	w.partitions, w.messages = partitions, cluster.CreateTopic(t, partitions, settings...)
	return w
}

// strict has in-process brokers fence as real ones do.
func strict(cluster *kafkatest.Cluster) *kafkatest.Cluster {
	cluster.FenceStrictly()
	return cluster
}

// onFake makes a world on in-process brokers, whatever KAFKA_BROKERS says: for what real
// ones cannot be made to do.
func onFake(t *testing.T, partitions int, options ...kfake.Opt) *world {
	t.Helper()
	t.Setenv("KAFKA_BROKERS", "")
	return onCluster(t, strict(kafkatest.Start(t, options...)), partitions)
}

// inBubble runs a test in a bubble of testing/synctest, where time passes only while
// everybody waits, on three in-process brokers. It is best built with the tag synctests:
// see Makefile.
func inBubble(t *testing.T, test func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(onCluster(t, strict(kafkatest.StartInMemory(t, kfake.Ports(9092, 9093, 9094))), 3))
	})
}

func (w *world) config() transact.Config {
	w.Helper()
	dial := w.cluster.Dial
	if w.wire != nil {
		dial = w.wire.dial
	}
	brokers := w.cluster.Brokers
	if w.listener != "" {
		brokers = []string{w.listener}
	}
	access, err := broker.NewAccess(w.security, dial)
	if err != nil {
		w.Fatal(err)
	}
	log := slog.New(w.log)
	return transact.Config{Brokers: brokers, ClientID: "test", Access: access, Ladder: broker.NewLadder(log), Log: log}
}

// store opens a store as a process of its own would.
func (w *world) store(changes ...func(*transact.StoreConfig)) *transact.Store {
	w.Helper()
	config := transact.StoreConfig{Config: w.config(), Topic: w.topic, LedgerTopic: w.ledgers, Name: "default", MaxMessageBytes: 1_000_000}
	for _, change := range changes {
		change(&config)
	}
	store, err := transact.NewStore(config)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { store.Close() })
	return store
}

func compressing(codec string) func(*transact.StoreConfig) {
	return func(c *transact.StoreConfig) { c.Compression = codec }
}

func named(name string) func(*transact.StoreConfig) {
	return func(c *transact.StoreConfig) { c.Name = name }
}

func key(queue string) checkpoint.Key {
	return checkpoint.Key{Queue: queue, Lane: checkpoint.Live}
}

// at is the position behind a page of the queue.
func at(queue string, page int) checkpoint.Position {
	p := checkpointtest.Sample(key(queue))
	p.Page = page
	return p
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
	return &producer.Message{Topic: w.messages, Key: key, Value: []byte(value), Headers: []producer.Header{
		{Key: "queue-id", Value: []byte("q-1")}, {Key: "page", Value: []byte(key[:8])}, {Key: "empty", Value: []byte{}}, {Key: "a", Value: []byte("é")},
	}}
}

func (w *world) mustTake(store *transact.Store, queue string, page int) {
	w.Helper()
	p, found, err := store.Take(w.Context(), key(queue))
	w.wantPage("take", queue, page, p, found, err)
}

func (w *world) mustLoad(store *transact.Store, queue string, page int) {
	w.Helper()
	p, found, err := store.Load(w.Context(), key(queue))
	w.wantPage("load", queue, page, p, found, err)
}

// none is the page of a queue without a position.
const none = -1

func (w *world) wantPage(op, queue string, page int, p checkpoint.Position, found bool, err error) {
	w.Helper()
	switch {
	case err != nil:
		w.Errorf("%s %s: %v", op, queue, err)
	case page == none && found, page != none && (!found || p != at(queue, page)):
		w.Errorf("%s %s: %v, %v; want page %d", op, queue, p, found, page)
	}
}

// mustCommit commits a page of messages of q-1, and the position behind it.
func (w *world) mustCommit(store *transact.Store, page int, messages []*producer.Message) {
	w.Helper()
	refused, err := store.Commit(w.Context(), key("q-1"), messages, at("q-1", page))
	if err != nil {
		w.Fatalf("commit page %d: %v", page, err)
	}
	if len(refused) > 0 {
		w.Fatalf("commit page %d: %d messages are refused for their size", page, len(refused))
	}
}

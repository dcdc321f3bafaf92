package producer_test

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/publish"
	"genesys-producer/producer/transact"
)

// world is all that outlives a process: the API, the brokers and the checkpoints.
// It lives in a bubble of testing/synctest, where time passes only while everybody
// waits.
type world struct {
	*testing.T
	sim                *genesystest.Simulator
	transport          http.RoundTripper
	cluster            *kafkatest.Cluster
	topic, deadLetters string
	checkpoints        string // topic of positions
	ledgers            string // topic of the ledgers beside them
	attestations       string // topic
	store              *checkpointtest.Memory
	windows            producer.Windows
	revisits           producer.Revisits
	mostResults        int // 0: the API's own
	pageSize           int
	readAhead          int
	remembered         time.Duration // of what leads what
	exactly            bool          // deliver exactly once, with the positions in the topic
	inKafka            bool          // keep the positions in the topic, also at least once
	log                *kafkatest.Logbook
	ctx                context.Context
}

// Context ends after half a day of the world's time: what goes round in circles
// until then fails.
func (w *world) Context() context.Context { return w.ctx }

// The tests' time: two hours on either side of a midnight, long past.
var (
	from = time.Date(1999, 12, 25, 22, 0, 0, 0, time.UTC)
	to   = from.Add(4 * time.Hour)
)

// limit is KAFKA_MAX_MESSAGE_BYTES.
const limit = 1_000_000

// inWorld runs a test in a world of its own.
func inWorld(t *testing.T, config genesystest.Config, test func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if config.From.IsZero() {
			config.From, config.To = from, to
		}
		if config.Conversations == 0 {
			config.Conversations = 90
		}
		config.Seed, config.LiveShare, config.MeanSize = 1, -1, 1500
		sim := genesystest.New(config)
		transport, closePipe := genesystest.Pipe(sim)
		t.Cleanup(closePipe)
		cluster := kafkatest.StartInMemory(t)
		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Hour)
		t.Cleanup(cancel)
		w := &world{
			T: t, sim: sim, transport: transport, cluster: cluster,
			store:    checkpointtest.NewMemory(),
			windows:  producer.Windows{From: from, Start: "from", To: to, Length: time.Hour, Settle: 5 * time.Minute},
			pageSize: 5, readAhead: 2, log: &kafkatest.Logbook{}, ctx: ctx,
		}
		w.createTopics()
		t.Cleanup(func() {
			if t.Failed() {
				t.Log(strings.Join(w.log.Lines(), "\n"))
			}
		})
		test(w)
	})
}

func (w *world) createTopics() {
	w.Helper()
	w.topic, w.deadLetters, w.attestations = w.cluster.CreateTopic(w, 3), w.cluster.CreateTopic(w, 1), w.cluster.CreateTopic(w, 1)
	w.checkpoints = w.cluster.CreateTopic(w, 1, "cleanup.policy=compact")
	w.ledgers = w.cluster.CreateTopic(w, 2, "cleanup.policy=compact")
}

// keepForEver has topics keep what they have, for who lives through weeks. kfake deletes by
// age from compacted ones too.
func (w *world) keepForEver() {
	w.Helper()
	for _, topic := range []string{w.topic, w.deadLetters, w.attestations, w.checkpoints, w.ledgers} {
		w.cluster.Configure(w, topic, "retention.ms=-1")
	}
}

// process is one life of the service.
type process struct {
	*producer.Service
	publisher producer.Publisher // with a fuse
	close     func()
}

// Run runs the process to its end, with all that it holds.
func (p process) Run(ctx context.Context) error {
	defer p.close()
	return p.Service.Run(ctx)
}

// start wires up a process as the command does. Its steps burn the fuse, if any.
func (w *world) start(fuse *fuse) process {
	w.Helper()
	log := slog.New(w.log)
	api, err := genesys.New(genesys.Config{
		Dialect: genesys.Conversations, APIURL: "http://api.test", LoginURL: "http://login.test",
		ClientID: genesystest.DefaultClientID, ClientSecret: genesystest.DefaultClientSecret,
		RequestsPerMinute: 300, ReadAhead: w.readAhead, Timeout: time.Minute, MaxResponseBytes: 1 << 24,
		Transport: fusedTransport{w.transport, fuse},
	})
	if err != nil {
		w.Fatal(err)
	}
	brokers := w.brokers(log)
	kafka, err := publish.New(publish.Config{
		Brokers: brokers.Brokers, Access: brokers.Access, Topics: []string{w.topic, w.deadLetters, w.attestations},
		Compression: "snappy", MaxMessageBytes: limit, Ladder: brokers.Ladder, Log: log, Remembered: w.remembered,
	})
	if err != nil {
		w.Fatal(err)
	}
	positions := w.positions(brokers)
	store := &checkpointtest.Failing{Store: w.store, Before: fuse.hook("before "), After: fuse.hook("after ")}
	publisher := fusedPublisher{kafka, fuse}
	committer := producer.Committer(producer.NewAtLeastOnce(publisher, store, w.messages()))
	if w.exactly || w.inKafka {
		store.Store = positions
	}
	if w.exactly {
		committer = producer.NewExactlyOnce(fusedTransactions{positions, fuse}, w.messages())
	}
	queues := make([]genesys.QueueID, 0, 3)
	for _, queue := range w.sim.Queues() {
		queues = append(queues, genesys.QueueID(queue))
	}
	topics := &transact.Topics{Config: brokers,
		List: []transact.Topic{transact.Conversations(w.topic, 3, limit), transact.DeadLetters(w.deadLetters, 1, limit)}}
	return process{&producer.Service{
		API: api, Topic: topics, Store: store, Committer: committer,
		Queues: queues, Dialect: genesys.Conversations, PageSize: w.pageSize,
		Windows: w.windows, Revisits: w.revisits, WindowsTopic: w.attestations, Program: "genesys-producer/test",
		MostResults: w.mostResults, Grace: 20 * time.Second, Log: log,
	}, publisher, func() { kafka.Close(); positions.Close(); topics.Close() }}
}

func (w *world) brokers(log *slog.Logger) transact.Config {
	w.Helper()
	access, err := broker.NewAccess(broker.Security{}, w.cluster.Dial)
	if err != nil {
		w.Fatal(err)
	}
	return transact.Config{Brokers: w.cluster.Brokers, Access: access, Ladder: broker.NewLadder(log), Log: log}
}

// positions is a store of positions in Kafka.
func (w *world) positions(brokers transact.Config) *transact.Store {
	w.Helper()
	store, err := transact.NewStore(transact.StoreConfig{Config: brokers, Topic: w.checkpoints, LedgerTopic: w.ledgers, Name: "default",
		Compression: "snappy", MaxMessageBytes: limit})
	if err != nil {
		w.Fatal(err)
	}
	return store
}

// messages is what committers make of records.
func (w *world) messages() producer.Messages {
	return producer.Messages{Topic: w.topic, DeadLetters: producer.DeadLetters{Topic: w.deadLetters, Limit: limit},
		Producer: "genesys-producer/test", Log: slog.New(w.log)}
}

// run runs a process to its end.
func (w *world) run(ctx context.Context) error {
	w.Helper()
	return w.start(nil).Run(ctx)
}

// mustRun runs a process that must end well.
func (w *world) mustRun() {
	w.Helper()
	if err := w.run(w.Context()); err != nil {
		w.Fatalf("run: %v", err)
	}
}

// position is what is stored for the n-th queue.
func (w *world) position(n int) checkpoint.Position {
	w.Helper()
	p, _, err := w.store.Load(w.Context(), checkpoint.Key{Queue: w.sim.Queues()[n], Lane: checkpoint.Live})
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// sorted lists the keys of a set.
func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

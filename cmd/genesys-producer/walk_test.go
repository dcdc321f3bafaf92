package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/kafkatest"
)

// world is what surrounds the program: the API, the brokers, and its checkpoints.
type world struct {
	*testing.T
	sim         *genesystest.Simulator
	scribe      *scribe // between gate and sim; nil: nobody writes down what was answered
	gate        *gate
	url         string  // of the gate
	tls         *secure // the gate over TLS; nil: it is not
	cluster     *kafkatest.Cluster
	topic       string
	delivery    delivery
	environment map[string]string
	from, to    time.Time     // what is walked
	length      time.Duration // of a window
	settle      time.Duration
	left        map[string]bool // ids that the API leaves out under a fault
	nameless    map[string]bool // ids of conversations whose records have none

	within []string                       // the command that runs the program where its disk is
	wire   *wire                          // between the program and the broker; nil: there is none
	gone   map[string][]kafkatest.Message // what topics held before they were deleted

	disordered bool               // several processes have published, whose versions have no order
	halved     bool               // windows are cut as their number of records makes it necessary
	several    bool               // and under several names, of which each has its own windows
	refusals   *kfake.FaultHandle // what the broker refuses until it is removed
}

// The tests' time, long past: four hours of one day, which are one window, or four days,
// each of which is one.
var (
	from     = time.Date(2025, 3, 3, 10, 0, 0, 0, time.UTC)
	to       = from.Add(4 * time.Hour)
	firstDay = time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC)
)

const (
	day        = 24 * time.Hour
	daysSettle = 2 * time.Hour // so that windows have much in common
)

const (
	pageSize        = 10
	topicPartitions = 3
)

// newDays makes one of some 120 pages, where it is not told how many conversations, in
// 12 windows of three queues that share conversations.
func newDays(t *testing.T, organisation genesystest.Config, brokers ...kfake.Opt) *world {
	t.Helper()
	return newDaysOn(t, kafkatest.Start(t, brokers...), organisation)
}

func newDaysOn(t *testing.T, cluster *kafkatest.Cluster, organisation genesystest.Config) *world {
	t.Helper()
	w := &world{T: t, cluster: cluster, from: firstDay, to: firstDay.Add(4 * day), length: day, settle: daysSettle}
	w.organise(organisation)
	w.surround(w.sim)
	return w
}

// newWorld makes one of a single window of each queue.
func newWorld(t *testing.T, organisation genesystest.Config) *world {
	t.Helper()
	w := &world{T: t, cluster: kafkatest.Start(t), from: from, to: to, length: to.Sub(from), settle: 5 * time.Minute}
	w.organise(organisation)
	w.surround(w.sim)
	return w
}

// organise makes the organisation of the world's time.
func (w *world) organise(organisation genesystest.Config) {
	organisation.Seed, organisation.From, organisation.To = 1, w.from, w.to
	organisation.LiveShare, organisation.MeanSize, organisation.RequestsPerMinute = -1, 2500, -1
	if organisation.Conversations == 0 {
		organisation.Conversations = 800
	}
	w.sim = genesystest.New(organisation)
}

// surround makes what else there is in a world with a simulator, which is reached
// through api, and brokers. The topic gets the settings.
func (w *world) surround(api http.Handler, settings ...string) {
	w.Helper()
	w.gate = &gate{api: api}
	server := httptest.NewServer(w.gate)
	w.Cleanup(server.Close)
	w.url = server.URL
	w.topic = w.cluster.CreateTopic(w, topicPartitions, settings...)
	w.create(w.deadLetters(), 1)
	w.create(w.attestations(), topicPartitions)
	w.environment = map[string]string{
		"HTTP_ADDR":       "",
		"GENESYS_API_URL": server.URL, "GENESYS_LOGIN_URL": server.URL,
		"GENESYS_CLIENT_ID": genesystest.DefaultClientID, "GENESYS_CLIENT_SECRET": genesystest.DefaultClientSecret,
		"GENESYS_QUEUES": strings.Join(w.sim.Queues(), ","), "GENESYS_PAGE_SIZE": fmt.Sprint(pageSize),
		"GENESYS_REQUESTS_PER_MINUTE": "100000",
		"WINDOW_FROM":                 w.from.Format(time.RFC3339), "WINDOW_TO": w.to.Format(time.RFC3339), "WINDOW_SETTLE": w.settle.String(),
		"KAFKA_BROKERS": strings.Join(w.cluster.Brokers, ","), "KAFKA_TOPIC": w.topic,
		"CHECKPOINT_DIR": w.TempDir(), "LOG_LEVEL": "debug",
	}
	w.delivery = deliveries[0]
}

// create creates a topic that ends with the test.
func (w *world) create(name string, partitions int, settings ...string) {
	w.Helper()
	w.cluster.CreateTopicNamed(w, name, partitions, settings...)
	if w.cluster.Fake == nil {
		w.Cleanup(func() { w.cluster.DeleteTopic(w, name) })
	}
}

// start starts the program with changes to its environment.
func (w *world) start(changes ...string) *child {
	w.Helper()
	return w.command(nil, changes...)
}

// command starts the program with arguments.
func (w *world) command(args []string, changes ...string) *child {
	w.Helper()
	all := maps.Clone(w.environment)
	for _, change := range changes {
		name, value, _ := strings.Cut(change, "=")
		all[name] = value
	}
	var environment []string
	for name, value := range all {
		environment = append(environment, name+"="+value)
	}
	return launchWithin(w.T, w.within, environment, args...)
}

// mustFinish runs the program to the end of a bounded run.
func (w *world) mustFinish() {
	w.Helper()
	w.start().mustEnd(done)
}

func TestRunToTheEnd(t *testing.T) {
	for _, d := range append(deliveries, inKafka) {
		t.Run(d.name, func(t *testing.T) { testRunToTheEnd(t, d) })
	}
}

func testRunToTheEnd(t *testing.T, d delivery) {
	w := newDays(t, genesystest.Config{TransferShare: 0.4}).by(d)
	c := w.start()
	c.mustEnd(done)
	superseded, unchanged, conversations := 0, 0, 0 // as the program has it
	for line := range strings.Lines(c.stderr.String()) {
		var said struct {
			Msg, Verdict                         string
			Superseded, Unchanged, Conversations int
		}
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Errorf("not of the log: %s", line)
		}
		if said.Msg == "window closed" {
			superseded, unchanged, conversations = superseded+said.Superseded, unchanged+said.Unchanged, conversations+said.Conversations
			if said.Verdict != "complete" {
				t.Errorf("a window has the verdict %s", said.Verdict)
			}
		}
	}
	found := w.checkTopic()
	if len(found.repeated) > 0 || len(found.letters) > 0 || found.superseded != superseded || found.unchanged != unchanged {
		t.Errorf("%+v, want no repeats, no dead letters, %d superseded and %d unchanged", found, superseded, unchanged)
	}
	found.mustHaveGoneOn(w)
	if unchanged == 0 || found.messages != conversations-unchanged-superseded {
		t.Errorf("%d messages of %d conversations, of which %d were unchanged and %d superseded", found.messages, conversations, unchanged, superseded)
	}
	w.mustFinish() // there is nothing left
	w.checkNoRepeats()
}

func TestDialectEntities(t *testing.T) {
	w := newDays(t, genesystest.Config{Dialect: genesystest.Entities})
	w.environment["GENESYS_DIALECT"] = "entities"
	w.mustFinish()
	w.checkNoRepeats()
}

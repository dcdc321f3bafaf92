package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/kafkatest"
)

// world is what surrounds the program: the API, the brokers, and its checkpoints.
type world struct {
	*testing.T
	sim         *genesystest.Simulator
	gate        *gate
	url         string  // of the gate
	tls         *secure // the gate over TLS; nil: it is not
	cluster     *kafkatest.Cluster
	topic       string
	environment map[string]string
	left        map[string]bool // ids that the API leaves out under a fault

	within []string            // the command that runs the program where its disk is
	wire   *wire               // between the program and the broker; nil: there is none
	down   bool                // the real brokers were stopped
	data   string              // of an in-process broker that is to be stopped and started
	gone   []kafkatest.Message // what the topic held before it was deleted
}

// The tests' time: four hours, long past.
var (
	from = time.Date(2025, 3, 3, 10, 0, 0, 0, time.UTC)
	to   = from.Add(4 * time.Hour)
)

const pageSize = 10

// newWorld makes one of some 120 pages, where it is not told how many conversations, in
// 12 windows of three queues that share conversations.
func newWorld(t *testing.T, organisation genesystest.Config, brokers ...kfake.Opt) *world {
	t.Helper()
	organisation.Seed, organisation.From, organisation.To = 1, from, to
	organisation.LiveShare, organisation.MeanSize = -1, 2500
	if organisation.Conversations == 0 {
		organisation.Conversations = 800
	}
	organisation.RequestsPerMinute = -1
	w := &world{T: t, sim: genesystest.New(organisation), cluster: kafkatest.Start(t, brokers...)}
	w.gate = &gate{api: w.sim}
	server := httptest.NewServer(w.gate)
	t.Cleanup(server.Close)
	w.url = server.URL
	w.topic = w.cluster.CreateTopic(t, 3)
	w.environment = map[string]string{
		"GENESYS_API_URL": server.URL, "GENESYS_LOGIN_URL": server.URL,
		"GENESYS_CLIENT_ID": genesystest.DefaultClientID, "GENESYS_CLIENT_SECRET": genesystest.DefaultClientSecret,
		"GENESYS_QUEUES": strings.Join(w.sim.Queues(), ","), "GENESYS_PAGE_SIZE": fmt.Sprint(pageSize),
		"GENESYS_REQUESTS_PER_MINUTE": "100000",
		"WINDOW_FROM":                 from.Format(time.RFC3339), "WINDOW_TO": to.Format(time.RFC3339),
		"KAFKA_BROKERS": strings.Join(w.cluster.Brokers, ","), "KAFKA_TOPIC": w.topic,
		"CHECKPOINT_DIR": t.TempDir(), "LOG_LEVEL": "debug",
	}
	return w
}

// start starts the program with changes to its environment.
func (w *world) start(changes ...string) *child {
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
	return launchWithin(w.T, w.within, environment)
}

// mustFinish runs the program to the end of a bounded run.
func (w *world) mustFinish() {
	w.Helper()
	w.start().mustEnd(done)
}

// findings are what a topic says beside that nothing is missing.
type findings struct {
	left       int            // conversations that are not there because the API left them out
	repeated   map[string]int // by queue: publishings of a page after its first
	superseded int            // by queue and window: conversations not published, because one read later was
}

// checkTopic holds the topic against the API: every conversation is there under its
// key, in its bytes, with its headers, and nothing else is.
func (w *world) checkTopic() findings {
	w.Helper()
	type reading struct{ queue, window, id, bytes string }
	wanted, ids := map[reading]bool{}, map[string]bool{}
	for _, queue := range w.sim.Queues() {
		for at := from; at.Before(to); at = at.Add(time.Hour) {
			interval := genesys.Query{From: at, To: at.Add(time.Hour)}.Interval()
			for _, c := range w.sim.Conversations(queue, at, at.Add(time.Hour)) {
				wanted[reading{queue, interval, c.ID, string(c.JSON)}] = true
				ids[c.ID] = true
			}
		}
	}
	there, published := map[reading]bool{}, map[string]bool{}
	times := map[string]map[string]int{} // of a page: how often each id is there
	for _, m := range slices.Concat(w.gone, w.cluster.Read(w, w.topic)) {
		r := reading{m.Headers["queue-id"], m.Headers["window"], m.Key, string(m.Value)}
		if !wanted[r] {
			w.Errorf("not the API's: conversation %s of queue %s in %s", r.id, r.queue, r.window)
		}
		there[r], published[m.Key] = true, true
		page := strings.Join([]string{r.queue, r.window, m.Headers["page"]}, " ")
		if times[page] == nil {
			times[page] = map[string]int{}
		}
		times[page][m.Key]++
		w.checkHeaders(m)
	}
	for id := range ids {
		if !published[id] && !w.left[id] {
			w.Errorf("missing: conversation %s", id)
		}
	}
	if len(ids) == 0 {
		w.Error("the API has no conversations")
	}
	found := findings{repeated: map[string]int{}, superseded: len(wanted) - len(there)}
	for id := range w.left {
		if !published[id] {
			found.left++
		}
	}
	for page, ids := range times {
		if most := slices.Max(slices.Collect(maps.Values(ids))); most > 1 {
			queue, _, _ := strings.Cut(page, " ")
			found.repeated[queue] += most - 1
		}
	}
	return found
}

func (w *world) checkHeaders(m kafkatest.Message) {
	w.Helper()
	h, sum := m.Headers, sha256.Sum256(m.Value)
	order := []string{"queue-id", "window", "page", "pass", "fetched-at", "content-type", "producer", "content-hash"}
	if !slices.Equal(m.Order, order) || h["pass"] != "0" || h["content-type"] != "application/json" ||
		!strings.HasPrefix(h["producer"], "genesys-producer/") || h["content-hash"] != hex.EncodeToString(sum[:8]) {
		w.Errorf("message %s has the headers %v %v", m.Key, m.Order, h)
	}
	var fetched int64
	_, err := fmt.Sscan(h["fetched-at"], &fetched)
	if age := m.Time.UnixMilli() - fetched; err != nil || age < 0 || age > patience.Milliseconds() {
		w.Errorf("message %s was published at %d, fetched at %s", m.Key, m.Time.UnixMilli(), h["fetched-at"])
	}
}

// checkNoRepeats expects each page once.
func (w *world) checkNoRepeats() {
	w.Helper()
	if repeated := w.checkTopic().repeated; len(repeated) > 0 {
		w.Errorf("pages repeated, by queue: %v", repeated)
	}
}

func TestRunToTheEnd(t *testing.T) {
	w := newWorld(t, genesystest.Config{TransferShare: 0.4})
	c := w.start()
	c.mustEnd(done)
	superseded := 0 // as the program has it
	for line := range strings.Lines(c.stderr.String()) {
		var said struct {
			Msg        string
			Superseded int
		}
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Errorf("not of the log: %s", line)
		}
		if said.Msg == "window closed" {
			superseded += said.Superseded
		}
	}
	if found := w.checkTopic(); len(found.repeated) > 0 || found.superseded != superseded {
		t.Errorf("%+v, want no repeats and %d superseded", found, superseded)
	}
	w.mustFinish() // there is nothing left
	w.checkNoRepeats()
}

func TestDialectEntities(t *testing.T) {
	w := newWorld(t, genesystest.Config{Dialect: genesystest.Entities})
	w.environment["GENESYS_DIALECT"] = "entities"
	w.mustFinish()
	w.checkNoRepeats()
}

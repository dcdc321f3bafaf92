package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// toldLine is what a line of the log must be: its level, and what it must tell.
type toldLine struct{ level, tells string }

// What a walk says that meets nearly everything there is to meet. A message that is not
// here is one too many.
var troubledLines = map[string]toldLine{
	"service starts":         {"INFO", "program checkpoints"},
	"service runs":           {"INFO", "queues cluster topic"},
	"queue begins":           {"INFO", "queue lane window"},
	"page completed":         {"DEBUG", "queue lane window pass page records published unchanged superseded dead_letters read total correlation_id"},
	"window closed":          {"INFO", "queue lane window pass verdict why looks pages conversations published unchanged superseded dead_letters total"},
	"window is walked again": {"INFO", "queue lane window pass why"},
	"page is asked again: it waited too long for its turn": {"INFO", "queue lane window page"},
	waits:                       {"WARN", "error correlation_id"},
	goesOn:                      {"INFO", "took"},
	kafkaWaits:                  {"WARN", "error"},
	kafkaGoesOn:                 {"INFO", "took"},
	diskWaits:                   {"ERROR", "queue lane error"},
	diskGoesOn:                  {"INFO", "took"},
	parked:                      {"ERROR", "queue lane window error correlation_id"},
	stopped:                     {"ERROR", "error"},
	"the standard library says": {"DEBUG", "text"},
}

// One walk meets brokers that are away, checkpoints that cannot be stored, a storm of 429
// and 503, and a page that the API refuses. Its log tells of each page, each window and
// each incident once, however often something was tried, and of nothing that is secret.
func TestTheLogOfATroubledWalk(t *testing.T) {
	beside(t)
	w := newBrokersWorld(t)
	if w.cluster.Fake != nil {
		w.throughWire(nil)
	}
	heard := &eavesdropper{tokens: map[string]bool{}}
	w.gate.through(func(api http.Handler) http.Handler { heard.api = api; return heard })
	var storming atomic.Bool
	w.script(func(r genesystest.Request) *genesystest.Fault {
		last := w.sim.Queues()[2]
		switch {
		case storming.Load() && r.Attempt%2 == 0:
			return genesystest.TooManyRequests("0")
		case storming.Load():
			return genesystest.Status(http.StatusServiceUnavailable, "service.unavailable", "Back soon.")
		case r.Queue == last && r.From.Equal(w.since(w.windows()-1)) && r.Page == 2:
			return genesystest.Status(http.StatusBadRequest, "bad.request", "No.")
		}
		return nil
	})
	reached, goOn := w.pause(8, 3)
	c := w.start("GENESYS_READ_AHEAD=0")

	c.reach(reached)
	w.cluster.Stop(w)
	goOn()
	c.await(kafkaWaits, 1)
	<-time.After(2 * time.Second) // of many attempts, which must not be told
	w.cluster.StartAgain(w)
	c.await(kafkaGoesOn, 1)

	c.reach(reached)
	mend := w.refuseFiles()
	goOn()
	c.await(diskWaits, 1)
	<-time.After(2 * time.Second)
	mend()
	c.await(diskGoesOn, 1)

	c.reach(reached)
	storming.Store(true)
	goOn()
	c.await(waits, 1)
	<-time.After(6 * time.Second)
	storming.Store(false)
	c.await(goesOn, 1)
	c.mustEnd(failed, "1 of 3 queues are parked")

	log := readLog(t, c.stderr.String())
	log.checkLines(troubledLines)
	for begins, ends := range map[string]string{waits: goesOn, kafkaWaits: kafkaGoesOn, diskWaits: diskGoesOn} {
		log.checkIncident(begins, ends)
	}
	for _, once := range []string{"service starts", "service runs", waits, goesOn, diskWaits, diskGoesOn, parked, stopped} {
		if n := len(log.of(once)); n != 1 {
			t.Errorf("%q: %d times, want once", once, n)
		}
	}
	if n := repeated(w.sim.Requests()); n < 4 {
		t.Errorf("%d requests were repeated: that is no storm", n)
	}
	log.checkOnce("page completed", "queue", "lane", "window", "pass", "page")
	log.checkOnce("window closed", "queue", "lane", "window")
	if n := len(log.of("window closed")); n != 3*w.windows()-1 {
		t.Errorf("%d windows were closed, want all but the one that is parked", n)
	}
	log.checkCanaries(w, heard)
}

// eavesdropper stands before the API and keeps what clients have as tokens.
type eavesdropper struct {
	api    http.Handler
	mu     sync.Mutex
	tokens map[string]bool
}

func (e *eavesdropper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		e.mu.Lock()
		e.tokens[token] = true
		e.mu.Unlock()
	}
	e.api.ServeHTTP(w, r)
}

// refuseFiles has no position stored until it is mended.
func (w *world) refuseFiles() (mend func()) {
	var inTheWay []string
	for _, queue := range w.sim.Queues() {
		path := filepath.Join(w.environment["CHECKPOINT_DIR"], "default", queue+".live.json.tmp")
		for began := time.Now(); ; { // the service may be writing that very file, for a moment
			err := os.MkdirAll(filepath.Join(path, "in the way"), 0o700)
			if err == nil {
				break
			}
			if time.Since(began) > patience {
				w.Fatal(err)
			}
		}
		inTheWay = append(inTheWay, path)
	}
	return func() {
		for _, path := range inTheWay {
			if err := os.RemoveAll(path); err != nil {
				w.Error(err)
			}
		}
	}
}

// repeated counts the queries that repeat another one.
func repeated(requests []genesystest.Request) (n int) {
	for _, r := range requests {
		if r.Path == genesystest.QueryPath && r.Attempt > 1 {
			n++
		}
	}
	return n
}

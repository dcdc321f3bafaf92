package producer_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/publish"
)

// world is all that outlives a process: the API, the brokers and the checkpoints.
// It lives in a bubble of testing/synctest, where time passes only while everybody
// waits.
type world struct {
	*testing.T
	sim       *genesystest.Simulator
	transport http.RoundTripper
	cluster   *kafkatest.Cluster
	topic     string
	store     *checkpointtest.Memory
	windows   producer.Windows
	pageSize  int
	readAhead int
	log       *logbook
	ctx       context.Context
}

// Context ends after half a day of the world's time: what goes round in circles
// until then fails.
func (w *world) Context() context.Context { return w.ctx }

// The tests' time: two hours on either side of a midnight, long past.
var (
	from = time.Date(1999, 12, 25, 22, 0, 0, 0, time.UTC)
	to   = from.Add(4 * time.Hour)
)

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
			topic: cluster.CreateTopic(t, 3), store: checkpointtest.NewMemory(),
			windows:  producer.Windows{From: from, Start: "from", To: to, Length: time.Hour, Settle: 5 * time.Minute},
			pageSize: 5, readAhead: 2, log: &logbook{}, ctx: ctx,
		}
		t.Cleanup(func() {
			if t.Failed() {
				t.Log(strings.Join(w.log.lines, "\n"))
			}
		})
		test(w)
	})
}

// process is one life of the service.
type process struct {
	*producer.Service
	kafka     *publish.Publisher
	publisher producer.Publisher // kafka, with a fuse
}

// Run runs the process to its end, with all that it holds.
func (p process) Run(ctx context.Context) error {
	defer p.kafka.Close()
	return p.Service.Run(ctx)
}

// start wires up a process as the command does. Its steps burn the fuse, if any.
func (w *world) start(fuse *fuse) process {
	w.Helper()
	log := slog.New(w.log)
	api, err := genesys.New(genesys.Config{
		Dialect: genesys.Conversations, APIURL: "http://api.test", LoginURL: "http://login.test",
		ClientID: genesystest.DefaultClientID, ClientSecret: genesystest.DefaultClientSecret,
		RequestsPerMinute: 300, ReadAhead: w.readAhead, Timeout: time.Minute, MaxResponseBytes: 1 << 20,
		Transport: fusedTransport{w.transport, fuse},
	})
	if err != nil {
		w.Fatal(err)
	}
	kafka, err := publish.New(publish.Config{
		Brokers: w.cluster.Brokers, Dial: w.cluster.Dial, Topic: w.topic,
		Compression: "snappy", MaxMessageBytes: 1_000_000, Log: log,
	})
	if err != nil {
		w.Fatal(err)
	}
	store := &checkpointtest.Failing{Store: w.store, Before: fuse.hook("before "), After: fuse.hook("after ")}
	publisher := fusedPublisher{kafka, fuse}
	queues := make([]genesys.QueueID, 0, 3)
	for _, queue := range w.sim.Queues() {
		queues = append(queues, genesys.QueueID(queue))
	}
	return process{&producer.Service{
		API: api, Topic: kafka, Store: store,
		Committer: producer.NewAtLeastOnce(publisher, store, "genesys-producer/test", log),
		Queues:    queues, Dialect: genesys.Conversations, PageSize: w.pageSize,
		Windows: w.windows, Grace: 20 * time.Second, Log: log,
	}, kafka, publisher}
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

// windowsOf lists the windows from the beginning to the end of the run.
func (w *world) windowsOf() (windows [][2]time.Time) {
	for at := w.windows.From; at.Before(w.windows.To); at = at.Add(w.windows.Length) {
		windows = append(windows, [2]time.Time{at, at.Add(w.windows.Length)})
	}
	return windows
}

// checkNothingMissing holds the topic against the API: every conversation of every
// queue and window is there, in its bytes, under its key. One that is not there for
// its own queue and window must be there for another, and be counted as superseded.
func (w *world) checkNothingMissing(messages []kafkatest.Message) {
	w.Helper()
	type place struct{ queue, window, id, bytes string }
	there, anywhere := map[place]bool{}, map[place]bool{}
	for _, m := range messages {
		anywhere[place{id: m.Key, bytes: string(m.Value)}] = true
		there[place{m.Headers["queue-id"], m.Headers["window"], m.Key, string(m.Value)}] = true
		sum := sha256.Sum256(m.Value)
		if m.Headers["content-hash"] != hex.EncodeToString(sum[:8]) {
			w.Errorf("message %s: content-hash %s is not of its bytes", m.Key, m.Headers["content-hash"])
		}
	}
	want, elsewhere := 0, 0
	for _, queue := range w.sim.Queues() {
		for _, window := range w.windowsOf() {
			for _, c := range w.sim.Conversations(queue, window[0], window[1]) {
				want++
				interval := genesys.Query{From: window[0], To: window[1]}.Interval()
				switch {
				case there[place{queue, interval, c.ID, string(c.JSON)}]:
				case anywhere[place{id: c.ID, bytes: string(c.JSON)}]:
					elsewhere++
				default:
					w.Errorf("missing or changed: conversation %s of queue %s in %s", c.ID, queue, interval)
				}
			}
		}
	}
	if want == 0 || len(there)+elsewhere != want {
		w.Errorf("the topic has %d conversations by queue and window, and %d are there for another, the API has %d", len(there), elsewhere, want)
	}
	if superseded := w.log.count("page completed") - w.log.count("page completed", "superseded=0"); elsewhere > 0 && superseded == 0 {
		w.Errorf("%d conversations are there for another queue or window only, and no page says that it had superseded ones", elsewhere)
	}
}

// repeats counts, for each queue, the messages that came more than once under the
// same queue, window, pass and content, and lists the pages that they are of.
func repeats(messages []kafkatest.Message) (count map[string]int, pages map[string][]string) {
	count, pages = map[string]int{}, map[string][]string{}
	seen := map[[5]string]bool{}
	for _, m := range messages {
		h := m.Headers
		version := [5]string{h["queue-id"], h["window"], h["pass"], m.Key, h["content-hash"]}
		if seen[version] {
			count[h["queue-id"]]++
			if page := h["window"] + " page " + h["page"]; !slices.Contains(pages[h["queue-id"]], page) {
				pages[h["queue-id"]] = append(pages[h["queue-id"]], page)
			}
		}
		seen[version] = true
	}
	return count, pages
}

// errKilled is what a process sees after it was killed: nothing has an effect.
var errKilled = errors.New("the process was killed")

// fuse kills a process at its n-th step. A step is a moment before or after an
// effect on the world.
type fuse struct {
	mu    sync.Mutex
	left  int
	dead  bool
	last  string // the step at which it died
	kill  func()
	steps []string
}

// burn takes one step. A nil fuse never ends.
func (f *fuse) burn(step string) error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return errKilled
	}
	f.steps = append(f.steps, step)
	if f.left--; f.left == 0 {
		f.dead, f.last = true, step
		f.kill()
		return errKilled
	}
	return nil
}

func (f *fuse) hook(when string) func(string) error {
	return func(op string) error {
		if op == checkpointtest.Close {
			return nil
		}
		return f.burn(when + op)
	}
}

type fusedTransport struct {
	http.RoundTripper
	fuse *fuse
}

func (t fusedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.fuse.burn("before request"); err != nil {
		return nil, err
	}
	resp, err := t.RoundTripper.RoundTrip(r)
	if err == nil {
		if err := t.fuse.burn("after request"); err != nil {
			resp.Body.Close()
			return nil, err
		}
	}
	return resp, err
}

type fusedPublisher struct {
	producer.Publisher
	fuse *fuse
}

func (p fusedPublisher) Publish(ctx context.Context, messages []producer.Message) error {
	if err := p.fuse.burn("before publish"); err != nil {
		return err
	}
	if err := p.Publisher.Publish(ctx, messages); err != nil {
		return err
	}
	return p.fuse.burn("after ack")
}

// logbook keeps what was logged.
type logbook struct {
	mu    sync.Mutex
	lines []string
}

func (l *logbook) Enabled(context.Context, slog.Level) bool { return true }
func (l *logbook) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logbook) WithGroup(string) slog.Handler            { return l }
func (l *logbook) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool { line += fmt.Sprintf(" %s=%v", a.Key, a.Value); return true })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	return nil
}

// count is how many lines contain all of the texts.
func (l *logbook) count(texts ...string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			n++
		}
	}
	return n
}

// sorted lists the keys of a set.
func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

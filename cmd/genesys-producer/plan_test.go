package main

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
)

// plans is what plan prints as JSON.
func (w *world) plans(changes ...string) (f forecast) {
	w.Helper()
	c := w.command([]string{"plan", "--json"}, changes...)
	c.mustEnd(done, "asking the API to count")
	decoder := json.NewDecoder(strings.NewReader(c.stdout.String()))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		w.Fatalf("%v:\n%s", err, c.stdout.String())
	}
	return f
}

// What is planned before the first start is what is walked then, and nothing is left after
// it: in each store, and beside the service. plan asks once for each queue.
func TestPlan(t *testing.T) {
	for _, d := range append(deliveries, inKafka) {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			w := newDays(t, genesystest.Config{Conversations: 2000}).by(d)
			w.sim.TakeRequests()
			f := w.plans()
			asked := 0
			for _, r := range w.sim.TakeRequests() {
				if r.Path == genesystest.QueryPath {
					asked++
				}
			}
			if asked != 3 || f.Requests != 3 {
				t.Errorf("%d requests, of which it tells %d; want 3", asked, f.Requests)
			}
			for i, queue := range w.sim.Queues() {
				q := f.Queues[i]
				if q.Queue != queue || !q.Begins || !q.From.Equal(w.from) || !q.To.Equal(w.to) || q.Windows != 4 || q.Conversations != len(w.sim.Conversations(queue, w.from, w.to)) {
					t.Errorf("queue %s: %+v", queue, q)
				}
			}
			if f.Sum.Windows != 12 || f.Sum.Visits != 0 || f.Steady.Visits != 0 || !f.To.Equal(w.to) {
				t.Errorf("in all: %+v, %+v", f.Sum, f.Steady)
			}

			stopped := w.stopAt(middle)
			stopped.mustEnd(failed)
			w.gate.open()
			some := w.plans()
			if some.Sum.Pages >= f.Sum.Pages || some.Sum.Pages == 0 || some.Sum.Windows > f.Sum.Windows || some.Queues[0].Begins {
				t.Errorf("in the middle: %+v, and %+v at first", some.Sum, f.Sum)
			}
			c := w.start()
			c.mustEnd(done)
			walked := 0
			for line := range strings.Lines(stopped.stderr.String() + c.stderr.String()) {
				if strings.Contains(line, `"page completed"`) {
					walked++
				}
			}
			if off := float64(f.Sum.Pages) / float64(walked); off < 0.85 || off > 1.15 {
				t.Errorf("%d pages were planned, and %d walked", f.Sum.Pages, walked)
			}
			w.checkNoRepeats()
			if left := w.plans(); left.Sum != (work{}) || left.Requests != 0 {
				t.Errorf("after the end: %+v", left)
			}
		})
	}
}

// Beside a service that follows the clock, which keeps its positions.
func TestPlanBesideTheService(t *testing.T) {
	for _, d := range append(deliveries, inKafka) {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			w := newDays(t, oneQueue()).by(d)
			changes := []string{"WINDOW_FROM=5h", "WINDOW_TO="}
			c := w.start(changes...)
			c.await(`"window closed"`, 3) // at least 3 hours are over and have settled
			if f := w.plans(changes...); f.Queues[0].Begins || f.Sum.Windows > 1 {
				t.Errorf("it plans %+v", f)
			}
			w.command([]string{"checkpoint", "list"}, changes...).mustEnd(done)
			c.signal(syscall.SIGTERM)
			c.mustEnd(done)
			if strings.Contains(c.stderr.String(), takenOver) {
				t.Error("it was fenced")
			}
		})
	}
}

// For people: where each queue stands, the sum, and what is an estimate.
func TestPlanForPeople(t *testing.T) {
	beside(t)
	w := newDays(t, genesystest.Config{})
	c := w.command([]string{"plan"}, "WINDOW_TO=", "GENESYS_REQUESTS_PER_MINUTE=300")
	c.mustEnd(done)
	c.mustSay("CHECKPOINT_NAME default in directory ", "all 3 ", "Once caught up, windows of 1h need about ", "of the 291 that are", "97 % of GENESYS_REQUESTS_PER_MINUTE", "Pages and minutes are estimates", "Nothing was published or stored.")
	if got := row(c.stdout.String(), w.sim.Queues()[0]); !strings.HasPrefix(got, w.sim.Queues()[0]+" begins at 2025-03-03T00:00Z ") {
		t.Errorf("it says:\n%s", c.stdout.String())
	}
	c = w.command([]string{"plan"}, "GENESYS_CLIENT_SECRET=wrong-one")
	c.mustEnd(failed, "plan: log in: ")
	c.mustNotTell("wrong-one")
	w.command([]string{"plan"}, "WINDOW_LENGTH=7h").mustEnd(misuse, "WINDOW_LENGTH: ")
}

// An API, or brokers, that are away are waited for, which is told, and not for ever.
func TestPlanGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		changes map[string]string
		after   time.Duration
		says    string
	}{
		"API":     {map[string]string{"GENESYS_API_URL": "http://127.0.0.1:1", "GENESYS_LOGIN_URL": "http://127.0.0.1:1"}, countPatience, "plan: log in: the API at http://127.0.0.1:1 has not answered for it within 1m0s: see to it"},
		"brokers": {map[string]string{"KAFKA_BROKERS": "127.0.0.1:1", "CHECKPOINT_STORE": "kafka"}, brokersPatience, "the brokers at 127.0.0.1:1 have not answered"},
	} {
		t.Run(name, func(t *testing.T) {
			c.changes["WINDOW_FROM"] = "2026-03-01T00:00:00Z" // a bubble begins with the year 2000
			if c.changes["CHECKPOINT_STORE"] == "" {
				c.changes["CHECKPOINT_DIR"] = t.TempDir()
			}
			setEnvironment(t, with(c.changes))
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var stdout, stderr transcript
				code := command(t.Context(), []string{"plan"}, strings.NewReader(""), &stdout, &stderr)
				if took := time.Since(began); code != failed || took < c.after || took > c.after+10*time.Second || !strings.Contains(stderr.String(), c.says) {
					t.Errorf("exit code %d after %v, and it says:\n%s", code, took, stderr.String())
				}
			})
		})
	}
}

// A small allowance makes plan wait for its turn, but one that others use up does not make
// it wait for long, and is not taken for an API that is away.
func TestPlanWithASmallAllowance(t *testing.T) {
	for _, c := range []struct {
		name, ours string
		theirs     int
		code       int
		says       string
	}{
		{"a request a minute", "1", 300, done, "asking the API to count, by 2 requests, which takes about 2m4s"},
		{"used up", "300", 1, failed, "the allowance of requests is used up until 2000-01-02T05:0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			api := httptest.NewServer(genesystest.New(genesystest.Config{RequestsPerMinute: c.theirs})) // by a clock that stands still
			defer api.Close()
			api.Config.SetKeepAlivesEnabled(false) // time stands still in a bubble with a connection that is open
			setEnvironment(t, with(map[string]string{"GENESYS_API_URL": api.URL, "GENESYS_LOGIN_URL": api.URL, "GENESYS_QUEUES": "q-1,q-2",
				"GENESYS_CLIENT_ID": genesystest.DefaultClientID, "GENESYS_CLIENT_SECRET": genesystest.DefaultClientSecret,
				"GENESYS_REQUESTS_PER_MINUTE": c.ours, "WINDOW_FROM": "2000-01-01T00:00:00Z", "CHECKPOINT_DIR": t.TempDir()}))
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(29 * time.Hour) // a bubble begins with the year 2000; more than a day is ahead
				began := time.Now()
				var stdout, stderr transcript
				code := command(t.Context(), []string{"plan"}, strings.NewReader(""), &stdout, &stderr)
				if took := time.Since(began); took > 4*time.Minute || code != c.code || !strings.Contains(stderr.String(), c.says) {
					t.Errorf("exit code %d after %v, and it says:\n%s", code, took, stderr.String())
				}
			})
		})
	}
}

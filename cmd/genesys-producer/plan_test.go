package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
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
		{"used up", "300", 1, failed, "the allowance of requests is used up until 2000-01-01T05:0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			api := httptest.NewServer(genesystest.New(genesystest.Config{RequestsPerMinute: c.theirs})) // by a clock that stands still
			defer api.Close()
			api.Config.SetKeepAlivesEnabled(false) // time stands still in a bubble with a connection that is open
			setEnvironment(t, with(map[string]string{"GENESYS_API_URL": api.URL, "GENESYS_LOGIN_URL": api.URL, "GENESYS_QUEUES": "q-1,q-2",
				"GENESYS_CLIENT_ID": genesystest.DefaultClientID, "GENESYS_CLIENT_SECRET": genesystest.DefaultClientSecret,
				"GENESYS_REQUESTS_PER_MINUTE": c.ours, "WINDOW_FROM": "2000-01-01T00:00:00Z", "CHECKPOINT_DIR": t.TempDir()}))
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(5 * time.Hour) // a bubble begins with the year 2000
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

// What is counted is the whole interval, in no more than 31 days, each part once.
func TestStretches(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z", ""},
		{"2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z", "01-01T10 01-01T11"},
		{"2026-01-01T10:00:00Z", "2026-02-01T00:00:00Z", "01-01T10 02-01T00"},
		{"2026-01-01T10:00:00Z", "2026-02-01T01:00:00Z", "01-01T10 02-01T00 02-01T01"},
		{"2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z", "01-01T00 02-01T00 03-04T00 04-01T00"},
	} {
		from, _, _ := parseInstant(c.from)
		to, _, _ := parseInstant(c.to)
		got := ""
		for i, one := range stretches(3, producer.Ahead{From: from, To: to}) {
			if one.to.Sub(one.from) > 31*24*time.Hour || one.queue != 3 {
				t.Errorf("%+v", one)
			}
			if i == 0 {
				got = one.from.Format("01-02T15")
			}
			got += " " + one.to.Format("01-02T15")
		}
		if got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

// The estimate: pages of windows and of revisits, minutes at 97 % of the allowance, and what
// is needed for ever.
func TestEstimate(t *testing.T) {
	cfg := mustLoad(t, map[string]string{"GENESYS_REQUESTS_PER_MINUTE": "100", "WINDOW_SETTLE": "0s"})
	f := forecast{PageSize: 100, PerMinute: 97, Queues: []queueAhead{
		{From: hours(0), To: hours(48), Page: 3, work: work{Windows: 2, Conversations: 28_800, Visits: 2}}, // 10 a minute
		{From: hours(0), To: hours(0)},
	}}
	f.estimate(cfg)
	day := 144.5 // pages
	if got, want := f.Queues[0].Pages, int(288+1-3+2*day); got != want || f.Sum.Pages != want {
		t.Errorf("%d pages, and %d in all; want %d", got, f.Sum.Pages, want)
	}
	if got := fmt.Sprintf("%.3f", f.Sum.Minutes); got != fmt.Sprintf("%.3f", (286+2*day)/97) {
		t.Errorf("%s minutes", got)
	}
	windows, visits := (6.5+1)/60, 3*(day+1)/1440 // an idle queue has a page a window, too
	if got := fmt.Sprintf("%.4f %.4f %.4f", f.Steady.Windows, f.Steady.Visits, f.Steady.Share); got != fmt.Sprintf("%.4f %.4f %.4f", windows, visits, (windows+visits)/97) {
		t.Errorf("for ever: %s", got)
	}
}

// Days that are due to be revisited are counted, but not of a run that makes no revisits.
func TestPlannedVisits(t *testing.T) {
	stored := inventory{positions: []found{
		{checkpoint.Key{Queue: "a", Lane: checkpoint.Live}, walkedTo("a", false), nil},
		{checkpoint.Key{Queue: "a", Lane: checkpoint.Revisit}, visited("a"), nil}}}
	for now, want := range map[float64]int{23: 0, 24: 1} { // at the age of a day
		if due, err := visitsDue(mustLoad(t, nil), stored, "a", hours(now)); due != want || err != nil {
			t.Errorf("at hour %v: %d, %v; want %d", now, due, err, want)
		}
	}
	if due, err := visitsDue(mustLoad(t, map[string]string{"WINDOW_TO": "now"}), stored, "a", hours(100)); due != 0 || err != nil {
		t.Errorf("of a run with an end: %d, %v", due, err)
	}
}

// The pace that minutes are told by is that of the client.
func TestPlannedPace(t *testing.T) {
	cfg := mustLoad(t, nil)
	api, err := newAPI(cfg, textLog(&transcript{})(cfg), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := api.State().PerMinute; fmt.Sprintf("%.3f", got) != fmt.Sprintf("%.3f", genesys.Share*float64(cfg.RequestsPerMinute)) {
		t.Errorf("the client's is %v", got)
	}
}

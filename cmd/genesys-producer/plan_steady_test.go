package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
)

// night is an organisation of two queues that have had conversations by day and none since
// midnight, at six in the morning of the second day of a bubble's time.
func night() *genesystest.Simulator {
	from := time.Date(2000, time.January, 1, 7, 0, 0, 0, time.UTC) // none of them is beyond 24 hours
	return genesystest.New(genesystest.Config{Seed: 1, Queues: []string{"q-1", "q-2"}, From: from, To: from.Add(15 * time.Hour),
		Conversations: 2880, TransferShare: -1, LiveShare: -1, MeanSize: 2500, RequestsPerMinute: -1})
}

// planAtNight is what plan says of that organisation.
func planAtNight(t *testing.T, sim *genesystest.Simulator, changes map[string]string, args ...string) (stdout, stderr string) {
	t.Helper()
	api := httptest.NewServer(sim)
	defer api.Close()
	api.Config.SetKeepAlivesEnabled(false) // time stands still in a bubble with a connection that is open
	all := map[string]string{"GENESYS_API_URL": api.URL, "GENESYS_LOGIN_URL": api.URL, "GENESYS_QUEUES": "q-1,q-2", "GENESYS_PAGE_SIZE": "10",
		"GENESYS_CLIENT_ID": genesystest.DefaultClientID, "GENESYS_CLIENT_SECRET": genesystest.DefaultClientSecret, "CHECKPOINT_DIR": t.TempDir()}
	for name, value := range changes {
		all[name] = value
	}
	setEnvironment(t, with(all))
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(30 * time.Hour) // a bubble begins with the year 2000
		var out, errs transcript
		if code := command(t.Context(), append([]string{"plan"}, args...), strings.NewReader(""), &out, &errs); code != done {
			t.Errorf("exit code %d, and it says:\n%s", code, errs.String())
		}
		stdout, stderr = out.String(), errs.String()
	})
	return stdout, stderr
}

func readForecast(t *testing.T, stdout string) (f forecast) {
	t.Helper()
	if err := json.Unmarshal([]byte(stdout), &f); err != nil || len(f.Queues) != 2 {
		t.Fatalf("%v:\n%s", err, stdout)
	}
	return f
}

// What the queues need for ever is told by a day of theirs, however little lies ahead: of
// the last one where that is less than a day, which takes a request more.
func TestPlanTellsWhatIsNeededForEver(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		ahead          float64 // hours that are counted
		requests       int
	}{
		{"caught up", "5m", "", 0, 2},
		{"a night ahead", "2000-01-02T00:00:00Z", "", 5, 4},
		{"more than a day ahead", "2000-01-01T00:00:00Z", "", 29, 2},
		{"a night ahead of a run with an end to come", "2000-01-02T00:00:00Z", "2000-02-01T00:00:00Z", 5, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			sim := night()
			stdout, stderr := planAtNight(t, sim, map[string]string{"WINDOW_FROM": c.from, "WINDOW_TO": c.to}, "--json")
			f := readForecast(t, stdout)
			want := 0.0
			for _, q := range f.Queues {
				if got := q.To.Sub(q.From).Hours(); got != c.ahead || (q.LastDay != nil) != (c.ahead < 24) {
					t.Errorf("queue %s: %v hours ahead, last day %v", q.Queue, got, q.LastDay)
				}
				aDay := float64(len(sim.IDs(q.Queue, time.Time{}, time.Time{})))
				if c.ahead > 24 {
					aDay *= 24 / c.ahead
				}
				visits := 3 * (aDay/10 + 0.5) / 1440
				if c.to != "" {
					visits = 0
				}
				want += (aDay/1440*65/10+0.5)/60 + visits
			}
			if f.Steady.Share == nil || f.Steady.Unknown != 0 || fmt.Sprintf("%.5f", *f.Steady.Share) != fmt.Sprintf("%.5f", want/291) {
				t.Errorf("for ever: %+v, want %v requests a minute", f.Steady, want)
			}
			if f.Requests != c.requests || !strings.Contains(stderr, fmt.Sprintf("by %d requests", c.requests)) {
				t.Errorf("%d requests, want %d; and it says:\n%s", f.Requests, c.requests, stderr)
			}
		})
	}
}

// A service that has caught up and needs more than half of what it may send is told so.
func TestPlanWarnsWhoHasCaughtUp(t *testing.T) {
	stdout, _ := planAtNight(t, night(), map[string]string{"WINDOW_FROM": "5m", "GENESYS_REQUESTS_PER_MINUTE": "1"})
	for _, want := range []string{"need about 0.2 requests a minute, and revisits 0.6: 86 % of the 1 that", "That is more than half: "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, stdout)
		}
	}
}

// Where the last day cannot be counted nobody knows what is needed for ever, and no share is
// told that is too low. What lies ahead is told all the same.
func TestPlanOfWhatNobodyKnows(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    *genesystest.Fault
		queue    string // whose; empty: any
		requests int
		unknown  int
		why      string
	}{
		{"one refused", genesystest.Status(400, "bad.request", "no such queue"), "q-1", 4, 1, "queue q-1: count its last 24 h: page 1: POST "},
		{"refused", genesystest.Status(400, "bad.request", "no such queue"), "", 4, 2, "queue q-1: count its last 24 h: page 1: POST "},
		{"no answer", genesystest.Status(503, "service.unavailable", "later"), "", 3, 2, "has not answered for it within "},
		{"used up", genesystest.TooManyRequests("60"), "", 3, 2, "queue q-1: count its last 24 h: the allowance of requests is used up"},
		{"no totals", genesystest.WithoutTotal(), "", 4, 2, "the API tells no totals"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sim := night()
			sim.Script(func(r genesystest.Request) *genesystest.Fault {
				if r.To.Sub(r.From) == day && (c.queue == "" || c.queue == r.Queue) {
					return c.fault
				}
				return nil
			})
			changes := map[string]string{"WINDOW_FROM": "2000-01-02T00:00:00Z"}
			stdout, _ := planAtNight(t, sim, changes, "--json")
			f := readForecast(t, stdout)
			if f.Steady.Share != nil || f.Steady.Unknown != c.unknown || !strings.Contains(f.Steady.Why, c.why) || f.Requests != c.requests || f.Sum.Windows != 10 {
				t.Errorf("%d requests, %+v, for ever %+v", f.Requests, f.Sum, f.Steady)
			}
			stdout, _ = planAtNight(t, sim, changes)
			for _, want := range []string{"need at least ", ": an unknown share of the 291 that", fmt.Sprintf("These figures count %d queue", c.unknown), "as idle of which nobody knows", c.why} {
				if !strings.Contains(stdout, want) {
					t.Errorf("it does not say %q:\n%s", want, stdout)
				}
			}
		})
	}
}

// A run that is over needs nothing, and nothing is asked for it.
func TestPlanOfARunThatIsOver(t *testing.T) {
	stdout, _ := planAtNight(t, night(), map[string]string{"WINDOW_FROM": "2000-01-01T12:00:00Z", "WINDOW_TO": "2000-01-01T13:00:00Z"}, "--json")
	if f := readForecast(t, stdout); f.Requests != 2 || f.Sum.Conversations == 0 || f.Steady.Share == nil || *f.Steady.Share != 0 || f.Steady.Unknown != 0 {
		t.Errorf("%d requests, %+v, for ever %+v", f.Requests, f.Sum, f.Steady)
	}
}

package main

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/status"
)

// newRecent is a world of the last two days, which a service that does not end catches up
// with.
func newRecent(t *testing.T) *world {
	t.Helper()
	today := time.Now().UTC().Truncate(day)
	w := &world{T: t, cluster: kafkatest.Start(t), from: today.Add(-2 * day), to: today, length: time.Hour, settle: 5 * time.Minute}
	w.organise(small())
	w.surround(w.sim)
	w.environment["WINDOW_TO"], w.environment["WINDOW_REVISIT"] = "", ""
	return w
}

// What is told of a service that walks, and then waits for the clock.
func TestStatusOfAWalk(t *testing.T) {
	beside(t)
	eachDelivery(t, func(t *testing.T, d delivery) {
		w := newRecent(t).by(d)
		reached, goOn := w.pause(20, 1)
		x := w.watch("GENESYS_READ_AHEAD=0")
		x.reach(reached)
		s := x.until(func(s status.Status) bool { return s.Walks > 0 && s.Totals.Pages > 0 })
		if s.Phase != status.Running || !s.Ready || !isFree(s) || s.Kafka.Topic != w.topic || s.Kafka.Cluster == "" || s.Budget.LastMinute < 20 {
			t.Errorf("while it walks: %+v", s)
		}
		x.mustFail()
		x.mustAnswer("/livez", http.StatusOK, "alive: ")
		x.mustBe(1, "ready")
		x.mustBe(0, `hold{by="api"}`, `hold{by="kafka"}`, `hold{by="checkpoint"}`, `hold{by="budget"}`)
		goOn()

		h := x.held(status.ByWindow)
		if left := time.Until(h.Until); left < 0 || left > time.Hour {
			t.Errorf("the next window settles in %v, want within an hour", left)
		}
		x.mustAnswer("/livez", http.StatusOK, "alive: it waits until", "the next window settles")
		x.mustFail()
		s = x.until(func(status.Status) bool { return true })
		for _, q := range s.Queues {
			if !q.Closed || !q.Matched || q.Verdict != "complete" || q.FreshnessSeconds < w.settle.Seconds() || q.FreshnessSeconds > (time.Hour+w.settle+time.Minute).Seconds() {
				t.Errorf("a queue that has caught up: %+v", q)
			}
		}
		w.mustAgree(x, s)
		x.signal(syscall.SIGTERM)
		x.mustEnd(done)
		if _, err := http.Get("http://" + x.at + "/livez"); err == nil {
			t.Error("it answers still")
		}
	})
}

// mustAgree expects of a service that waits that its metrics, its status, the API and the
// topics tell the same.
func (w *world) mustAgree(x *watched, s status.Status) {
	w.Helper()
	m := x.metrics()
	published, bytes := len(w.read(w.topic)), 0
	for _, message := range append(w.read(w.topic), w.read(w.attestations())...) {
		bytes += len(message.Key) + len(message.Value)
	}
	queries, answered, logins := 0, 0, 0
	for _, r := range w.sim.Requests() {
		switch {
		case r.Token:
			logins++
		case r.Path == genesystest.QueryPath:
			queries++
		}
	}
	for series, value := range m {
		if strings.HasPrefix(series, `api_requests_total{call="page"`) {
			answered += int(value)
		}
	}
	for _, row := range []struct {
		what      string
		got, want float64
	}{
		{"pages, by metrics and status", sum(m, "pages_total", ""), float64(s.Totals.Pages)},
		{"conversations published, by metrics and topic", sum(m, "conversations_total", `"published"`), float64(published)},
		{"conversations published, by status and topic", float64(s.Totals.Published), float64(published)},
		{"conversations read", sum(m, "conversations_total", ""), float64(s.Totals.Records)},
		{"windows complete", sum(m, "windows_total", `"complete"`), float64(s.Totals.Windows)},
		{"windows attested", float64(len(w.read(w.attestations()))), float64(s.Totals.Windows)},
		{"bytes published", m["published_bytes_total"], float64(bytes)},
		{"queries", float64(answered), float64(queries)},
		{"requests for a token", sum(m, "api_requests_total", `"token"`), float64(logins)},
		{"tokens renewed", m[`api_token_renewals_total{result="ok"}`], float64(logins)},
		{"publish failures", m["publish_failures_total"], 0},
		{"checkpoint failures", m[`checkpoint_writes_total{result="failed"}`], 0},
		{"queues matched", sum(m, "queue_matched", ""), float64(len(w.sim.Queues()))},
		{"queues parked", sum(m, "queue_parked", ""), 0},
		{"allowance", m["api_budget_allowance"], 100000},
	} {
		if row.got != row.want {
			w.Errorf("%s: %v, want %v", row.what, row.got, row.want)
		}
	}
	// Beside pages and attestations, windows are stored as they begin and as they end.
	if writes := m[`checkpoint_writes_total{result="stored"}`]; writes < float64(s.Totals.Pages+s.Totals.Windows) {
		w.Errorf("%v checkpoint writes, want more than the %d pages and %d windows", writes, s.Totals.Pages, s.Totals.Windows)
	}
	for _, some := range []string{"page_bytes_total", "api_response_bytes_total", "publish_duration_seconds_count", "publish_duration_seconds_sum",
		"checkpoint_write_duration_seconds_count", `api_request_duration_seconds_count{call="page"}`, `api_request_duration_seconds_sum{call="page"}`} {
		if m[some] <= 0 {
			w.Errorf("%s is %v", some, m[some])
		}
	}
}

// Freshness is by the last window that is closed: it falls by a window's length. The run has
// an end that is past, and is behind that.
func TestFreshnessFallsAsWindowsClose(t *testing.T) {
	beside(t)
	w := newDays(t, oneQueue())
	queue := w.sim.Queues()[0]
	series := func(name string) string { return fmt.Sprintf("%s{checkpoint=%q,queue=%q}", name, "default", queue) }
	ends := map[float64]bool{}
	for n := range w.windows() {
		ends[float64(w.begin(n).Unix())] = true
	}
	pages := len(w.sim.IDs(queue, w.since(0), w.begin(1)))/pageSize + 1
	reached, goOn := w.pause(pages, 3)
	x := w.watch("GENESYS_READ_AHEAD=0")
	var before float64
	for n := range 3 {
		x.reach(reached)
		m := x.metrics()
		end, fresh := m[series("queue_window_end_timestamp_seconds")], m[series("queue_freshness_seconds")]
		if !ends[end] {
			t.Errorf("the last window that is closed ends at %v, which is no window's end", end)
		}
		if age := float64(w.begin(w.windows()).Unix()) - end; fresh != age {
			t.Errorf("freshness is %v, want %v", fresh, age)
		}
		if n > 0 && fresh > before-day.Seconds() {
			t.Errorf("freshness was %v and is %v after another window", before, fresh)
		}
		before = fresh
		goOn()
	}
	x.mustEnd(done)
}

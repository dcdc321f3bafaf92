package status

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// mustExport expects lines in what /metrics answers.
func (p *post) mustExport(lines ...string) {
	p.Helper()
	code, body := p.get("/metrics")
	if code != 200 {
		p.Fatalf("/metrics is %d: %s", code, body)
	}
	all := map[string]bool{}
	for line := range strings.Lines(body) {
		all[strings.TrimSpace(line)] = true
	}
	for _, line := range lines {
		if line = namespace + "_" + line; !all[line] {
			name, _, _ := strings.Cut(line, "{")
			name, _, _ = strings.Cut(name, " ")
			var near []string
			for there := range all {
				if strings.HasPrefix(there, name) {
					near = append(near, there)
				}
			}
			p.Errorf("/metrics has no %s, but:\n%s", line, strings.Join(near, "\n"))
		}
	}
}

func TestNamesAndUnitsAreByTheConventions(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		p.Lookup(map[genesys.QueueID]string{"a": "Billing"}, nil)
		problems, err := testutil.GatherAndLint(p.metrics.registry)
		if err != nil || len(problems) > 0 {
			t.Errorf("%v, problems: %+v", err, problems)
		}
	})
}

// The first increase of a series that begins with 1 would be seen by no rate.
func TestSeriesAreThereFromTheStart(t *testing.T) {
	inPost(t, func(p *post) {
		p.mustExport(
			`conversations_total{outcome="dead_letter",queue="b"} 0`, `pages_total{lane="revisit",queue="a"} 0`, `page_bytes_total 0`,
			`page_discrepancies_total{kind="past_end"} 0`, `windows_total{lane="revisit",verdict="truncated"} 0`, `discrepancies_total{queue="a"} 0`,
			`api_requests_total{call="page",status="429"} 0`, `api_requests_total{call="token",status="none"} 0`, `api_retries_total{call="queues"} 0`,
			`api_request_duration_seconds_count{call="page"} 0`, `api_response_bytes_total 0`, `api_retry_after_total 0`, `api_retry_after_seconds_total 0`,
			`api_token_renewals_total{result="failed"} 0`, `api_budget_wait_seconds_total 0`, `publish_duration_seconds_count 0`, `published_bytes_total 0`,
			`publish_failures_total 0`, `checkpoint_writes_total{result="failed"} 0`, `checkpoint_write_duration_seconds_count 0`,
			`ready 0`, `walks 0`, `hold{by="api"} 0`, `hold{by="budget"} 0`, `hold{by="kafka"} 0`, `hold{by="checkpoint"} 0`,
			`queue_parked{checkpoint="default",lane="live",queue="a"} 0`, `queue_parked{checkpoint="default",lane="revisit",queue="b"} 0`, `queue_matched{checkpoint="default",queue="a"} 0`,
			`api_budget_allowance 300`, `api_budget_used_ratio 0`, `api_budget_waiting 0`, `api_budget_closed_seconds 0`, `api_clock_difference_seconds 0`,
		)
		_, body := p.get("/metrics")
		for _, absent := range []string{"queue_freshness_seconds{", "queue_visible{", "queue_window_end_timestamp_seconds{"} {
			if strings.Contains(body, absent) {
				t.Errorf("/metrics has %s though nobody knows it yet", absent)
			}
		}
		for _, there := range []string{"go_goroutines ", "process_cpu_seconds_total ", namespace + `_build_info{commit="",goversion="go`} {
			if !strings.Contains(body, there) {
				t.Errorf("/metrics has no %s", there)
			}
		}
	})
}

func TestMetricsCountWhatHappens(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		p.Lookup(map[genesys.QueueID]string{"a": "Billing"}, nil)
		page := p.walked(1, 200)
		page.Discrepancy = genesys.ShortPage
		page.Superseded, page.DeadLetters = 2, 3
		p.Progress(page)
		p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Live, From: p.hour(0), To: p.hour(1), Closed: true, Verdict: producer.Unstable})
		p.Progress(producer.Progress{Queue: "b", Lane: checkpoint.Revisit, Parked: errors.New("oh")})
		p.Turn(producer.Turn{Walks: 2})
		p.outage.Begin(errors.New("away"))
		p.Exchange(genesys.Exchange{Call: genesys.CallPage, Status: 429, Failed: true, Again: true, Waited: 1500 * time.Millisecond, Took: 300 * time.Millisecond, Bytes: 77, RetryAfter: 30 * time.Second})
		p.Exchange(genesys.Exchange{Call: genesys.CallPage})
		p.api.Waiting, p.api.Ahead, p.api.ClosedUntil = 4, -3*time.Second, time.Now().Add(12*time.Second)
		p.mustExport(
			`conversations_total{outcome="published",queue="a"} 90`, `conversations_total{outcome="unchanged",queue="a"} 10`,
			`conversations_total{outcome="superseded",queue="a"} 2`, `conversations_total{outcome="dead_letter",queue="a"} 3`, `conversations_total{outcome="published",queue="b"} 0`,
			`pages_total{lane="live",queue="a"} 1`, `page_bytes_total 5000`, `page_discrepancies_total{kind="short_page"} 1`,
			`windows_total{lane="live",verdict="unstable"} 1`, `discrepancies_total{queue="a"} 1`, `discrepancies_total{queue="b"} 0`,
			`queue_freshness_seconds{checkpoint="default",queue="a"} 3600`, `queue_freshness_seconds{checkpoint="default",queue="b"} 7200`,
			`queue_window_end_timestamp_seconds{checkpoint="default",queue="a"} 9.466812e+08`,
			`queue_parked{checkpoint="default",lane="live",queue="b"} 0`, `queue_parked{checkpoint="default",lane="revisit",queue="b"} 1`, `queue_visible{checkpoint="default",queue="a"} 1`, `queue_visible{checkpoint="default",queue="b"} 0`,
			`queue_matched{checkpoint="default",queue="a"} 1`, `queue_matched{checkpoint="default",queue="b"} 0`, `walks 2`, `ready 0`, `hold{by="kafka"} 1`, `hold{by="budget"} 1`, `hold{by="api"} 0`,
			`api_requests_total{call="page",status="429"} 1`, `api_requests_total{call="page",status="none"} 1`, `api_requests_total{call="token",status="200"} 1`,
			`api_retries_total{call="page"} 1`, `api_request_duration_seconds_count{call="page"} 2`, `api_request_duration_seconds_bucket{call="page",le="0.25"} 1`,
			`api_response_bytes_total 77`, `api_retry_after_total 1`, `api_retry_after_seconds_total 30`, `api_token_renewals_total{result="ok"} 1`,
			`api_budget_wait_seconds_total 1.5`, `api_budget_used_ratio 0.01`, `api_budget_waiting 4`, `api_budget_closed_seconds 12`, `api_clock_difference_seconds -3`,
		)
		p.outage.End(true)
		p.mustExport(`hold{by="kafka"} 0`, `ready 1`)
	})
}

// A queue that is not configured has no series: they are bounded.
func TestOnlyConfiguredQueuesHaveSeries(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		page := p.walked(1, 100)
		page.Queue = "stranger"
		p.Progress(page)
		p.Lookup(map[genesys.QueueID]string{"stranger": "Stranger"}, nil)
		if _, body := p.get("/metrics"); strings.Contains(body, "stranger") {
			t.Error("/metrics tells of a queue that is not configured")
		}
		p.mustEqual("pages", p.Status().Totals.Pages, 0)
	})
}

// The client is asked without the board's lock: while it tells the board of an incident it
// holds a lock that it may need for its answer.
func TestWhoIsAskedMayTell(t *testing.T) {
	b := NewBoard(Config{Queues: []string{"a"}})
	b.Client(func() genesys.State { b.Stopping(); return genesys.State{Token: true} })
	looked := make(chan Status)
	go func() { looked <- b.Status() }()
	select {
	case s := <-looked:
		if s.Ready {
			t.Error("it is ready without brokers")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the board waits for who waits for it")
	}
}

// Those that tell the board hold locks of their own, and are asked by who looks at it.
func TestManyTellAndLookAtOnce(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		var lock sync.Mutex // as the client has it while it tells of an incident, and while it is asked
		p.Client(func() genesys.State { lock.Lock(); defer lock.Unlock(); return genesys.State{Token: true} })
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for n := range 200 {
					lock.Lock()
					p.Exchange(genesys.Exchange{Call: genesys.CallPage, Status: 200})
					lock.Unlock()
					p.outage.Begin(nil)
					p.Progress(p.walked(n, 1000))
					p.Turn(producer.Turn{Walks: n % 3})
					p.Exchange(genesys.Exchange{Call: genesys.CallPage, Status: 200})
					p.outage.End(true)
				}
			})
			all.Go(func() {
				for range 50 {
					p.get("/metrics")
					p.get("/readyz")
					p.get("/livez")
					p.get("/status.json")
				}
			})
		}
		all.Wait()
		p.mustEqual("pages", p.Status().Totals.Pages, 800)
	})
}

package status

import (
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// post is a board and what it asks.
type post struct {
	*testing.T
	*Board
	api              genesys.State
	outage, unstored *producer.Incident
	began            time.Time
}

// inPost has a test tell a board of queues a and b, with virtual time.
func inPost(t *testing.T, test func(p *post)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &post{T: t, began: time.Now()}
		p.Board = NewBoard(Config{Program: "genesys-producer/1", Version: "1", Checkpoint: "default", Delivery: "at-least-once", Topic: "conversations",
			Queues: []string{"a", "b"}, Allowance: 300, Timeout: time.Minute,
			CaughtUp: 80 * time.Minute, Revisits: true})
		p.outage = producer.NewIncident(slog.New(slog.DiscardHandler), slog.LevelWarn, "away", "back")
		p.unstored = producer.NewIncident(slog.New(slog.DiscardHandler), slog.LevelError, "full", "stored")
		test(p)
	})
}

// fails has requests fail from now on; nil: no more.
func (p *post) fails(err *genesys.Error) { p.api.Failing, p.api.FailingFrom = err, time.Now() }

// start has the service start, in all steps.
func (p *post) start() {
	p.Client(func() genesys.State { return p.api })
	p.Outage(p.outage)
	p.Unstored(p.unstored)
	p.Exchange(genesys.Exchange{Call: genesys.CallToken, Status: 200})
	p.api.Token = true
	p.Destination(checkpoint.Destination{Cluster: "k", Topic: "conversations"})
	for _, id := range []string{"a", "b"} {
		p.Progress(producer.Progress{Queue: id, Lane: checkpoint.Live, From: p.hour(0), To: p.hour(1), Resumed: true, Total: -1})
	}
}

// hour is so many hours after the first window's begin, which is two hours before the
// service started.
func (p *post) hour(n int) time.Time { return p.began.Add(time.Duration(n-2) * time.Hour) }

// walked is a page of queue a.
func (p *post) walked(number, total int) producer.Progress {
	return producer.Progress{Queue: "a", Lane: checkpoint.Live, From: p.hour(0), To: p.hour(1), Page: number, At: number, PageSize: 100, Records: 100, Bytes: 5000,
		Matched: true, Read: 100 * number, Total: total, Outcome: producer.Outcome{Published: 90, Unchanged: 10}}
}

// queue is how one stands.
func (p *post) queue(id string) Queue {
	p.Helper()
	for _, q := range p.Status().Queues {
		if q.ID == id {
			return q
		}
	}
	p.Fatalf("there is no queue %s", id)
	return Queue{}
}

func (p *post) mustEqual(what string, got, want any) {
	p.Helper()
	if !reflect.DeepEqual(got, want) {
		p.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestAQueueIsWhereItsWalkIs(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		p.mustEqual("phase", p.Status().Phase, Running)
		q := p.queue("a")
		p.mustEqual("freshness before a page", q.FreshnessSeconds, (2 * time.Hour).Seconds())
		p.mustEqual("matched", q.Matched, false)

		p.Progress(p.walked(1, 250))
		p.Progress(p.walked(2, 250))
		q = p.queue("a")
		p.mustEqual("window", []time.Time{q.From, q.To}, []time.Time{p.hour(0).UTC(), p.hour(1).UTC()})
		p.mustEqual("page of", []int{q.Page, q.Pages}, []int{2, 3})
		p.mustEqual("lane", q.Lane, "live")
		p.mustEqual("rate", q.PerMinute, 200.0)
		p.mustEqual("published", q.Published, 180)
		p.mustEqual("matched", q.Matched, true)
		p.mustEqual("closed", q.Closed, false)
		p.mustEqual("totals", p.Status().Totals, Totals{Pages: 2, Records: 200, Published: 180, Unchanged: 20})

		p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Live, From: p.hour(0), To: p.hour(1), Closed: true, Verdict: producer.Complete, At: 3, PageSize: 100, Read: 250, Total: 250})
		q = p.queue("a")
		p.mustEqual("freshness of a closed window", q.FreshnessSeconds, time.Hour.Seconds())
		p.mustEqual("closed", []any{q.Closed, q.Verdict, q.ClosedUntil}, []any{true, "complete", p.hour(1).UTC()})
		p.mustEqual("page", q.Page, 3)

		time.Sleep(30 * time.Minute)
		p.mustEqual("freshness grows", p.queue("a").FreshnessSeconds, (90 * time.Minute).Seconds())
		p.mustEqual("b", p.queue("b").Published, 0)
	})
}

// A revisit walks another window, and says nothing of how far the live ones are.
func TestARevisitLeavesFreshnessAlone(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		yesterday := p.hour(-48)
		p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Revisit, From: yesterday, To: yesterday.Add(day), Resumed: true, Closed: true})
		p.mustEqual("the lane as it begins", p.queue("a").Lane, "live")
		p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Revisit, From: yesterday, To: yesterday.Add(day), Page: 7, At: 7, PageSize: 100, Records: 3, Read: 603, Total: 603})
		p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Revisit, From: yesterday, To: yesterday.Add(day), Closed: true, Verdict: producer.Unstable})
		q := p.queue("a")
		p.mustEqual("lane and window", []any{q.Lane, q.From}, []any{"revisit", yesterday.UTC()})
		p.mustEqual("freshness", q.FreshnessSeconds, (2 * time.Hour).Seconds())
		p.mustEqual("verdict of the last live window", q.Verdict, "")
		p.mustEqual("windows, and in doubt", []int{p.Status().Totals.Windows, p.Status().Totals.InDoubt}, []int{1, 1})
	})
}

const day = 24 * time.Hour

// Its page is the position's own: a window that was begun with pages of another size goes on
// with them, and a page may hold fewer records.
func TestAResumedQueueKnowsItsPage(t *testing.T) {
	inPost(t, func(p *post) {
		p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Live, From: p.hour(0), To: p.hour(1), Resumed: true, Matched: true, At: 6, PageSize: 50, Read: 250, Total: 1000})
		q := p.queue("a")
		p.mustEqual("page of", []int{q.Page, q.Pages}, []int{6, 20})
		p.mustEqual("nothing was done for it", []any{q.Published, q.PerMinute, p.Status().Totals.Pages}, []any{0, 0.0, 0})
	})
}

// A restart does not make the verdict of the last window unknown, and counts no doubt twice.
func TestAResumedQueueKnowsItsVerdict(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Live, From: p.hour(0), To: p.hour(1), Resumed: true, Closed: true, Verdict: producer.Unstable, At: 3, PageSize: 100, Total: 300})
		q, s := p.queue("a"), p.Status()
		p.mustEqual("verdict, error", []any{q.Verdict, q.LastError}, []any{"unstable", ""})
		p.mustEqual("in doubt, warnings", []any{s.Totals.InDoubt, len(s.Warnings)}, []any{0, 0})
		p.mustExport(`discrepancies_total{queue="a"} 0`, `windows_total{lane="live",verdict="unstable"} 0`)
	})
}

func TestRatesAreOfTheLastMinute(t *testing.T) {
	inPost(t, func(p *post) {
		for range 180 { // three minutes
			p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Live, Page: 1, Records: 7})
			p.Exchange(genesys.Exchange{Call: genesys.CallPage, Status: 200, Again: true})
			p.Exchange(genesys.Exchange{Call: genesys.CallQueues, Status: 200})
			time.Sleep(time.Second)
		}
		s := p.Status()
		if got := p.queue("a").PerMinute; got < 59*7 || got > 60*7 {
			t.Errorf("%v conversations a minute, want 60 times 7", got)
		}
		if got := s.Budget.LastMinute; got < 2*59 || got > 2*60 {
			t.Errorf("%d requests in the last minute, want twice 60", got)
		}
		p.mustEqual("retries", s.Budget.Retries, 180)
		time.Sleep(30 * time.Second)
		if got := p.Status().Budget.LastMinute; got < 2*29 || got > 2*31 {
			t.Errorf("%d requests in the minute of which half had none", got)
		}
		time.Sleep(time.Hour)
		p.mustEqual("rates after an hour without", []any{p.queue("a").PerMinute, p.Status().Budget.LastMinute}, []any{0.0, 0})
	})
}

// The machine's clock is set back: what was counted stays, and what comes is counted.
func TestAMeterOutlivesAClockThatIsSetBack(t *testing.T) {
	var m meter
	m.add(100, 3)
	m.add(50, 2)
	if got := m.lastMinute(130); got != 5 {
		t.Errorf("%d, want 5", got)
	}
	if got := m.lastMinute(161); got != 0 {
		t.Errorf("%d after a minute, want 0", got)
	}
}

func TestThoseThatDeserveALookComeFirst(t *testing.T) {
	behind := func(id string, seconds float64, parked bool) Queue {
		return Queue{ID: id, FreshnessSeconds: seconds, Parked: parked}
	}
	queues := []Queue{behind("near", 10, false), behind("far", 1000, false), behind("parked", 20, true), behind("further", 5000, false), behind("parked long", 30, true)}
	inOrder(queues)
	var order []string
	for _, q := range queues {
		order = append(order, q.ID)
	}
	if got, want := strings.Join(order, ", "), "parked long, parked, further, far, near"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What matters most is told of a queue: that it is parked; else what went wrong last.
func TestTheLastErrorOfAQueue(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		p.mustEqual("at first", p.queue("a").LastError, "")
		letters := p.walked(3, 300)
		letters.Outcome = producer.Outcome{Published: 98, DeadLetters: 2}
		tell := func(x producer.Progress, parts ...string) {
			t.Helper()
			p.Progress(x)
			q := p.queue("a")
			for _, part := range parts {
				if !strings.Contains(q.LastError, part) {
					t.Errorf("the last error is %q, want %q in it", q.LastError, part)
				}
			}
			p.mustEqual("when", q.LastErrorAt, time.Now().UTC())
			time.Sleep(time.Minute)
		}
		tell(letters, "2 records of page 3 went to the dead-letter topic")
		p.mustEqual("dead letters", []int{p.queue("a").DeadLetters, p.Status().Totals.DeadLetters}, []int{2, 2})
		tell(producer.Progress{Queue: "a", Lane: checkpoint.Live, From: p.hour(0), To: p.hour(1), Closed: true, Verdict: producer.Unstable, Why: "the total moved"}, "unstable", "the total moved")
		tell(producer.Progress{Queue: "a", Lane: checkpoint.Revisit, Parked: errors.New("no visit")}, "no visit")
		p.mustEqual("its live windows go on", []bool{p.queue("a").Parked, p.queue("a").VisitsParked}, []bool{false, true})
		tell(producer.Progress{Queue: "a", Lane: checkpoint.Live, Parked: errors.New("bad query")}, "bad query")
		p.mustEqual("parked", []bool{p.queue("a").Parked, p.queue("a").VisitsParked}, []bool{true, true})
		p.mustEqual("the parked one is first", p.Status().Queues[0].ID, "a")
	})
}

package status

import (
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// Who has seen a run can miss it, though its target is gone.
func TestMetricsSayWhichRunThisIs(t *testing.T) {
	inPost(t, func(p *post) {
		p.mustExport(`run_info{checkpoint="default",delivery="at-least-once",topic="conversations"} 1`, `freshness_target_seconds{checkpoint="default"} 4800`)
	})
}

// The metric is of one mind with /livez.
func TestMetricsSayWhetherItIsAlive(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		p.mustExport(`alive 1`)
		time.Sleep(11 * time.Minute)
		p.mustLive(503)
		p.mustExport(`alive 0`)
		p.Turn(producer.Turn{Walks: 1})
		p.mustExport(`alive 1`)
	})
}

// A revisit is overdue from when it was due until it has ended, also where nobody tells of it
// meanwhile.
func TestMetricsSayForHowLongARevisitIsOverdue(t *testing.T) {
	inPost(t, func(p *post) {
		p.start()
		p.mustExport(`revisits_overdue_seconds{checkpoint="default"} 0`)
		p.Turn(producer.Turn{Visit: time.Now().Add(time.Hour)})
		p.mustExport(`revisits_overdue_seconds{checkpoint="default"} 0`)
		time.Sleep(3 * time.Hour)
		p.mustExport(`revisits_overdue_seconds{checkpoint="default"} 7200`)
		p.Turn(producer.Turn{Walks: 1})
		p.mustExport(`revisits_overdue_seconds{checkpoint="default"} 0`)
	})
}

func TestARunThatMakesNoRevisitsSaysNothingOfThem(t *testing.T) {
	inPost(t, func(p *post) {
		p.Board = NewBoard(Config{Queues: []string{"a"}})
		if _, body := p.get("/metrics"); strings.Contains(body, "revisits_overdue") {
			t.Error("/metrics tells for how long a revisit is overdue that nobody makes")
		}
	})
}

// A run over last March is not months behind: it is as far behind as there is left to walk.
func TestARunWithAnEndIsBehindThat(t *testing.T) {
	inPost(t, func(p *post) {
		end := p.hour(-24*30 + 2)
		p.Board = NewBoard(Config{Checkpoint: "default", Queues: []string{"a"}, CaughtUp: time.Minute, Until: end})
		tell := func(from time.Time, closed bool) {
			p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Live, From: from, To: from.Add(time.Hour), Closed: closed, Verdict: producer.Complete})
		}
		tell(end.Add(-2*time.Hour), true)
		time.Sleep(time.Hour)
		p.mustEqual("with an hour left", p.queue("a").FreshnessSeconds, 3600.0)
		p.mustExport(`queue_freshness_seconds{checkpoint="default",queue="a"} 3600`)
		p.mustSayOnTop("Catching up", "behind by 1 h")
		tell(end.Add(-time.Hour), true)
		time.Sleep(time.Hour)
		p.mustExport(`queue_freshness_seconds{checkpoint="default",queue="a"} 0`)
		p.mustSayOnTop("All is well", "behind by 0 s")
	})
}

// An end that lies ahead changes nothing until it is past.
func TestARunWhoseEndLiesAheadIsBehindNow(t *testing.T) {
	inPost(t, func(p *post) {
		p.Board = NewBoard(Config{Queues: []string{"a"}, Until: p.hour(3)})
		p.Progress(producer.Progress{Queue: "a", Lane: checkpoint.Live, From: p.hour(0), To: p.hour(1), Closed: true, Verdict: producer.Complete})
		p.mustEqual("at first", p.queue("a").FreshnessSeconds, time.Hour.Seconds())
		time.Sleep(4 * time.Hour)
		p.mustEqual("when the end is past", p.queue("a").FreshnessSeconds, (2 * time.Hour).Seconds())
	})
}

// mustSayOnTop expects the headline of a service that runs to say something.
func (p *post) mustSayOnTop(lead, rest string) {
	p.Helper()
	s := p.Status()
	s.Phase, s.Ready, s.Stuck, s.Holds = Running, true, false, nil
	if h := headlineOf(s); h.Lead != lead || !strings.Contains(h.Rest, rest) {
		p.Errorf("on top is %q: %q, want %q: %q", h.Lead, h.Rest, lead, rest)
	}
}

// A 429 asks to stay away, though it need not say for how long.
func TestA429CountsAsAskingToStayAway(t *testing.T) {
	inPost(t, func(p *post) {
		p.Exchange(genesys.Exchange{Call: genesys.CallPage, Status: 429, Failed: true})
		p.Exchange(genesys.Exchange{Call: genesys.CallPage, Status: 503, Failed: true})
		p.mustExport(`api_retry_after_total 1`, `api_retry_after_seconds_total 0`)
	})
}

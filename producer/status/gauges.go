package status

import (
	"github.com/prometheus/client_golang/prometheus"

	"genesys-producer/checkpoint"
)

// gauges are what is so at an instant. Each scrape asks the board once for all of them.
type gauges struct {
	board *Board

	alive, ready, walks, hold, target, overdue     *prometheus.Desc
	freshness, windowEnd, parked, visible, matched *prometheus.Desc
	allowance, used, waiting, closed, clock        *prometheus.Desc
}

func newGauges(b *Board) *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
	}
	// Runs beside each other, such as a backfill, can have the same queues. An alert that bridges
	// a restart does without the label instance, and tells them apart by this one.
	ofRun := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, prometheus.Labels{"checkpoint": b.config.Checkpoint})
	}
	return &gauges{
		board: b,
		alive: desc("alive", "1: it makes progress, or waits for what it can name, as /livez says; 0: it is stuck."),
		ready: desc("ready", "1: configured, logged in, brokers reachable and positions loaded; else 0."),
		walks: desc("walks", "Walks under way."),
		hold:  desc("hold", "1: something of this kind holds walks up now; else 0.", "by"),

		target:  ofRun("freshness_target_seconds", "A queue whose freshness is not above this has caught up, in seconds."),
		overdue: ofRun("revisits_overdue_seconds", "For how long the revisit has been due that has waited longest, of all queues that are not parked, in seconds; 0: none is due; absent: the run makes none."),

		freshness: ofRun("queue_freshness_seconds", "How long ago the last live window that is closed has ended, in seconds. In a run whose end is past: how long before that.", "queue"),
		windowEnd: ofRun("queue_window_end_timestamp_seconds", "When that window has ended, in seconds since 1970.", "queue"),
		parked:    ofRun("queue_parked", "1: the lane of the queue is not walked any more until the next start; else 0.", "queue", "lane"),
		visible:   ofRun("queue_visible", "1: the client sees the queue; 0: it does not; absent: nobody could tell.", "queue"),
		matched:   ofRun("queue_matched", "1: a conversation of the queue has been found; else 0.", "queue"),

		allowance: desc("api_budget_allowance", "Requests a minute that the service is configured to use at most."),
		used:      desc("api_budget_used_ratio", "Requests of the last minute, as a share of that."),
		waiting:   desc("api_budget_waiting", "Requests that wait until they may be sent."),
		closed:    desc("api_budget_closed_seconds", "For how long nothing is sent, in seconds; 0: the budget is open."),
		clock:     desc("api_clock_difference_seconds", "How far the API's clock is ahead of this machine's, in seconds; negative: behind."),
	}
}

// Describe implements [prometheus.Collector].
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.alive, g.ready, g.walks, g.hold, g.target, g.overdue, g.freshness, g.windowEnd, g.parked, g.visible, g.matched,
		g.allowance, g.used, g.waiting, g.closed, g.clock} {
		to <- d
	}
}

// Collect implements [prometheus.Collector].
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	set := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	s := g.board.Status()
	set(g.alive, truth(!s.Stuck))
	set(g.ready, truth(s.Ready))
	set(g.walks, float64(s.Walks))
	by := map[string]bool{ByBudget: !s.Budget.ClosedUntil.IsZero()}
	for _, h := range s.Holds {
		by[h.By] = true
	}
	for _, kind := range []string{ByAPI, ByBudget, ByKafka, ByCheckpoint} {
		set(g.hold, truth(by[kind]), kind)
	}
	if s.CaughtUpSeconds > 0 {
		set(g.target, s.CaughtUpSeconds)
	}
	if g.board.config.Revisits {
		set(g.overdue, s.OverdueSeconds)
	}
	for _, q := range s.Queues {
		if !q.ClosedUntil.IsZero() {
			set(g.freshness, q.FreshnessSeconds, q.ID)
			set(g.windowEnd, float64(q.ClosedUntil.UnixMilli())/1000, q.ID)
		}
		set(g.parked, truth(q.Parked), q.ID, string(checkpoint.Live))
		set(g.parked, truth(q.VisitsParked), q.ID, string(checkpoint.Revisit))
		if q.Visible != Unknown {
			set(g.visible, truth(q.Visible == Yes), q.ID)
		}
		set(g.matched, truth(q.Matched), q.ID)
	}
	set(g.allowance, float64(s.Budget.Allowance))
	set(g.used, float64(s.Budget.LastMinute)/float64(max(1, s.Budget.Allowance)))
	set(g.waiting, float64(s.Budget.Waiting))
	closed := 0.0
	if until := s.Budget.ClosedUntil; !until.IsZero() {
		closed = until.Sub(s.Now).Seconds()
	}
	set(g.closed, closed)
	set(g.clock, s.Budget.ClockSeconds)
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

package status

import (
	"fmt"
	"time"
)

// noon is the time of the states below.
var noon = time.Date(2026, 3, 4, 14, 2, 0, 0, time.UTC)

// walking is a service of three queues that is as it should be.
func walking() Status {
	return Status{
		Program: "genesys-producer v1.2.0", Checkpoint: "default", Started: noon.Add(-50 * time.Hour), Now: noon, Phase: Running, Ready: true, Walks: 2,
		Budget: Budget{Allowance: 300, LastMinute: 182, PerMinute: 291, Waiting: 4, Allowed: 300, Counted: 121},
		Kafka:  Kafka{Cluster: "MkU3OEVBNTcwNTJENDM2Qg", Topic: "genesys.conversations", Delivery: "at-least-once"},
		Queues: []Queue{
			{ID: "6f1c2a5e-0c1d-4c7a-9a43-1d0f6f3b7e01", Name: "Billing", Visible: "yes", Matched: true, From: noon.Add(-122 * time.Minute), To: noon.Add(-62 * time.Minute),
				Page: 12, Pages: 40, Lane: "live", PerMinute: 5230, ClosedUntil: noon.Add(-72 * time.Minute), FreshnessSeconds: 72 * 60, Verdict: "complete", Published: 412_331},
			{ID: "6f1c2a5e-0c1d-4c7a-9a43-1d0f6f3b7e02", Name: "Support, first line", Visible: "yes", Matched: true, From: noon.Add(-62 * time.Minute), To: noon.Add(-2 * time.Minute),
				Page: 31, Pages: 33, Lane: "live", PerMinute: 4170, ClosedUntil: noon.Add(-62 * time.Minute), FreshnessSeconds: 62 * 60, Verdict: "stable", Published: 98_204},
			{ID: "6f1c2a5e-0c1d-4c7a-9a43-1d0f6f3b7e03", Name: "Sales", Visible: "yes", Matched: true, From: time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC),
				Page: 7, Pages: 7, Lane: "revisit", Closed: true, ClosedUntil: noon.Add(-2 * time.Minute), FreshnessSeconds: 120, Verdict: "complete", Published: 1204},
		},
		Totals: Totals{Pages: 5122, Records: 530_110, Published: 511_739, Unchanged: 17_902, Superseded: 469, Windows: 148},
	}
}

// waiting is it with nothing to walk.
func waiting() Status {
	s := walking()
	s.Walks, s.Budget.LastMinute, s.Budget.Waiting = 0, 3, 0
	s.Holds = []Hold{{By: ByWindow, What: "the next window settles", Since: noon.Add(-20 * time.Second), Until: noon.Add(3 * time.Minute)}}
	for i := range s.Queues {
		q := &s.Queues[i]
		q.Closed, q.PerMinute, q.ClosedUntil, q.FreshnessSeconds = true, 0, noon.Add(-2*time.Minute), 120
	}
	return s
}

// failing is it while the API fails.
func failing() Status {
	s := walking()
	s.Holds = []Hold{{By: ByAPI, What: "the API fails; requests are repeated until they succeed", Error: "query page 13: api.mypurecloud.com answered 503 Service Unavailable", Since: noon.Add(-134 * time.Second)}}
	s.Budget.LastMinute, s.Budget.Retries = 21, 44
	for i := range s.Queues {
		s.Queues[i].PerMinute = 0
	}
	return s
}

// parked is it with a queue that is not walked any more, and some that deserve a look.
func parked() Status {
	s := walking()
	s.Queues = append([]Queue{{ID: "6f1c2a5e-0c1d-4c7a-9a43-1d0f6f3b7e09", Visible: "no", From: noon.Add(-242 * time.Minute), To: noon.Add(-182 * time.Minute), Page: 3, Pages: 9, Lane: "live",
		ClosedUntil: noon.Add(-242 * time.Minute), FreshnessSeconds: 242 * 60, Verdict: "unstable", Parked: true, Published: 300, DeadLetters: 2,
		LastError: "the API rejects the query: 400 (pagination limit exceeded); set a smaller WINDOW_LENGTH, and start the service again", LastErrorAt: noon.Add(-31 * time.Minute)}}, s.Queues...)
	s.Queues[3].LastError, s.Queues[3].LastErrorAt, s.Queues[3].DeadLetters = "a record was too large for Kafka and is in the dead-letter topic", noon.Add(-5*time.Hour), 1
	s.Warnings = []string{
		"not seen by the client (deleted, mistyped, or of a division that its role does not reach), so that nothing is found: 6f1c2a5e-0c1d-4c7a-9a43-1d0f6f3b7e09",
		"the API's clock is 71 s ahead of this machine's",
	}
	s.Totals.DeadLetters, s.Totals.InDoubt, s.Budget.ClockSeconds = 3, 1, 71
	return s
}

// starting is it before it has what it needs.
func starting() Status {
	return Status{
		Program: "genesys-producer v1.2.0", Checkpoint: "default", Started: noon.Add(-4 * time.Second), Now: noon, Phase: Starting,
		NotReady: []string{"there is no access token yet", "brokers are not reached yet", "the positions of 2 of 2 queues are not loaded yet"},
		Holds:    []Hold{{By: ByStart, What: "logging in", Since: noon.Add(-4 * time.Second)}},
		Budget:   Budget{Allowance: 300, LastMinute: 1}, Kafka: Kafka{Topic: "genesys.conversations", Delivery: "at-least-once"},
		Queues: []Queue{{ID: "6f1c2a5e-0c1d-4c7a-9a43-1d0f6f3b7e01", Visible: "unknown"}, {ID: "6f1c2a5e-0c1d-4c7a-9a43-1d0f6f3b7e02", Visible: "unknown"}},
	}
}

// crowded is it with so many queues, two of which deserve a look.
func crowded(n int) Status {
	s := walking()
	like := s.Queues
	s.Queues, s.Walks, s.Warnings = nil, 8, []string{"queue 00000000-0c1d-4c7a-9a43-000000000011 was walked for 30 windows since the start, and no conversation of it was found"}
	for i := range n {
		q := like[i%3]
		q.ID, q.Name = fmt.Sprintf("%08x-0c1d-4c7a-9a43-%012x", i*7919, i), fmt.Sprintf("Region %d, team %d", i/20+1, i%20+1)
		q.Page, q.FreshnessSeconds = q.Page*(i%5)/4, float64(7200-i)
		switch i {
		case 0:
			q.Parked, q.LastError, q.LastErrorAt = true, "the API rejects the query: 400 (pagination limit exceeded); set a smaller WINDOW_LENGTH, and start the service again", noon.Add(-time.Hour)
		case 1:
			q.DeadLetters, q.LastError, q.LastErrorAt = 1, "a record was too large for Kafka and is in the dead-letter topic", noon.Add(-time.Minute)
		case 17:
			q.Matched = false
		}
		s.Queues = append(s.Queues, q)
	}
	return s
}

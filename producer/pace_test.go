package producer_test

import (
	"net/http"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// However long the API takes, the whole service uses its allowance of 300 requests a
// minute, and never gets more than it.
func TestThePaceIsTheAllowances(t *testing.T) {
	const perMinute, paced = 300, 300 * 0.97
	for _, c := range []struct {
		name    string
		queues  []string
		pages   int // of each queue
		latency time.Duration
	}{
		{"one walk of 500 pages, 1 s", []string{"a"}, 500, time.Second},
		{"eight walks, 200 ms", []string{"a", "b", "c", "d", "e", "f", "g", "h"}, 100, 200 * time.Millisecond},
		{"eight walks, 1 s", []string{"a", "b", "c", "d", "e", "f", "g", "h"}, 100, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			organisation := genesystest.Config{
				Queues: c.queues, Conversations: c.pages * 5 * len(c.queues), TransferShare: -1,
				From: from, To: from.Add(time.Hour), RequestsPerMinute: perMinute,
				Latency: func(r genesystest.Request) time.Duration { return c.latency },
			}
			inWorld(t, organisation, func(w *world) {
				w.windows = producer.Windows{From: from, Start: "from", To: from.Add(time.Hour), Length: time.Hour}
				w.readAhead = 8
				began := time.Now()
				w.mustRun()
				took := time.Since(began)
				requests := len(w.sim.Requests())
				if share := float64(requests) / (paced * took.Minutes()); share < 0.95 || requests < c.pages*len(c.queues) {
					w.Errorf("%d requests in %v: %.1f %% of the pace, want 95 %%", requests, took, 100*share)
				} else {
					w.Logf("%d requests in %v: %.1f %% of the pace", requests, took, 100*share)
				}
				for i, r := range w.sim.Requests() {
					if r.Status == http.StatusTooManyRequests {
						w.Fatalf("request %d was one too many", i+1)
					}
				}
			})
		})
	}
}

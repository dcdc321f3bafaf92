package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/status"
)

// A queue that is parked does not stop the others: the service is ready, and tells of it
// wherever it is asked.
func TestStatusOfAParkedQueue(t *testing.T) {
	beside(t)
	w := newDays(t, small())
	sick, well := w.sim.Queues()[0], w.sim.Queues()[1]
	w.script(func(r genesystest.Request) *genesystest.Fault {
		switch {
		case r.Queue == sick:
			return genesystest.Status(http.StatusBadRequest, "bad.request", "No such thing.")
		case r.Page == 3:
			return genesystest.Slow(time.Hour) // the others are on their way
		}
		return nil
	})
	x := w.watch("GENESYS_READ_AHEAD=0")
	s := x.until(func(s status.Status) bool { return s.Queues[0].Parked && s.Totals.Pages >= 4 })
	first := s.Queues[0]
	if first.ID != sick || !strings.Contains(first.LastError, "bad.request") || !strings.Contains(first.LastError, "check the queue's id") || first.LastErrorAt.IsZero() || s.Queues[1].Parked {
		t.Errorf("the first queue is %+v", first)
	}
	x.mustFail()
	_, body := x.get("/readyz")
	var r struct{ Parked, Warnings []string }
	if err := json.Unmarshal([]byte(body), &r); err != nil || len(r.Parked) != 1 || r.Parked[0] != sick || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], sick) {
		t.Errorf("/readyz: %v: %s", err, body)
	}
	x.mustBe(1, "ready", fmt.Sprintf(`queue_parked{checkpoint="default",lane="live",queue=%q}`, sick), fmt.Sprintf(`queue_matched{checkpoint="default",queue=%q}`, well))
	x.mustBe(0, fmt.Sprintf(`queue_parked{checkpoint="default",lane="live",queue=%q}`, well), fmt.Sprintf(`queue_matched{checkpoint="default",queue=%q}`, sick))
}

// What the client sees of its queues is told: names, those that it does not see, and that
// nobody can tell.
func TestStatusOfTheQueueLookup(t *testing.T) {
	beside(t)
	hidden := "5a1b39f2-0c5d-4b1e-9f3c-8d7e6a5b4c3d"
	seen := "0b9d0f5e-52a1-4c3a-8f60-3d2c1b0a9f8e"
	for _, row := range []struct {
		name         string
		organisation genesystest.Config
		visible      map[string]string // by queue
		warnings     []string          // parts, of one each
	}{
		{"all are seen", genesystest.Config{}, map[string]string{hidden: "yes", seen: "yes"}, nil},
		{"one is hidden", genesystest.Config{HiddenQueues: []string{hidden}}, map[string]string{hidden: "no", seen: "yes"}, []string{"not seen by the client"}},
		{"nobody can tell", genesystest.Config{NoQueueView: true}, map[string]string{hidden: "unknown", seen: "unknown"}, []string{"routing:queue:view"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			beside(t)
			row.organisation.Conversations, row.organisation.Queues = 240, []string{hidden, seen}
			w := newDays(t, row.organisation)
			reached, _ := w.pause(10, 1)
			x := w.watch()
			x.reach(reached)
			var warnings []string
			s := x.until(func(s status.Status) bool {
				warnings = s.Warnings
				return len(warnings) >= len(row.warnings) && (row.visible[seen] == "unknown" || s.Queues[0].Name+s.Queues[1].Name != "")
			})
			m := x.metrics()
			for _, q := range s.Queues {
				if want := row.visible[q.ID]; q.Visible != want || (q.Name != "") != (want == "yes") {
					t.Errorf("queue %s is %q, with the name %q, want %s", q.ID, q.Visible, q.Name, want)
				}
				value, there := m[fmt.Sprintf(`queue_visible{checkpoint="default",queue=%q}`, q.ID)]
				if want := row.visible[q.ID]; there != (want != "unknown") || there && (value == 1) != (want == "yes") {
					t.Errorf("queue_visible of %s is %v (exported: %v)", q.ID, value, there)
				}
			}
			for n, part := range row.warnings {
				if !strings.Contains(warnings[n], part) {
					t.Errorf("the warnings are %q, want %q", warnings, part)
				}
			}
			x.mustFail()
		})
	}
}

package producer_test

import (
	"strings"
	"testing"

	"genesys-producer/genesys/genesystest"
)

// An answer that is never one of the API's parks the queue, after a minute of asking
// again, and never ends its window: once it is gone, the next process loses nothing.
func TestAnAnswerThatIsNeverReadableParksTheQueue(t *testing.T) {
	for _, fault := range []*genesystest.Fault{
		genesystest.Garbage(), genesystest.CutJSON(0), genesystest.CutJSON(1), genesystest.CutJSON(3000), genesystest.CutJSON(-1),
	} {
		t.Run(fault.String(), func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
				parked := w.sim.Queues()[1]
				w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
					if r.Queue == parked && r.Page == 3 {
						return fault
					}
					return nil
				})
				err := w.run(w.Context())
				if err == nil || !strings.Contains(err.Error(), "1 of 3 queues are parked") {
					w.Fatalf("run says %v", err)
				}
				if last := w.position(1); last.Page != 2 || last.Closed {
					w.Errorf("the queue is parked at %v, want page 2", last)
				}
				if w.log.Count("queue is parked", "page 3", "GENESYS_API_URL") != 1 {
					w.Error("it is to be said once, with the page and what to check")
				}
				w.sim.Script(nil)
				w.mustRun()
				w.checkNothingMissing(w.cluster.Read(w, w.topic))
			})
		})
	}
}

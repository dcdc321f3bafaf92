package producer_test

import (
	"slices"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
)

// resumed stops the first queue after its third page, has something happen, and lets
// another process complete the run. It returns the pages of the interrupted window that
// that one asked for.
func (w *world) resumed(meanwhile func(stopped checkpoint.Position, next *process)) (asked []int) {
	w.Helper()
	w.readAhead = 0
	_ = w.stopAfter(3)
	stopped := w.position(0)
	if stopped.Page != 3 || stopped.Closed {
		w.Fatalf("stopped at %v, want page 3", stopped)
	}
	before := len(w.queries())
	p := w.start(nil)
	p.Queues = p.Queues[:1]
	meanwhile(stopped, &p)
	if err := p.Run(w.Context()); err != nil {
		w.Fatal(err)
	}
	for _, r := range w.queries()[before:] {
		if r.From.Equal(stopped.Query.Since) {
			asked = append(asked, r.Page)
		}
	}
	return asked
}

// checkFirstQueue: all that the first queue's first window finds is on the topic.
func (w *world) checkFirstQueue() {
	w.Helper()
	there := map[string]int{}
	for _, m := range w.cluster.Read(w, w.topic) {
		there[m.Key]++
	}
	rows := w.firstRows(w.sim.Queues()[0])
	for _, id := range rows {
		if there[id] == 0 {
			w.Errorf("conversation %s is missing", id)
		}
	}
	if len(rows) < 4*w.pageSize {
		w.Errorf("the window has %d conversations only: nothing was shown", len(rows))
	}
}

// A row of a page that was completed is gone when the process starts again: its last page
// is another one, and what slid out of sight must be looked for from the start.
func TestRestartWherePagesHaveSlidStartsOver(t *testing.T) {
	for name, row := range map[string]int{"page 1": 0, "the last completed page": 12} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
				rows := w.firstRows(w.sim.Queues()[0])
				asked := w.resumed(func(checkpoint.Position, *process) { w.sim.Remove(rows[row]) })
				if len(asked) < 4 || !slices.Equal(asked[:4], []int{3, 1, 2, 3}) {
					w.Errorf("asked for the pages %v, want 3, and then from 1 on", asked)
				}
				if w.log.Count("window is walked again", "have slid", "pass=1") != 1 {
					w.Error("nobody was told that pages have slid")
				}
				for _, m := range w.cluster.Read(w, w.topic) {
					if want := map[bool]string{true: "0", false: "1"}[slices.Index(rows, m.Key) < 15]; m.Headers["window"] == w.attested()[0].Window && m.Headers["pass"] != want {
						w.Errorf("row %d was published in pass %s, want %s", slices.Index(rows, m.Key), m.Headers["pass"], want)
					}
				}
				w.checkFirstQueue()
				w.checkNothingIsSaidTwice(w.cluster.Read(w, w.topic))
			})
		})
	}
}

// A row that is gone behind what was completed is no reason to start over.
func TestRestartGoesOnWhereLaterPagesHaveChanged(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
		rows := w.firstRows(w.sim.Queues()[0])
		asked := w.resumed(func(checkpoint.Position, *process) { w.sim.Remove(rows[3*w.pageSize]) })
		if asked[0] != 3 || asked[1] != 4 {
			w.Errorf("asked for the pages %v, want 3, 4 and so on", asked)
		}
		w.checkFirstQueue()
	})
}

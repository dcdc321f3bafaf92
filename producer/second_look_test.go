package producer_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// firstRows are the ids that a queue's first window finds, in the API's order.
func (w *world) firstRows(queue string) []string {
	return w.sim.IDs(queue, from.Add(-w.windows.Settle), from.Add(2*time.Hour))
}

// The first row is gone when page 2 is asked: what was the first row of page 2 has slid to
// page 1, which has been read. The second look finds it.
func TestRowThatSlidBackIsFoundByTheSecondLook(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
		w.readAhead = 0
		queue := w.sim.Queues()[0]
		rows := w.firstRows(queue)
		slides := rows[w.pageSize]
		var once sync.Once
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if r.Queue == queue && r.Page == 2 {
				once.Do(func() { w.sim.Remove(rows[0]) })
			}
			return nil
		})
		p := w.start(nil)
		p.Queues = p.Queues[:1]
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		var passes []string
		for _, m := range w.cluster.Read(w, w.topic) {
			if m.Key == slides {
				passes = append(passes, m.Headers["pass"])
			}
		}
		if !slices.Equal(passes, []string{"1"}) {
			w.Errorf("the row that slid was published in the passes %v, want pass 1", passes)
		}
		a := w.attested()[0]
		if a.Looks != 2 || a.Verdict != producer.Complete || a.Distinct != len(rows) || a.Published != len(rows) {
			w.Errorf("attested: %s after %d looks with %d conversations in %d messages, want complete after 2 with %d",
				a.Verdict, a.Looks, a.Distinct, a.Published, len(rows))
		}
		if w.log.Count("window is walked again", "the total moved") != 1 {
			w.Error("nobody was told that the window is walked again, and why")
		}
		w.checkNothingIsSaidTwice(w.cluster.Read(w, w.topic))
	})
}

// One row after the other hides from some queries while a window is walked for the first
// time. What slid back for it is found by another look.
func TestWhatRowsThatHideHaveHiddenIsFound(t *testing.T) {
	slid, again := 0, 0
	for every := 2; every <= 6; every++ {
		t.Run(fmt.Sprint(every), func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 300, TransferShare: -1}, func(w *world) {
				w.readAhead, w.windows.To = 0, from.Add(2*time.Hour)
				w.sim.Drift(every, genesystest.Hide)
				w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
					if r.Page == 1 && r.Attempt == 2 {
						w.sim.Drift(0)
					}
					return nil
				})
				p := w.start(nil)
				p.Queues = p.Queues[:1]
				if err := p.Run(w.Context()); err != nil {
					w.Fatal(err)
				}
				there := map[string]bool{}
				for _, m := range w.cluster.Read(w, w.topic) {
					there[m.Key] = true
					if m.Headers["pass"] != "0" {
						slid++
					}
				}
				for _, id := range w.firstRows(w.sim.Queues()[0]) {
					if !there[id] {
						w.Errorf("conversation %s is missing", id)
					}
				}
				a := w.attested()[0]
				if a.Looks > 1 {
					again++
				}
				if a.Verdict != producer.Complete && a.Verdict != producer.Stable {
					w.Errorf("attested: %s, because %s", a.Verdict, a.Why)
				}
			})
		})
	}
	if slid == 0 || again == 0 {
		t.Errorf("%d rows were found by another look, of %d windows: nothing was shown", slid, again)
	}
}

// An API whose rows never rest: the window is given up as unstable after three looks, and
// that is said.
func TestWindowThatNeverRestsIsUnstable(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300, TransferShare: -1}, func(w *world) {
		w.readAhead, w.windows.To = 0, from.Add(2*time.Hour)
		w.sim.Drift(3, genesystest.Arrive)
		p := w.start(nil)
		p.Queues = p.Queues[:1]
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		if a := w.attested()[0]; a.Verdict != producer.Unstable || a.Looks != 3 || a.Why == "" {
			w.Errorf("attested: %s after %d looks, because %q", a.Verdict, a.Looks, a.Why)
		}
		if w.log.Count("WARN", "records may be missing", "verdict=unstable") != 1 {
			w.Error("nobody was warned")
		}
	})
}

// Totals that are too high by nature cost second looks three times, and again where a larger
// share than so far is lacking; when the hours of all sizes were seen, no more.
func TestTotalsThatAreOffByNatureCostLittle(t *testing.T) {
	config := genesystest.Config{Conversations: 200, TransferShare: -1, Life: genesystest.Life{TotalAbove: 2}}
	inDays(t, config, func(w *world) {
		p := w.start(nil)
		p.Queues = p.Queues[:1]
		p.Windows.To = newYear.Add(oneDay)
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		var looks []int
		for _, a := range w.attested() {
			if a.Verdict != producer.Stable {
				w.Errorf("window %s is %s", a.Window, a.Verdict)
			}
			if a.Distinct > 0 {
				looks = append(looks, a.Looks)
			}
		}
		learning, later := slices.Repeat([]int{2}, 3), slices.Repeat([]int{1}, 12)
		twice := len(slices.DeleteFunc(slices.Clone(looks), func(n int) bool { return n == 1 }))
		if len(looks) < 20 || !slices.Equal(looks[:3], learning) || !slices.Equal(looks[len(looks)-12:], later) || twice > 8 {
			w.Errorf("the windows with conversations were looked at %v times, want twice thrice and at times after that, and once in the end", looks)
		}
	})
}

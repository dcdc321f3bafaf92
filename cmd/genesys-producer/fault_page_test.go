package main

import (
	"testing"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// What an answer holds can be wrong though it is one of the API's. What hints at it has
// the window walked again. What the API leaves out each time nobody can publish: then
// everything is there that it did serve, and the attestation says that there were signs.
func TestFaultsOfWhatAPageHolds(t *testing.T) {
	const always = 1 << 30
	stable := map[producer.Verdict]int{producer.Stable: 1}
	again := func(w *world) int { // requests of the first window
		return len(w.sim.IDs(w.sim.Queues()[0], w.since(0), w.begin(1)))/pageSize + 1
	}
	// leaves are the faults by which rows of the first window are left out: those of
	// these places in its order, the last one excluded; -1: to its end.
	leaves := func(name string, first, last, more int, f *genesystest.Fault) fault {
		return fault{name: name, more: more, verdicts: stable, inflict: func(w *world) {
			pages(always, f)(w)
			ids := w.sim.IDs(w.sim.Queues()[0], w.since(0), w.begin(1))
			if last < 0 {
				last = len(ids)
			}
			w.left = map[string]bool{}
			for _, id := range ids[first:last] {
				w.left[id] = true
			}
			if again(w) != 3 {
				w.Fatalf("the first window has %d pages, want 3", again(w))
			}
		}}
	}
	// A page without rows ends the walk of its window.
	const short, ends, passes = pageSize + pageSize - 3, pageSize, 3
	echo := untold("another page's number", 0, pages(always, genesystest.PageNumberEcho(7)))
	echo.organisation.Dialect, echo.changes = genesystest.Entities, []string{"GENESYS_DIALECT=entities"}
	tooHigh := untold("total 5 too high", passes+4, firstWindow(genesystest.TotalOffset(5)))
	tooHigh.verdicts = stable
	meet(t, []fault{
		leaves("a page is short by 3", short, 2*pageSize, passes+4, genesystest.ShortBy(3)),
		leaves("a page's array is empty", ends, -1, passes, genesystest.EmptyArray()),
		leaves("a page's array is missing", ends, -1, passes, genesystest.MissingArray()),
		leaves("a page's array is null", ends, -1, passes, genesystest.NullArray()),
		tooHigh,
		untold("a page is short by 3, once", passes+1, pages(1, genesystest.ShortBy(3))),
		untold("a page's array is empty, once", passes, pages(1, genesystest.EmptyArray())),
		untold("total far too high, once", passes+8, pages(1, genesystest.TotalOffset(1_000_000))),
		untold("total 5 too low", 0, firstWindow(genesystest.TotalOffset(-5))),
		untold("total 0", 0, firstWindow(genesystest.TotalOffset(-1_000_000))),
		untold("no total", 3, firstWindow(genesystest.WithoutTotal())),
		echo,
	})
}

// firstWindow has all pages of the first window of the first queue meet a fault.
func firstWindow(f *genesystest.Fault) func(*world) {
	return func(w *world) {
		queue := w.sim.Queues()[0]
		w.script(func(r genesystest.Request) *genesystest.Fault {
			if r.Queue == queue && r.From.Equal(w.since(0)) {
				return f
			}
			return nil
		})
	}
}

package main

import (
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// What an answer holds can be wrong though it is one of the API's. What the API leaves
// out nobody can publish: then everything is there that it did serve, and where it can
// be told a discrepancy is logged, once for a window.
func TestFaultsOfWhatAPageHolds(t *testing.T) {
	const always = 1 << 30
	// leaves are the faults by which rows of the first window are left out: those of
	// these places in its order, the last one excluded; -1: to its end.
	leaves := func(name string, first, last, more int, f *genesystest.Fault) fault {
		return fault{name: name, more: more, begins: []string{"discrepancy"}, inflict: func(w *world) {
			pages(always, f)(w)
			ids := w.sim.IDs(w.sim.Queues()[0], from, from.Add(time.Hour))
			if last < 0 {
				last = len(ids)
			}
			w.left = map[string]bool{}
			for _, id := range ids[first:last] {
				w.left[id] = true
			}
		}}
	}
	// A page without rows ends the walk of its window.
	const short, ends = pageSize + pageSize - 3, pageSize
	echo := untold("another page's number", 0, pages(always, genesystest.PageNumberEcho(7)))
	echo.organisation.Dialect, echo.changes = genesystest.Entities, []string{"GENESYS_DIALECT=entities"}
	tooHigh := untold("total 5 too high", 3, firstWindow(genesystest.TotalOffset(5)))
	// The short page, and then the empty one that ends the walk.
	twoKinds := []string{"discrepancy", "discrepancy"}
	tooHigh.begins = twoKinds
	shortBy3 := leaves("a page is short by 3", short, 2*pageSize, 1, genesystest.ShortBy(3))
	shortBy3.begins = twoKinds
	meet(t, []fault{
		shortBy3,
		leaves("a page's array is empty", ends, -1, 0, genesystest.EmptyArray()),
		leaves("a page's array is missing", ends, -1, 0, genesystest.MissingArray()),
		leaves("a page's array is null", ends, -1, 0, genesystest.NullArray()),
		tooHigh,
		untold("total far too high, once", 8, pages(1, genesystest.TotalOffset(1_000_000))),
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
			if r.Queue == queue && r.From.Equal(from) {
				return f
			}
			return nil
		})
	}
}

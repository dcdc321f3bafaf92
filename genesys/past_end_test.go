package genesys

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// A version of the service answers an error where another has an empty page.
func TestARefusalPastTheEndEndsTheWalk(t *testing.T) {
	for _, row := range []struct {
		name    string
		dialect genesystest.Dialect
		status  int
		records int
		total   *genesystest.Fault // of the first answer for each page
		pages   []string
		asked   []int
	}{
		{"the total said so", genesystest.Conversations, http.StatusBadRequest, 8, nil,
			[]string{"page 1: 4 records, 4 of 8", "page 2: 4 records, 8 of 8", "page 3: 0 records, 8 of 8, last"},
			[]int{1, 2, 3}},
		{"the total shrank", genesystest.Conversations, http.StatusBadRequest, 8, genesystest.TotalOffset(+5),
			[]string{"page 1: 4 records, 4 of 13", "page 2: 4 records, 8 of 13",
				"page 3: 0 records, 8 of 8, last (the total shrank below this page)"},
			[]int{1, 2, 3, 1}},
		{"the total shrank", genesystest.Entities, http.StatusNotFound, 7, genesystest.TotalOffset(+5),
			[]string{"page 1: 4 records, 4 of 12", "page 2: 3 records, 7 of 12 (short page before the total was reached)",
				"page 3: 0 records, 7 of 7, last (the total shrank below this page)"},
			[]int{1, 2, 3, 1}},
	} {
		t.Run(string(row.dialect)+": "+row.name, func(t *testing.T) {
			config := genesystest.Config{Dialect: row.dialect, Conversations: row.records, PastEndStatus: row.status}
			inWorld(t, config, func(w *world) {
				w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
					if r.Attempt == 1 {
						return row.total
					}
					return nil
				})
				pages, err := walk(w.Context(), w.client(), w.query(4), Cursor{})
				w.must(err)
				w.mustEqual("pages", pages, row.pages)
				w.mustEqual("requests", w.asked(), row.asked)
			})
		})
	}
}

// The rows go away while pages are read ahead, so several of them no longer exist.
func TestPagesReadAheadMayCeaseToExist(t *testing.T) {
	config := genesystest.Config{Conversations: 20, PastEndStatus: http.StatusNotFound}
	inWorld(t, config, func(w *world) {
		ids := w.sim.IDs(queue, day, day.AddDate(0, 0, 1))
		c := w.client(readAhead(8))
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if r.Page == 2 && r.Attempt == 1 {
				for _, id := range ids[4:] {
					w.sim.Remove(id)
				}
			}
			if r.Page > 2 {
				return genesystest.Slow(time.Second) // found out of date only after page 2
			}
			return nil
		})
		pages, err := walk(w.Context(), c, w.query(4), Cursor{})
		w.must(err)
		w.mustEqual("pages", pages, []string{"page 1: 4 records, 4 of 20",
			"page 2: 0 records, 4 of 4, last (the total shrank below this page)"})
	})
}

func TestAWalkResumedPastTheEndIsOver(t *testing.T) {
	config := genesystest.Config{Conversations: 8, PastEndStatus: http.StatusBadRequest}
	inWorld(t, config, func(w *world) {
		pages, err := walk(w.Context(), w.client(), w.query(4), Cursor{Page: 2, Read: 8})
		w.must(err)
		w.mustEqual("pages", pages, []string{"page 3: 0 records, 8 of 8, last (the total shrank below this page)"})
		w.mustEqual("requests", w.asked(), []int{3, 1})
	})
}

func TestAGenuineRefusalIsNotTakenForTheEnd(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusNotFound} {
		for _, ahead := range []int{0, 8} {
			inWorld(t, genesystest.Config{Conversations: 20}, func(w *world) {
				w.sim.Script(scripted(faults{3: genesystest.Status(status, "bad.request", "The queue is not to our taste.")}))
				pages, err := walk(w.Context(), w.client(readAhead(ahead)), w.query(4), Cursor{})
				var e *Error
				if !errors.As(err, &e) || e.Kind != Rejected || e.Status != status {
					w.Errorf("error %v, want the refusal", err)
				}
				if err == nil || !strings.HasPrefix(err.Error(), "page 3: POST http://api.test/") {
					w.Errorf("error %v does not name the page", err)
				}
				w.mustEqual("pages", pages, []string{"page 1: 4 records, 4 of 20", "page 2: 4 records, 8 of 20"})
				if asked := w.asked(); asked[0] != 1 || !slices.Contains(asked[1:], 1) {
					w.Errorf("requests %v: the total was not asked for anew", asked)
				}
			})
		}
	}
}

// The first page of a walk that begins has no end to be past of.
func TestARefusalOfTheFirstPageIsReturnedAtOnce(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 20}, func(w *world) {
		w.sim.Script(scripted(faults{1: genesystest.Status(http.StatusNotFound, "not.found", "")}))
		_, err := walk(w.Context(), w.client(), w.query(4), Cursor{})
		var e *Error
		if !errors.As(err, &e) || e.Kind != Rejected || len(w.asked()) != 1 {
			w.Errorf("error %v after the requests %v", err, w.asked())
		}
	})
}

// Asking for the total needs no memory: the pages read ahead may hold all of it
// until this one is decided.
func TestARefusalIsDecidedThoughMemoryIsUsedUp(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 40}, func(w *world) {
		c := w.client(readAhead(3))
		c.memory = newMemory(60_000) // a page is about 11 KB
		c.memory.expect(12_000)
		w.sim.Script(scripted(faults{2: genesystest.Status(http.StatusBadRequest, "bad.request", "")}))
		ctx, cancel := context.WithTimeout(w.Context(), time.Hour)
		defer cancel()
		for _, err := range c.Pages(ctx, w.query(4), Cursor{}) {
			if err == nil {
				time.Sleep(time.Second)
				w.mustEqual("requests while page 1 is in hand", len(w.asked()), 4)
				c.memory.expect(c.memory.bound) // some other walk has read a large page
				continue
			}
			var e *Error
			if !errors.As(err, &e) || e.Kind != Rejected {
				w.Errorf("error %v, want the refusal", err)
			}
		}
		w.mustBeFree(c)
	})
}

// A page past the end holds no memory that could be given back.
func TestLeavingTheLoopAtAPagePastTheEnd(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 8, PastEndStatus: http.StatusBadRequest}, func(w *world) {
		c := w.client()
		for page, err := range c.Pages(w.Context(), w.query(4), Cursor{}) {
			w.must(err)
			if page.Last {
				break
			}
		}
		w.mustBeFree(c)
	})
}

// A page that was asked ahead is refused, and exists once the page before it is there.
func TestARefusalThatIsOlderThanThePageBeforeIsNotBelieved(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 20}, func(w *world) {
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			switch {
			case r.Page == 4:
				return genesystest.Slow(5 * time.Second)
			case r.Page == 5 && r.Attempt == 1:
				return genesystest.Status(http.StatusBadRequest, "bad.request", "There is no such page.")
			}
			return nil
		})
		pages, err := walk(w.Context(), w.client(readAhead(8)), w.query(4), Cursor{})
		w.must(err)
		w.mustEqual("pages", len(pages), 6) // the last is empty
	})
}

package genesys

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
)

// aSecond is a server that takes a second for each request.
func aSecond(genesystest.Request) time.Duration { return time.Second }

func TestPageOneIsAskedAlone(t *testing.T) {
	for _, after := range []Cursor{{}, {Page: 3, Read: 12}} {
		inWorld(t, genesystest.Config{Conversations: 40, Latency: aSecond}, func(w *world) {
			_, err := walk(w.Context(), w.client(readAhead(8)), w.query(4), after)
			w.must(err)
			asked := w.queries()
			if asked[0].Page != after.Page+1 || asked[1].Time.Sub(asked[0].Time) < time.Second {
				w.Errorf("page %d was asked for %v after page %d, which takes a second",
					asked[1].Page, asked[1].Time.Sub(asked[0].Time), asked[0].Page)
			}
		})
	}
}

// While the loop holds a page, everything that may be asked has been asked.
func TestReadAheadIsBounded(t *testing.T) {
	for _, row := range []struct {
		dialect        genesystest.Dialect
		records, ahead int
		last           int // the last page that the total knows of
	}{
		{genesystest.Conversations, 48, 0, 12},
		{genesystest.Conversations, 48, 1, 12},
		{genesystest.Conversations, 48, 3, 12},
		{genesystest.Conversations, 48, 50, 12},
		{genesystest.Entities, 46, 3, 12},
		{genesystest.Entities, 48, 8, 12},
		{genesystest.Conversations, 3, 8, 1},
		{genesystest.Conversations, 4, 8, 1},
	} {
		inWorld(t, genesystest.Config{Dialect: row.dialect, Conversations: row.records, Latency: aSecond}, func(w *world) {
			for page, err := range w.client(readAhead(row.ahead)).Pages(w.Context(), w.query(4), Cursor{}) {
				w.must(err)
				time.Sleep(time.Minute)
				synctest.Wait()
				want := min(page.Number+row.ahead, max(row.last, page.Number))
				if got := slices.Max(w.asked()); got != want {
					w.Errorf("%d pages ahead of %d records: with page %d in hand, page %d was asked for, want %d",
						row.ahead, row.records, page.Number, got, want)
				}
			}
			for _, r := range w.queries() {
				if r.Attempt > 1 {
					w.Errorf("page %d was asked for twice", r.Page)
				}
				// Past the end only the one that the approximate total calls for.
				if r.Page > row.last+1 || r.Page > row.last && row.dialect == genesystest.Entities {
					w.Errorf("page %d was asked for, past the end", r.Page)
				}
			}
		})
	}
}

func TestOrderIsKeptWhenLaterPagesAnswerFirst(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 40, Latency: func(r genesystest.Request) time.Duration {
		return time.Duration(20-r.Page) * time.Second
	}}, func(w *world) {
		var ids []string
		begun := time.Now()
		for page, err := range w.client(readAhead(9)).Pages(w.Context(), w.query(4), Cursor{}) {
			w.must(err)
			for _, r := range page.Records {
				ids = append(ids, r.ID)
			}
		}
		if truth := w.sim.IDs(queue, day, day.AddDate(0, 0, 1)); !slices.Equal(ids, truth) {
			w.Error("the records are not in the order of the API")
		}
		// The token, page 1, pages 2 to 10 at once, and the one past the total.
		if took := time.Since(begun); took > (20+19+18+9+1)*time.Second {
			w.Errorf("took %v: the pages were not asked at once", took)
		}
	})
}

func TestAPageIsAskedAgainWhileLaterOnesAreThere(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 18}, func(w *world) {
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if r.Page == 2 && r.Attempt <= 3 {
				return genesystest.EdgeError(http.StatusBadGateway)
			}
			return nil
		})
		pages, err := walk(w.Context(), w.client(readAhead(4)), w.query(4), Cursor{})
		w.must(err)
		asked := w.asked()
		w.mustEqual("requests at the end", asked[5:], []int{2, 2, 2})
		slices.Sort(asked)
		w.mustEqual("requests", asked, []int{1, 2, 2, 2, 2, 3, 4, 5})
		if len(pages) != 5 || pages[1] != "page 2: 4 records, 8 of 18" {
			w.Errorf("pages %q", pages)
		}
	})
}

// A record that arrives on an early page pushes all others on. Read one after the other
// the pages repeat one of them; answered in another order they could miss one.
func TestAnArrivalBehindPagesThatWereAskedAhead(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 18}, func(w *world) {
		there := w.sim.IDs(queue, day, day.AddDate(0, 0, 1))
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			switch {
			case r.Page == 2 && r.Attempt == 1:
				return genesystest.EdgeError(http.StatusBadGateway)
			case r.Page == 2:
				w.sim.Put([]string{queue}, genesystest.Conversation{ID: "late", Start: day, End: day.Add(time.Hour)})
			}
			return nil
		})
		missing := map[string]bool{}
		for _, id := range there {
			missing[id] = true
		}
		for page, err := range w.client(readAhead(4)).Pages(w.Context(), w.query(4), Cursor{}) {
			w.must(err)
			for _, r := range page.Records {
				delete(missing, r.ID)
			}
		}
		if len(missing) > 0 {
			w.Errorf("not read: %v", missing)
		}
		asked := w.asked()
		slices.Sort(asked)
		// Page 2 was refused once; 3 to 5 were answered before it, and asked again.
		w.mustEqual("requests", asked, []int{1, 2, 2, 3, 3, 4, 4, 5, 5})
	})
}

func TestAWalkGoesOnFromItsCursor(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 18}, func(w *world) {
		pages, err := walk(w.Context(), w.client(readAhead(2)), w.query(4), Cursor{Page: 2, Read: 8})
		w.must(err)
		w.mustEqual("pages", pages, []string{
			"page 3: 4 records, 12 of 18", "page 4: 4 records, 16 of 18", "page 5: 2 records, 18 of 18, last"})
		asked := w.asked()
		w.mustEqual("first request", asked[0], 3)
		slices.Sort(asked)
		w.mustEqual("requests", asked, []int{3, 4, 5})
	})
}

// What the walk read before counts, even where a total moved meanwhile.
func TestACursorCountsWhatWasReadNotPages(t *testing.T) {
	inWorld(t, genesystest.Config{Dialect: genesystest.Entities, Conversations: 12}, func(w *world) {
		pages, err := walk(w.Context(), w.client(), w.query(4), Cursor{Page: 1, Read: 3})
		w.must(err)
		w.mustEqual("pages", pages, []string{"page 2: 4 records, 7 of 12", "page 3: 4 records, 11 of 12",
			"page 4: 0 records, 11 of 12, last (empty page before the total was reached)"})
	})
}

// Whoever arrives pushes nobody out of sight while totals grow from page to page.
func TestATotalThatGrowsIsNoReasonToAskAgain(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 40, Latency: aSecond}, func(w *world) {
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault { return genesystest.TotalOffset(r.Page) })
		_, err := walk(w.Context(), w.client(readAhead(5)), w.query(4), Cursor{})
		w.must(err)
		asked := w.asked()
		slices.Sort(asked)
		w.mustEqual("requests", slices.Compact(slices.Clone(asked)), asked)
	})
}

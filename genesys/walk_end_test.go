package genesys

import (
	"slices"
	"testing"

	"genesys-producer/genesys/genesystest"
)

// scripted answers each page with its own fault, whoever asks.
func scripted(faults map[int]*genesystest.Fault) func(genesystest.Request) *genesystest.Fault {
	return func(r genesystest.Request) *genesystest.Fault {
		if fault, ok := faults[r.Page]; ok {
			return fault
		}
		return faults[everyPage]
	}
}

const everyPage = -1

type faults = map[int]*genesystest.Fault

func TestAWalkEndsByTheRulesOfTheContract(t *testing.T) {
	const c, e = genesystest.Conversations, genesystest.Entities
	for _, row := range []struct {
		name    string
		dialect genesystest.Dialect
		records int
		faults  faults
		pages   []string
	}{
		{"a short page ends it", c, 10, nil, []string{
			"page 1: 4 records, 4 of 10", "page 2: 4 records, 8 of 10", "page 3: 2 records, 10 of 10, last"}},
		{"a short page ends it", e, 10, nil, []string{
			"page 1: 4 records, 4 of 10", "page 2: 4 records, 8 of 10", "page 3: 2 records, 10 of 10, last"}},
		{"the total is approximate: one more is asked", c, 8, nil, []string{
			"page 1: 4 records, 4 of 8", "page 2: 4 records, 8 of 8", "page 3: 0 records, 8 of 8, last"}},
		{"the total is exact: no more is asked", e, 8, nil, []string{
			"page 1: 4 records, 4 of 8", "page 2: 4 records, 8 of 8, last"}},
		{"one short page", c, 3, nil, []string{"page 1: 3 records, 3 of 3, last"}},
		{"one full page", e, 4, nil, []string{"page 1: 4 records, 4 of 4, last"}},
		{"nothing to do", c, -1, nil, []string{"page 1: 0 records, 0 of 0, last"}},
		{"nothing to do", e, -1, nil, []string{"page 1: 0 records, 0 of 0, last"}},
		{"nothing to do, said with null", e, -1, faults{1: genesystest.NullArray()}, []string{"page 1: 0 records, 0 of 0, last"}},
		{"nothing to do, said with nothing", e, -1, faults{1: genesystest.MissingArray()}, []string{"page 1: 0 records, 0 of 0, last"}},

		{"a short page too early does not end it", e, 10, faults{2: genesystest.ShortBy(1)}, []string{
			"page 1: 4 records, 4 of 10", "page 2: 3 records, 7 of 10 (short page before the total was reached)",
			"page 3: 2 records, 9 of 10 (short page before the total was reached)",
			"page 4: 0 records, 9 of 10, last (empty page before the total was reached)"}},
		{"a short first page does not end it", c, 6, faults{1: genesystest.ShortBy(3)}, []string{
			"page 1: 1 records, 1 of 6 (short page before the total was reached)",
			"page 2: 2 records, 3 of 6 (short page before the total was reached)",
			"page 3: 0 records, 3 of 6, last (empty page before the total was reached)"}},
		{"an empty page ends it", e, 10, faults{2: genesystest.EmptyArray()}, []string{
			"page 1: 4 records, 4 of 10", "page 2: 0 records, 4 of 10, last (empty page before the total was reached)"}},
		{"a missing array ends it", c, 10, faults{2: genesystest.MissingArray()}, []string{
			"page 1: 4 records, 4 of 10", "page 2: 0 records, 4 of 10, last (empty page before the total was reached)"}},
		{"a null array ends it", e, 10, faults{2: genesystest.NullArray()}, []string{
			"page 1: 4 records, 4 of 10", "page 2: 0 records, 4 of 10, last (empty page before the total was reached)"}},
		{"an empty first page ends it", c, 10, faults{1: genesystest.EmptyArray()}, []string{
			"page 1: 0 records, 0 of 10, last (empty page before the total was reached)"}},

		{"a total too low is outlived", c, 10, faults{everyPage: genesystest.TotalOffset(-8)}, []string{
			"page 1: 4 records, 4 of 2", "page 2: 4 records, 8 of 2", "page 3: 2 records, 10 of 2, last"}},
		{"a total of 0 beside records is outlived", c, 5, faults{everyPage: genesystest.TotalOffset(-5)}, []string{
			"page 1: 4 records, 4 of 0", "page 2: 1 records, 5 of 0, last"}},
		{"a total too low is believed", e, 10, faults{everyPage: genesystest.TotalOffset(-3)}, []string{
			"page 1: 4 records, 4 of 7", "page 2: 4 records, 8 of 7, last"}},
		{"a total too high is outlived", c, 10, faults{everyPage: genesystest.TotalOffset(+7)}, []string{
			"page 1: 4 records, 4 of 17", "page 2: 4 records, 8 of 17",
			"page 3: 2 records, 10 of 17 (short page before the total was reached)",
			"page 4: 0 records, 10 of 17, last (empty page before the total was reached)"}},
		{"no total: rows end it", c, 10, faults{everyPage: genesystest.WithoutTotal()}, []string{
			"page 1: 4 records, 4 of -1", "page 2: 4 records, 8 of -1", "page 3: 2 records, 10 of -1",
			"page 4: 0 records, 10 of -1, last"}},
		{"no total: rows end it", e, 4, faults{everyPage: genesystest.WithoutTotal()}, []string{
			"page 1: 4 records, 4 of -1", "page 2: 0 records, 4 of -1, last"}},
		{"the total went missing", e, 8, faults{2: genesystest.WithoutTotal()}, []string{
			"page 1: 4 records, 4 of 8", "page 2: 4 records, 8 of -1", "page 3: 0 records, 8 of 8, last"}},
		{"the total grows: the latest counts", e, 10, faults{1: genesystest.TotalOffset(-5)}, []string{
			"page 1: 4 records, 4 of 5", "page 2: 4 records, 8 of 10", "page 3: 2 records, 10 of 10, last"}},
		{"the total shrinks: the latest counts", e, 10, faults{2: genesystest.TotalOffset(-2)}, []string{
			"page 1: 4 records, 4 of 10", "page 2: 4 records, 8 of 8, last"}},
		{"an answer names another page", e, 10, faults{everyPage: genesystest.PageNumberEcho(7)}, []string{
			"page 1: 4 records, 4 of 10", "page 2: 4 records, 8 of 10", "page 3: 2 records, 10 of 10, last"}},
	} {
		for _, ahead := range []int{0, 8} {
			t.Run(string(row.dialect)+": "+row.name, func(t *testing.T) {
				inWorld(t, genesystest.Config{Dialect: row.dialect, Conversations: row.records}, func(w *world) {
					w.sim.Script(scripted(row.faults))
					pages, err := walk(w.Context(), w.client(readAhead(ahead)), w.query(4), Cursor{})
					w.must(err)
					w.mustEqual("pages", pages, row.pages)
					if ahead == 0 && len(w.asked()) != len(row.pages) {
						w.Errorf("%d pages took the requests %v", len(row.pages), w.asked())
					}
				})
			})
		}
	}
}

// The tutorial's own sum.
func TestFullPagesThatReachTheTotal(t *testing.T) {
	for _, row := range []struct {
		dialect              genesystest.Dialect
		records, size, pages int
	}{
		{genesystest.Entities, 1250, 250, 5},
		{genesystest.Conversations, 500, 100, 6},
	} {
		t.Run(string(row.dialect), func(t *testing.T) {
			inWorld(t, genesystest.Config{Dialect: row.dialect, Conversations: row.records}, func(w *world) {
				var ids []string
				for page, err := range w.client(readAhead(8)).Pages(w.Context(), w.query(row.size), Cursor{}) {
					w.must(err)
					for _, r := range page.Records {
						ids = append(ids, r.ID)
					}
				}
				if truth := w.sim.IDs(queue, day, day.AddDate(0, 0, 1)); !slices.Equal(ids, truth) {
					w.Errorf("%d records, want the %d of the organisation in their order", len(ids), len(truth))
				}
				asked := w.asked()
				slices.Sort(asked)
				want := []int{1, 2, 3, 4, 5, 6}[:row.pages]
				w.mustEqual("requests", asked, want)
			})
		})
	}
}

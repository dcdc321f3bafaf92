package genesystest

import (
	"slices"
	"testing"
	"time"
)

// TestDriftSlidesRows counts what a reader meets twice and what it misses.
func TestDriftSlidesRows(t *testing.T) {
	for _, d := range []Dialect{Conversations, Entities} {
		for _, c := range []struct {
			name           string
			moves          []Move
			twice, missing bool
		}{
			{"arrive", []Move{Arrive}, true, true}, // what has arrived in front of the reader is missed too
			{"leave", []Move{Leave}, false, true},
			{"either", nil, true, true},
		} {
			a := newAsker(t, settled(Config{Seed: 6, Dialect: d, Conversations: 200, Queues: []string{"only"}, MeanSize: 2000}))
			from, to := noon().Add(-24*time.Hour), noon()
			a.Drift(2, c.moves...)
			before := a.IDs("only", from, to)
			rows := a.walk("only", from, to, 10)
			a.Drift(0)
			after := a.IDs("only", from, to)
			seen := make(map[string]int)
			twice := false
			for _, row := range rows {
				seen[string(row)]++
				twice = twice || seen[string(row)] > 1
			}
			missing := false
			for _, one := range a.Conversations("only", from, to) {
				missing = missing || seen[string(one.JSON)] == 0
			}
			if twice != c.twice || missing != c.missing {
				t.Errorf("%s %s: twice %t, missing %t", d, c.name, twice, missing)
			}
			if slices.Equal(before, after) {
				t.Errorf("%s %s: nothing has moved", d, c.name)
			}
			if total := a.page("only", from, to, 1, 10).total(); total != len(after) {
				t.Errorf("%s %s: total %d, want %d", d, c.name, total, len(after))
			}
		}
	}
}

func TestDriftRepeats(t *testing.T) {
	run := func() []string {
		a := newAsker(t, settled(Config{Seed: 6, Conversations: 100, Queues: []string{"only"}}))
		a.Drift(3)
		a.walk("only", noon().Add(-24*time.Hour), noon(), 10)
		return a.IDs("only", noon().Add(-24*time.Hour), noon())
	}
	if !slices.Equal(run(), run()) {
		t.Error("two runs of one seed differ")
	}
}

func TestArrivalIsFoundAtOnce(t *testing.T) {
	a := newAsker(t, settled(Config{Seed: 6, Conversations: -1, Queues: []string{"only", "other"}}))
	a.Drift(1, Arrive)
	from := noon().Add(-3 * time.Hour)
	for n := range 5 {
		if got := a.page("only", from, from.Add(time.Hour), 1, 10); len(got.rows()) != n+1 {
			t.Fatalf("after %d arrivals: %d rows", n+1, len(got.rows()))
		}
	}
	if got := a.IDs("other", noon().Add(-24*time.Hour), noon()); len(got) != 0 {
		t.Errorf("%d arrived in another queue", len(got))
	}
}

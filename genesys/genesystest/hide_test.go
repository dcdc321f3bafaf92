package genesystest

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

// TestHiddenRowsComeBack asks the same page again and again: rows go and come,
// and none is gone for good.
func TestHiddenRowsComeBack(t *testing.T) {
	a, at := lively(t, Config{Seed: 51, Conversations: 30})
	at.Advance(200 * time.Hour)
	from, to := noon().Add(-12*time.Hour), noon()
	truth := a.IDs("only", from, to)
	a.Drift(5, Hide)
	gone, back := make(map[string]int), 0
	for range 300 {
		at.Advance(time.Second)
		read := a.page("only", from, to, 1, 100)
		if read.total() != len(read.rows()) || len(truth)-len(read.rows()) != len(a.Hidden()) {
			t.Fatalf("total %d, %d rows, %d hidden of %d", read.total(), len(read.rows()), len(a.Hidden()), len(truth))
		}
		seen := a.lives(read.rows())
		for _, id := range truth {
			switch _, found := seen[id]; {
			case !found && !slices.Contains(a.Hidden(), id):
				t.Fatalf("%s is neither found nor hidden", id)
			case !found:
				if gone[id]++; gone[id] == 1 && !a.Changed(id).Equal(at.Now()) {
					t.Fatalf("hidden at %s, changed at %s", at.Now(), a.Changed(id))
				}
			case gone[id] > 0:
				if gone[id] < 3 || gone[id] > 8 || !a.Changed(id).Equal(at.Now()) {
					t.Fatalf("back at %s after %d queries, changed at %s", at.Now(), gone[id], a.Changed(id))
				}
				gone[id] = 0
				back++
			}
		}
	}
	if back < 40 || !slices.Equal(a.IDs("only", from, to), truth) {
		t.Errorf("%d came back; the truth is still the truth: %t", back, slices.Equal(a.IDs("only", from, to), truth))
	}
	at.Advance(time.Hour)
	last := a.Hidden()
	a.Drift(0)
	if rows := a.page("only", from, to, 1, 100).rows(); len(last) == 0 || len(rows) != len(truth) || a.Hidden() != nil {
		t.Errorf("after the drift %d of %d are found, %d were hidden", len(rows), len(truth), len(last))
	}
	for _, id := range last {
		if !a.Changed(id).Equal(at.Now()) {
			t.Errorf("%s is found again at %s, changed at %s", id, at.Now(), a.Changed(id))
		}
	}
}

// TestHidingMakesReadersMissAndRepeat walks while rows slide both ways: what is
// missed is all still there, and was not all hidden itself.
func TestHidingMakesReadersMissAndRepeat(t *testing.T) {
	a, at := lively(t, Config{Seed: 52, Conversations: 200})
	at.Advance(200 * time.Hour)
	from, to := noon().Add(-12*time.Hour), noon()
	a.Drift(3, Hide)
	seen, hidden, twice := make(map[string]bool), make(map[string]bool), false
	for page := 1; page <= 20; page++ {
		for id := range a.lives(a.page("only", from, to, page, 10).rows()) {
			twice = twice || seen[id]
			seen[id] = true
		}
		for _, id := range a.Hidden() {
			hidden[id] = true
		}
	}
	missed, innocent := 0, 0
	for _, id := range a.IDs("only", from, to) {
		if !seen[id] {
			missed++
		}
		if !seen[id] && !hidden[id] {
			innocent++
		}
	}
	if !twice || missed == 0 || innocent == 0 {
		t.Errorf("met twice: %t; missed %d, of which %d never hidden", twice, missed, innocent)
	}
}

// TestHiddenCountsTheQueriesThatWouldFindIt asks for another queue meanwhile.
func TestHiddenCountsTheQueriesThatWouldFindIt(t *testing.T) {
	a := newAsker(t, settled(Config{Seed: 53, Conversations: 50, RequestsPerMinute: -1, TransferShare: -1}))
	from, to := noon().Add(-24*time.Hour), noon()
	a.Drift(1, Hide)
	a.page(a.Queues()[0], from, to, 1, 100)
	a.drift.every = 0 // no more of it, and what is hidden stays
	for range 50 {
		a.page(a.Queues()[1], from, to, 1, 100)
	}
	id := a.Hidden()
	if len(id) != 1 || !slices.Contains(a.IDs(a.Queues()[0], from, to), id[0]) {
		t.Fatalf("hidden: %v", id)
	}
	if !a.Remove(id[0]) || a.Hidden() != nil || !a.Changed(id[0]).IsZero() {
		t.Error("what is removed is hidden, or has changed")
	}
}

// TestEqualConfigsAnswerEqually runs two simulators through a full life with every
// move of drift.
func TestEqualConfigsAnswerEqually(t *testing.T) {
	for _, d := range []Dialect{Conversations, Entities} {
		var all [2][]byte
		for n := range all {
			at := &clock{now: noon().Add(-40 * time.Hour)}
			a := newAsker(t, New(Config{Seed: 54, Dialect: d, Conversations: 150, MeanSize: 2500, From: at.now, To: noon(),
				Now: at.Now, LateShare: 0.3, TokenLife: 10_000 * time.Hour, RequestsPerMinute: -1, Life: fullLife()}))
			a.Drift(4, Arrive, Leave, Hide)
			for hour := range 40 {
				at.Advance(2 * time.Hour)
				for page := 1; page <= 3; page++ {
					from := noon().Add(time.Duration(hour%48-48) * time.Hour)
					all[n] = append(all[n], a.raw(a.Queues()[hour%3], from, from.Add(12*time.Hour), page, 10).Body.Bytes()...)
				}
				for _, id := range a.IDs("", noon().Add(-48*time.Hour), noon()) {
					all[n] = append(all[n], id+a.Changed(id).String()...)
				}
			}
		}
		if len(all[0]) < 100_000 || !bytes.Equal(all[0], all[1]) {
			t.Errorf("%s: two runs of %d and %d bytes differ", d, len(all[0]), len(all[1]))
		}
	}
}

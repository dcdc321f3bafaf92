package genesystest

import (
	"bytes"
	"regexp"
	"slices"
	"testing"
	"time"
)

// TestReopening follows every conversation from end to end.
func TestReopening(t *testing.T) {
	a, at := lively(t, Config{Seed: 21, Conversations: 24, Life: Life{ReopenShare: 0.5}})
	first, openAgain, last := make(map[string]lived), make(map[string]bool), make(map[string]lived)
	for range 225 { // 30 hours
		at.Advance(8 * time.Minute)
		for id, one := range a.today() {
			ended, known := first[id]
			segments, open := one.segments("")
			before, _ := ended.segments("")
			switch {
			case !known && one.End != nil:
				first[id] = one
			case !known, bytes.Equal(one.raw, ended.raw):
			case segments != before+2 && segments != before+1: // of the customer, and who answered
				t.Fatalf("%s has %d segments, %d when it ended first", id, segments, before)
			case one.End == nil && (open == 0 || !last[id].Start.IsZero()):
				t.Fatalf("%s has no end, %d segments are open, ended before for good: %t", id, open, !last[id].Start.IsZero())
			case one.End == nil:
				openAgain[id] = true
			default:
				gone := one.End.Sub(*ended.End)
				if open > 0 || gone < 6*time.Minute || gone > 8*time.Hour {
					t.Fatalf("%s: %d segments open, last end %s after the first", id, open, gone)
				}
				last[id] = one
			}
		}
	}
	if len(last) < 6 || len(last) > 18 || len(openAgain) < 6 {
		t.Errorf("%d ended twice, %d seen open again, want about half of 24", len(last), len(openAgain))
	}
}

// TestReopenedIsNotActiveInBetween asks for the hours around one reopening.
func TestReopenedIsNotActiveInBetween(t *testing.T) {
	a, at := lively(t, Config{Seed: 22, Conversations: 40, MeanSize: 12_000, Life: Life{ReopenShare: 1}})
	at.Advance(100 * time.Hour)
	asked, stamp := 0, regexp.MustCompile(`"\w+":"(2026-[^"]*Z)"`)
	for id, one := range a.today() {
		k := a.library.get(id)
		if k.reopened() >= midnightAfter(k.start) {
			continue
		}
		asked++
		gap, again := time.UnixMilli(k.end+1), time.UnixMilli(k.reopened())
		for _, found := range stamp.FindAllSubmatch(one.raw, -1) {
			if told, err := time.Parse(time.RFC3339, string(found[1])); err != nil || !told.Before(gap) && told.Before(again) {
				t.Fatalf("%s was not active from %s to %s: %s", id, gap, again, found[0])
			}
		}
		if slices.Contains(a.IDs("only", gap, again), id) {
			t.Errorf("%s is found between its first end and its going on", id)
		}
		if !slices.Contains(a.IDs("only", again, *one.End), id) || !slices.Contains(a.IDs("only", one.Start, gap), id) {
			t.Errorf("%s is not found when it was active", id)
		}
	}
	if asked < 10 {
		t.Errorf("only %d went on on the day they began", asked)
	}
}

func TestLateWrapUpsAndSurveys(t *testing.T) {
	a, at := lively(t, Config{Seed: 23, Conversations: 40, Life: Life{WrapUpShare: 0.5, SurveyShare: 0.5, ReopenShare: 0.3}})
	first, wrapped, surveyed := make(map[string]lived), make(map[string]bool), make(map[string]bool)
	for range 110 {
		at.Advance(45 * time.Minute)
		for id, one := range a.today() {
			if one.End == nil {
				continue
			}
			if _, known := first[id]; !known {
				first[id] = one
			}
			since := at.Now().Sub(*one.End)
			before, _ := first[id].segments("wrapup")
			if now, open := one.segments("wrapup"); now > before {
				if now != before+1 || open > 0 || since > 5*time.Hour+45*time.Minute && !wrapped[id] {
					t.Fatalf("%s: %d wrap-ups after %d, %d open, %s after the end", id, now, before, open, since)
				}
				wrapped[id] = true
				if bytes.Count(one.raw, []byte("wrapUpCode")) != now {
					t.Fatalf("%s: a wrap-up has no code: %s", id, one.raw)
				}
			} else if wrapped[id] {
				t.Fatalf("%s has lost its wrap-up", id)
			}
			for _, survey := range one.Surveys {
				surveyed[id] = true
				if after := survey.EventTime.Sub(*one.End); after < 2*time.Hour || after > 48*time.Hour ||
					survey.EventTime.After(at.Now()) {
					t.Fatalf("%s: a survey %s after the end, told at %s", id, after, at.Now())
				}
			}
			if surveyed[id] && len(one.Surveys) != 1 {
				t.Fatalf("%s has %d surveys", id, len(one.Surveys))
			}
		}
	}
	if len(wrapped) < 8 || len(wrapped) > 27 || len(surveyed) < 12 || len(surveyed) > 28 {
		t.Errorf("%d wrapped up late, %d surveyed, want about half of 40", len(wrapped), len(surveyed))
	}
}

func TestLag(t *testing.T) {
	a, at := lively(t, Config{Seed: 24, Conversations: 40, MeanSize: 1000, Life: Life{LagShare: 1}})
	late, ended, most := 0, 0, time.Duration(0)
	seen := make(map[string]bool)
	for range 5 * 66 {
		at.Advance(2 * time.Minute)
		for id, one := range a.today() {
			lag := at.Now().Sub(one.Start)
			if seen[id] {
				continue
			}
			seen[id] = true
			if lag >= 4*time.Minute { // a call comes to its queue up to 45 s after its start
				late++
				most = max(most, lag)
				if one.End != nil {
					ended++
				}
			}
			if _, ok := a.Conversation(id); !ok || a.Changed(id).Before(one.Start) {
				t.Fatalf("%s is found and not told, or changed before its start", id)
			}
		}
		if found := len(a.IDs("only", noon().Truncate(24*time.Hour), noon().Add(12*time.Hour))); found != len(seen) {
			t.Fatalf("at %s the truth has %d, queries have found %d", at.Now(), found, len(seen))
		}
	}
	if len(seen) != 40 || late < 4 || late > 20 || ended == 0 || most < 10*time.Minute || most > 23*time.Minute {
		t.Errorf("%d found, %d of them late, %d already over, at most by %s", len(seen), late, ended, most)
	}
}

func TestOverMidnight(t *testing.T) {
	c := &clock{now: noon()}
	from, to := noon().Add(-60*time.Hour), noon() // over two midnights
	a := newAsker(t, New(Config{Seed: 25, Conversations: 300, LiveShare: -1, Queues: []string{"only"}, From: from, To: to,
		Now: c.Now, MeanSize: 2500, TokenLife: 10_000 * time.Hour, RequestsPerMinute: -1, Life: Life{MidnightShare: 0.4}}))
	for n, midnight := range []time.Time{noon().Add(-36 * time.Hour), noon().Add(-12 * time.Hour)} {
		c.now = midnight.Add(time.Millisecond)
		live := a.lives(a.walk("only", midnight.Add(-10*time.Minute), midnight, 100))
		if next := a.lives(a.walk("only", midnight, midnight.Add(time.Millisecond), 100)); len(next) > 1 {
			t.Errorf("the next day has %d of its own at once", len(next))
		}
		c.now = noon().Add(1000 * time.Hour)
		over := 0
		for id, one := range a.lives(a.walk("only", midnight.Add(-10*time.Minute), midnight, 100)) {
			if one.Start.Before(midnight.Add(-10*time.Minute)) || !one.End.After(midnight) {
				continue
			}
			over++
			// A call that began within the last minute may still hear the greeting.
			soon := one.Start.After(midnight.Add(-time.Minute))
			if before, found := live[id]; !found && !soon || before.End != nil {
				t.Errorf("%s: found at midnight: %t, with the end %v", id, found, before.End)
			}
		}
		if over < 45 || over > 80 {
			t.Errorf("midnight %d: %d of 300 last over it, want about 60", n, over)
		}
	}
	none := New(Config{Conversations: 50, From: noon().Truncate(24 * time.Hour), To: noon(), Now: noon, Life: Life{MidnightShare: 1}})
	if got := len(none.IDs("", time.Time{}, time.Time{})); got != 50 {
		t.Errorf("without a midnight there are %d conversations, want 50", got)
	}
}

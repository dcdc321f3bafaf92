package genesystest

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

// The days of a simulator that was started anew are those of one that has run on.
func TestExtendGivesEqualDays(t *testing.T) {
	day := noon().Truncate(24 * time.Hour)
	days := func(first, last int) *Simulator {
		s := settled(Config{Conversations: -1})
		for n := first; n <= last; n++ {
			s.Extend(day.AddDate(0, 0, n), day.AddDate(0, 0, n+1), 40)
		}
		return s
	}
	long, anew := days(0, 3), days(2, 4)
	long.Forget(day.AddDate(0, 0, 1))

	for n, want := range []int{0, 40, 40, 40, 0} {
		from, to := day.AddDate(0, 0, n), day.AddDate(0, 0, n+1)
		got := long.Conversations("", from, to)
		if len(got) != want {
			t.Errorf("day %d has %d conversations, want %d", n, len(got), want)
		}
		if !slices.IsSortedFunc(got, func(a, b Conversation) int { return a.Start.Compare(b.Start) }) {
			t.Errorf("day %d is not in order", n)
		}
		for _, c := range got {
			if c.Start.Before(from) || !c.Start.Before(to) {
				t.Errorf("day %d has one that starts at %s", n, c.Start)
			}
			if same, ok := anew.Conversation(c.ID); n > 1 && (!ok || !bytes.Equal(same.JSON, c.JSON)) {
				t.Errorf("day %d: conversation %s differs, or is not there", n, c.ID)
			}
		}
		all := map[string]bool{}
		for _, queue := range long.Queues() {
			for _, id := range long.IDs(queue, from, to) {
				all[id] = true
			}
		}
		if len(all) != want {
			t.Errorf("day %d has %d conversations over the queues, want %d", n, len(all), want)
		}
	}
}

func TestForgetForgets(t *testing.T) {
	s := settled(Config{Conversations: 20})
	ids := s.IDs("", noon().Add(-24*time.Hour), noon())
	s.Forget(noon())
	for _, id := range ids {
		if _, ok := s.Conversation(id); ok {
			t.Errorf("%s is still there", id)
		}
	}
	if s.Forget(noon()); len(s.IDs("", time.Time{}, time.Time{})) > 0 {
		t.Error("queries still find some")
	}
}

package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// What is counted is the whole interval, in no more than 31 days, each part once.
func TestStretches(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z", ""},
		{"2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z", "01-01T10 01-01T11"},
		{"2026-01-01T10:00:00Z", "2026-02-01T00:00:00Z", "01-01T10 02-01T00"},
		{"2026-01-01T10:00:00Z", "2026-02-01T01:00:00Z", "01-01T10 02-01T00 02-01T01"},
		{"2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z", "01-01T00 02-01T00 03-04T00 04-01T00"},
	} {
		from, _, _ := parseInstant(c.from)
		to, _, _ := parseInstant(c.to)
		got := ""
		for i, one := range stretches(3, producer.Ahead{From: from, To: to}) {
			if one.to.Sub(one.from) > 31*24*time.Hour || one.queue != 3 {
				t.Errorf("%+v", one)
			}
			if i == 0 {
				got = one.from.Format("01-02T15")
			}
			got += " " + one.to.Format("01-02T15")
		}
		if got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

// The estimate: pages of windows and of revisits, minutes at 97 % of the allowance, and what
// is needed for ever, which nobody knows of a queue of which less than a day was counted.
func TestEstimate(t *testing.T) {
	cfg := mustLoad(t, map[string]string{"GENESYS_REQUESTS_PER_MINUTE": "100", "WINDOW_SETTLE": "0s"})
	f := forecast{PageSize: 100, PerMinute: 97, Queues: []queueAhead{
		{From: hours(0), To: hours(48), Page: 3, work: work{Windows: 2, Conversations: 28_800, Visits: 2}}, // 10 a minute
		{From: hours(48), To: hours(48), LastDay: new(int)},
	}}
	night := f
	night.Queues = append(slices.Clone(f.Queues), queueAhead{From: hours(24), To: hours(30), work: work{Windows: 6, Conversations: 3}})
	f.estimate(cfg)
	day := 144.5 // pages
	if got, want := f.Queues[0].Pages, int(288+1-3+2*day); got != want || f.Sum.Pages != want {
		t.Errorf("%d pages, and %d in all; want %d", got, f.Sum.Pages, want)
	}
	if got := fmt.Sprintf("%.3f", f.Sum.Minutes); got != fmt.Sprintf("%.3f", (286+2*day)/97) {
		t.Errorf("%s minutes", got)
	}
	windows, visits := (6.5+1)/60, 3*(day+1)/1440 // an idle queue has a page a window, too
	if got := fmt.Sprintf("%.4f %.4f %.4f", f.Steady.Windows, f.Steady.Visits, *f.Steady.Share); got != fmt.Sprintf("%.4f %.4f %.4f", windows, visits, (windows+visits)/97) {
		t.Errorf("for ever: %s", got)
	}
	night.estimate(cfg)
	if s := night.Steady; s.Share != nil || s.Unknown != 1 || s.Windows <= f.Steady.Windows || night.Sum.Pages != f.Sum.Pages+6 {
		t.Errorf("with one of which nobody knows: %+v, and %+v", s, night.Sum)
	}
}

// Days that are due to be revisited are counted, but not of a run that makes no revisits.
func TestPlannedVisits(t *testing.T) {
	stored := inventory{positions: []found{
		{checkpoint.Key{Queue: "a", Lane: checkpoint.Live}, walkedTo("a", false), nil},
		{checkpoint.Key{Queue: "a", Lane: checkpoint.Revisit}, visited("a"), nil}}}
	for now, want := range map[float64]int{23: 0, 24: 1} { // at the age of a day
		if due, err := visitsDue(mustLoad(t, nil), stored, "a", hours(now)); due != want || err != nil {
			t.Errorf("at hour %v: %d, %v; want %d", now, due, err, want)
		}
	}
	for name, changes := range map[string]map[string]string{"with an end": {"WINDOW_TO": "now"}, "without ages": {"WINDOW_REVISIT": ""}} {
		if due, err := visitsDue(mustLoad(t, changes), stored, "a", hours(100)); due != 0 || err != nil {
			t.Errorf("of a run %s: %d, %v", name, due, err)
		}
	}
}

// The pace that minutes are told by is that of the client.
func TestPlannedPace(t *testing.T) {
	cfg := mustLoad(t, nil)
	api, err := newAPI(cfg, textLog(&transcript{})(cfg), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := api.State().PerMinute; fmt.Sprintf("%.3f", got) != fmt.Sprintf("%.3f", genesys.Share*float64(cfg.RequestsPerMinute)) {
		t.Errorf("the client's is %v", got)
	}
}

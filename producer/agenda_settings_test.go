package producer

import (
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

// Ages may be others with each start: what counts is when a day was read.
func TestDayIsVisitedAtAgesThatWereChanged(t *testing.T) {
	read := func(age time.Duration) visit {
		v := visit{day: "2026-03-01"}
		return v.after(checkpoint.Position{Query: v.query(), Account: checkpoint.Account{FirstAt: int(v.end().Add(age).UnixMilli())}})
	}
	for name, c := range map[string]struct{ read, age, due time.Duration }{
		"a later one in place of others": {2 * time.Hour, 4 * day, 4 * day},
		"read before the only one":       {3 * time.Hour, 4 * day, 4 * day},
		"read after it":                  {4 * day, 2 * time.Hour, 0},
	} {
		v := read(c.read)
		want := time.Time{}
		if c.due > 0 {
			want = v.end().Add(c.due)
		}
		if due := (Revisits{Ages: []time.Duration{c.age}}).due(v); !due.Equal(want) {
			t.Errorf("%s: it is due at %v, want %v", name, due, want)
		}
	}
}

// A rewound lane walks days again that were off the agenda, or are on it still.
func TestRewoundDaysComeBack(t *testing.T) {
	a := agenda{next: "2026-03-20", visits: []visit{{day: "2026-03-11", pass: 2, open: 1, read: at("2026-03-19T00:00:00Z")}, {day: "2026-03-19"}}}
	for _, day := range []string{"2026-03-10", "2026-03-11", "2026-03-12"} {
		begin := at(day + "T00:00:00Z")
		a.add(usual(), checkpoint.Position{Query: checkpoint.Query{From: begin}}, checkpoint.Position{}) // it is under way
		closed := walkedLive(day+"T00:00:00Z", 24*time.Hour, 9*24*time.Hour, 5)
		a.add(usual(), checkpoint.Position{Query: checkpoint.Query{From: begin.AddDate(0, 0, 1)}}, closed)
	}
	if want := "2026-03-13 2026-03-10/1/5/1773964800000 2026-03-11/2/1/1773878400000 2026-03-12/1/5/1774137600000 2026-03-19/0/0/0"; a.String() != want {
		t.Errorf("the agenda is %q, want %q", a, want)
	}
}

// What a day leaves open that is too old to be visited when it is walked, after a long
// downtime, is given up by its only window.
func TestLateLiveDayTellsWhatItLeavesOpen(t *testing.T) {
	for name, c := range map[string]struct {
		length, later time.Duration
		ages          []time.Duration
		want          int
	}{
		"too old":         {day, 31 * day, usual().Ages, 5},
		"to be visited":   {day, 30 * day, usual().Ages, 0},
		"a part of a day": {day / 2, 31 * day, usual().Ages, 0},
		"nobody revisits": {day, 31 * day, nil, 0},
	} {
		s := &Service{Revisits: Revisits{Ages: c.ages}}
		if _, left := s.closed(checkpoint.Live, walkedLive("2026-03-01T00:00:00Z", c.length, c.later, 5)); left != c.want {
			t.Errorf("%s: %d are left open, want %d", name, left, c.want)
		}
	}
}

// Nobody goes through the agenda of a nightly run, under a name that once ran for ever: it
// keeps no ledger for ever.
func TestAgendaOfANightlyRunKeepsNoLedgerForEver(t *testing.T) {
	then := checkpoint.Day("2026-03-01")
	now := then.Begin().Add(200 * day)
	q := &queue{revisit: checkpoint.Position{Start: "x", Closed: true, Query: checkpoint.Query{From: then.Begin()}}, agenda: agenda{next: then, visits: []visit{{day: "2026-02-27"}}}}
	planned := checkpoint.Position{Query: checkpoint.Query{Since: now, From: now, To: now.Add(time.Hour)}}
	s := &Service{Windows: Windows{To: now.Add(day), Length: time.Hour}, Revisits: usual()}
	s.plan(q, planned)
	if keep := s.keep(q, planned); now.Sub(keep.Begin()) > 40*day {
		t.Errorf("ledgers are kept from %s on", keep)
	}
	s.Windows.To = time.Time{} // for ever
	if keep := s.keep(q, planned); keep != "2026-02-27" {
		t.Errorf("a service that visits keeps ledgers from %s on", keep)
	}
}

// A window that was cut asks for less of what is before it than those that follow: the ledger
// of the day before is kept for them.
func TestLedgerOfTheDayBeforeIsKeptForASettle(t *testing.T) {
	midnight := at("2026-03-02T00:00:00Z")
	s := &Service{Windows: Windows{Length: time.Hour, Settle: 5 * time.Minute}}
	for begin, want := range map[time.Duration]checkpoint.Day{2 * time.Millisecond: "2026-03-01", 5*time.Minute - 1: "2026-03-01", 5 * time.Minute: "2026-03-02"} {
		from := midnight.Add(begin)
		planned := checkpoint.Position{Query: checkpoint.Query{Since: from.Add(-time.Millisecond), From: from, To: from.Add(time.Millisecond)}}
		if keep := s.keep(&queue{}, planned); keep != want {
			t.Errorf("at %v ledgers are kept from %s on, want %s", from, keep, want)
		}
	}
}

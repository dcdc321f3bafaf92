package producer

import (
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

// A visit that was interrupted across an age has not that age behind it: its first pages
// were read before.
func TestVisitCountsFromItsFirstPage(t *testing.T) {
	r := Revisits{Ages: []time.Duration{2 * time.Hour, 24 * time.Hour, 96 * time.Hour}}
	v := visit{day: "2026-03-01", made: 1}
	first, last := v.end().Add(25*time.Hour), v.end().Add(97*time.Hour)
	got := v.after(r, checkpoint.Position{Account: checkpoint.Account{FirstAt: int(first.UnixMilli()), ReadAt: int(last.UnixMilli())}})
	if got.made != 2 || !r.due(got).Equal(v.end().Add(96*time.Hour)) {
		t.Errorf("%d ages are behind it, and it is due at %v; want 2, and the third", got.made, r.due(got))
	}
}

// What a visit has come to concerns its own day: days that were added meanwhile stay.
func TestVisitSettlesItsOwnDay(t *testing.T) {
	a := agenda{next: "2026-03-04", visits: []visit{{day: "2026-03-01"}, {day: "2026-03-02"}, {day: "2026-03-03"}}}
	a.settle("2026-03-01", agenda{next: "2026-03-03", visits: []visit{{day: "2026-03-01", made: 1}, {day: "2026-03-02"}}})
	a.settle("2026-03-02", agenda{next: "2026-03-03", visits: []visit{{day: "2026-03-01", made: 1}}})
	if len(a.visits) != 2 || a.visits[0].made != 1 || a.visits[1].day != "2026-03-03" || a.next != "2026-03-04" {
		t.Errorf("the agenda is %v", a)
	}
}

// The next live window carries the agenda; where nobody revisits, it only tells from which
// day on somebody could, and ledgers of earlier days are of no use.
func TestLiveWindowCarriesTheAgenda(t *testing.T) {
	live := func(ages ...time.Duration) (*Service, *queue, checkpoint.Position) {
		from := checkpoint.Day("2026-03-05").Begin()
		q := &queue{live: checkpoint.Position{Closed: true}, revisit: checkpoint.Position{Start: "stored", Closed: true}, agenda: agenda{next: "2026-03-03"}}
		return &Service{Revisits: Revisits{Ages: ages}}, q, checkpoint.Position{Query: checkpoint.Query{Since: from, From: from, To: from.Add(time.Hour)}}
	}
	s, q, planned := live(2 * time.Hour)
	s.plan(q, planned)
	l := s.equip(&leg{queue: q, lane: checkpoint.Live, stored: q.live, pos: planned})
	if want := "2026-03-05 2026-03-03/0/0/0/0 2026-03-04/0/0/0/0"; l.pos.Agenda != want || l.keep != "2026-03-03" {
		t.Errorf("it carries %q and keeps %s, want %q", l.pos.Agenda, l.keep, want)
	}
	s, q, planned = live()
	s.plan(q, planned)
	l = s.equip(&leg{queue: q, lane: checkpoint.Live, stored: q.live, pos: planned})
	if l.pos.Agenda != "2026-03-05" || l.keep != "2026-03-05" {
		t.Errorf("without revisits it carries %q and keeps %s", l.pos.Agenda, l.keep)
	}
}

package producer

import (
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

// query is that of a visit as a whole.
func (v visit) query() checkpoint.Query { return checkpoint.Query{From: v.day.Begin(), To: v.end()} }

// A visit that was interrupted across an age has not that age behind it: its first pages
// were read before.
func TestVisitCountsFromItsFirstPage(t *testing.T) {
	r := Revisits{Ages: []time.Duration{2 * time.Hour, 24 * time.Hour, 96 * time.Hour}}
	v := visit{day: "2026-03-01"}
	first, last := v.end().Add(25*time.Hour), v.end().Add(97*time.Hour)
	got := v.after(checkpoint.Position{Query: v.query(), Account: checkpoint.Account{FirstAt: int(first.UnixMilli()), ReadAt: int(last.UnixMilli())}})
	if due := r.due(got); !due.Equal(v.end().Add(96 * time.Hour)) {
		t.Errorf("it is due at %v, want at the third age", due)
	}
}

// A visit of a day that was cut counts from the first page of its first part, whenever the
// last one is read.
func TestVisitOfACutDayCountsFromItsFirstPart(t *testing.T) {
	s := &Service{Revisits: Revisits{Ages: []time.Duration{2 * time.Hour, 24 * time.Hour, 96 * time.Hour}}}
	begin := checkpoint.Day("2026-03-01").Begin()
	end := begin.Add(day)
	part := func(from, to, read time.Time, agenda string) checkpoint.Position {
		closed, _ := s.closed(checkpoint.Revisit, checkpoint.Position{Turn: 1, Pass: 2, Agenda: agenda, Query: checkpoint.Query{From: from, To: to},
			Account: checkpoint.Account{FirstAt: int(read.UnixMilli()), Final: checkpoint.Final{Open: 1}}})
		return closed
	}
	noon, evening := begin.Add(12*time.Hour), begin.Add(18*time.Hour)
	read := end.Add(3 * time.Hour)
	pos := part(begin, noon, read, "2026-03-02 2026-03-01/1/0/0")
	pos = part(noon, evening, end.Add(25*time.Hour), pos.Agenda)
	pos = part(evening, end, end.Add(97*time.Hour), pos.Agenda)
	want := agenda{next: "2026-03-02", visits: []visit{{day: "2026-03-01", pass: 2, open: 1, read: read}}}
	if pos.Agenda != want.String() {
		t.Errorf("the agenda is %q, want %q", pos.Agenda, want)
	}
}

// The live lane has days on its agenda that the lane of revisits did not know of yet when
// its last visit began. What has become of those that it knew, it knows better.
func TestAgendaIsOfBothLanes(t *testing.T) {
	for name, c := range map[string]struct{ visits, live, want string }{
		"the visit ended after a live window had begun": {"2026-03-03 2026-03-01/3/0/7 2026-03-02/0/0/0",
			"2026-03-04 2026-03-01/2/0/5 2026-03-02/0/0/0 2026-03-03/0/0/0", "2026-03-04 2026-03-01/3/0/7 2026-03-02/0/0/0 2026-03-03/0/0/0"},
		"its day is done with":                             {"2026-03-02", "2026-03-03 2026-03-01/2/0/5 2026-03-02/0/0/0", "2026-03-03 2026-03-02/0/0/0"},
		"the live window began before":                     {"2026-03-03 2026-03-02/1/0/5", "2026-03-03 2026-03-01/2/0/5 2026-03-02/0/0/0", "2026-03-03 2026-03-02/1/0/5"},
		"a day is planned for the first visit of the next": {"2026-03-04 2026-03-02/1/0/5", "2026-03-03 2026-03-01/2/0/5 2026-03-02/0/0/0", "2026-03-04 2026-03-02/1/0/5"},
		"the live lane was rewound":                        {"2026-03-09 2026-03-08/0/0/0", "2026-03-05 2026-03-04/1/3/5 2026-03-08/0/0/0", "2026-03-05 2026-03-04/1/3/5 2026-03-08/0/0/0"},
		"without revisits in between":                      {"2026-03-03 2026-03-02/1/0/5", "2026-03-09", "2026-03-09"},
		"days were walked live as a whole":                 {"2026-03-02 2026-03-01/1/0/5", "2026-03-04 2026-03-01/1/0/5 2026-03-03/1/0/9", "2026-03-04 2026-03-01/1/0/5 2026-03-03/1/0/9"},
	} {
		visits, err := readAgenda(c.visits)
		live, err2 := readAgenda(c.live)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if got := visits.with(live).String(); got != c.want {
			t.Errorf("%s: the agenda is %q, want %q", name, got, c.want)
		}
	}
}

// What a visit has come to concerns its own day: days that were added meanwhile stay.
func TestVisitSettlesItsOwnDay(t *testing.T) {
	a := agenda{next: "2026-03-04", visits: []visit{{day: "2026-03-01"}, {day: "2026-03-02"}, {day: "2026-03-03"}}}
	a.settle("2026-03-01", agenda{next: "2026-03-03", visits: []visit{{day: "2026-03-01", pass: 1}, {day: "2026-03-02"}}})
	a.settle("2026-03-02", agenda{next: "2026-03-03", visits: []visit{{day: "2026-03-01", pass: 1}}})
	if len(a.visits) != 2 || a.visits[0].pass != 1 || a.visits[1].day != "2026-03-03" || a.next != "2026-03-04" {
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
	if want := "2026-03-05 2026-03-03/0/0/0 2026-03-04/0/0/0"; l.pos.Agenda != want || l.keep != "2026-03-03" {
		t.Errorf("it carries %q and keeps %s, want %q", l.pos.Agenda, l.keep, want)
	}
	s, q, planned = live()
	s.plan(q, planned)
	l = s.equip(&leg{queue: q, lane: checkpoint.Live, stored: q.live, pos: planned})
	if l.pos.Agenda != "2026-03-05" || l.keep != "2026-03-05" {
		t.Errorf("without revisits it carries %q and keeps %s", l.pos.Agenda, l.keep)
	}
}

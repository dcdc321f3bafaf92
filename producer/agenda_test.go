package producer

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

// usual are the ages that the configuration has by default.
func usual() Revisits { return Revisits{Ages: []time.Duration{2 * time.Hour, day, 4 * day}, Share: .5} }

func TestAgendaIsReadAsWritten(t *testing.T) {
	for text, want := range map[string]agenda{
		"2026-03-01": {next: "2026-03-01"},
		"2026-03-03 2026-03-01/7/1/1772500000123 2026-03-02/0/0/0": {next: "2026-03-03", visits: []visit{
			{day: "2026-03-01", pass: 7, open: 1, read: time.UnixMilli(1772500000123).UTC()},
			{day: "2026-03-02"}}},
	} {
		if got := want.String(); got != text {
			t.Errorf("agenda %+v is written %q, want %q", want, got, text)
		}
		got, err := readAgenda(text)
		if err != nil {
			t.Errorf("agenda %q: %v", text, err)
		}
		for i := range got.visits {
			if got.visits[i].read.Equal(time.UnixMilli(0)) {
				got.visits[i].read = time.Time{} // both mean: never
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("agenda %q is read as %+v, want %+v", text, got, want)
		}
		if again := got.String(); again != text {
			t.Errorf("agenda %q is written again as %q", text, again)
		}
	}
}

func TestBadAgendaIsRefused(t *testing.T) {
	for _, text := range []string{
		"", " ", "soon", "2026-13-01", " 2026-03-01", "2026-03-02/0/0/0", "2026-03-02T00:00:00Z",
		"2026-03-02 2026-03-01", "2026-03-02 2026-03-01/1/2", "2026-03-02 2026-03-01/1/2/x", "2026-03-02 2026-03-01/1/2/",
		"2026-03-02 /1/2/3/4", "2026-03-02 2026-03-01/0/0/0 soon",
	} {
		if a, err := readAgenda(text); err == nil || !strings.Contains(err.Error(), "agenda") {
			t.Errorf("agenda %q is read as %+v, %v; want an error that names it", text, a, err)
		}
	}
}

// What is no visit would be made for ever: its day would never be found again to be taken
// off the list.
func TestAgendaWithABadVisitIsRefused(t *testing.T) {
	for _, visit := range []string{
		"2026-02-30/0/0/0", "soon/0/0/0", "0001-01-01/0/0/0", "2026-03-01/1/2/3/4", "2026-03-01/2/3/4x",
		"2026-03-01/-1/0/0", "2026-03-01/0/-1/0", "2026-03-01/0/0/-1",
	} {
		if a, err := readAgenda("2026-03-02 " + visit); err == nil {
			t.Errorf("visit %q is read as %+v", visit, a.visits)
		}
	}
}

// course is when a day is visited, and when it is no more: each visit comes a
// second late, and it has open conversations until an age.
func course(r Revisits, v visit, until time.Duration) (ages []time.Duration) {
	for at := r.due(v); !at.IsZero() && len(ages) < 100; at = r.due(v) {
		at = at.Add(time.Second)
		age := at.Sub(v.end())
		ages = append(ages, age.Truncate(time.Minute))
		open := 0
		if age < until {
			open = 1
		}
		pos := checkpoint.Position{Pass: v.pass + 1, Query: v.query(), Account: checkpoint.Account{FirstAt: int(at.UnixMilli()), Final: checkpoint.Final{Open: open}}}
		v = v.after(pos)
	}
	return ages
}

func TestDayIsVisitedAtItsAges(t *testing.T) {
	got := course(usual(), visit{day: "2026-03-01"}, 0)
	if want := usual().Ages; !slices.Equal(got, want) {
		t.Errorf("visited at the ages %v, want %v", got, want)
	}
	if got := course(Revisits{}, visit{day: "2026-03-01"}, 0); len(got) > 0 {
		t.Errorf("without ages, a day is visited at %v", got)
	}
}

// From its first age on, a day with conversations that have not ended is visited once a day
// until they have, whatever age is ahead; at 31 days it is visited for the last time.
func TestOpenDayIsVisitedDaily(t *testing.T) {
	for until, want := range map[time.Duration]int{
		time.Hour:               3,      // at its ages
		2*day + time.Hour:       5,      // and after two days, and three
		4 * day:                 5,      // they have ended by the last age
		4*day + time.Hour:       6,      // and one day after it
		10 * day:                5 + 6,  // days 5 to 10
		31*day - time.Hour:      5 + 27, // days 5 to 31
		oldest:                  5 + 27,
		oldest + 1000*time.Hour: 5 + 27,
	} {
		got := course(usual(), visit{day: "2026-03-01"}, until)
		if len(got) != want {
			t.Errorf("open until %v: %d visits at %v, want %d", until, len(got), got, want)
			continue
		}
		for i := 1; i < len(got); i++ {
			if gap := got[i] - got[i-1]; got[i-1] < until && gap > day+time.Minute {
				t.Errorf("open until %v: visits at %v", until, got)
			}
		}
		if last := got[len(got)-1]; want == 32 && last != oldest {
			t.Errorf("open until %v: the last visit is at %v", until, last)
		}
	}
}

// The last visit comes at 31 days, even where that is less than a day after the one before.
func TestOpenDayIsVisitedForTheLastTime(t *testing.T) {
	got := course(Revisits{Ages: []time.Duration{2 * time.Hour}}, visit{day: "2026-03-01"}, 100*day)
	if n := len(got); n != 32 || got[n-2] != 30*day+2*time.Hour || got[n-1] != oldest {
		t.Errorf("visited at the ages %v, want 2h, daily after it, and 31 days", got)
	}
}

// After a downtime the ages that have passed are made up for by one visit, and a day that
// is too old is visited once.
func TestAgesThatHavePassedAreOneVisit(t *testing.T) {
	v := visit{day: "2026-03-01"}
	for read, want := range map[time.Duration]time.Duration{
		0: 2 * time.Hour, 2*time.Hour - 1: 2 * time.Hour, 2 * time.Hour: day, day - 1: day, day: 4 * day, 4*day - 1: 4 * day,
	} {
		v.read = v.end().Add(read)
		if due := usual().due(v); !due.Equal(v.end().Add(want)) {
			t.Errorf("read at %v it is due at %v, want %v", read, due, v.end().Add(want))
		}
	}
	for _, read := range []time.Duration{4 * day, 400 * day} {
		v.read = v.end().Add(read)
		if due := usual().due(v); !due.IsZero() {
			t.Errorf("read at %v it is due at %v, want no more", read, due)
		}
	}
	late := v.after(checkpoint.Position{Query: v.query(), Account: checkpoint.Account{
		FirstAt: int(v.end().Add(40 * day).UnixMilli()), Final: checkpoint.Final{Open: 5}}})
	if due := usual().due(late); !due.IsZero() {
		t.Errorf("read after 40 days, it is to be visited at %v", due)
	}
}

// walkedLive is the last live window, closed and read so long after its end.
func walkedLive(from string, length, later time.Duration, open int) checkpoint.Position {
	q := checkpoint.Query{From: at(from), To: at(from).Add(length)}
	return checkpoint.Position{Query: q, Pass: 1, Closed: true,
		Account: checkpoint.Account{FirstAt: int(q.To.Add(later).UnixMilli()), Final: checkpoint.Final{Open: open}}}
}

// What the live lane has behind it is put on the agenda; a whole day that was walked late
// enough counts as a visit.
func TestDaysArePutOnTheAgenda(t *testing.T) {
	for name, c := range map[string]struct {
		planned string
		closed  checkpoint.Position
		want    string
	}{
		"the day goes on":          {"2026-03-01T23:00:00Z", walkedLive("2026-03-01T22:00:00Z", time.Hour, 0, 1), "2026-03-01"},
		"it is over":               {"2026-03-02T00:00:00Z", walkedLive("2026-03-01T23:00:00Z", time.Hour, 0, 1), "2026-03-02 2026-03-01/0/0/0"},
		"two days and a part":      {"2026-03-03T08:00:00Z", walkedLive("2026-03-03T07:00:00Z", time.Hour, 0, 1), "2026-03-03 2026-03-01/0/0/0 2026-03-02/0/0/0"},
		"walked as a whole":        {"2026-03-02T00:00:00Z", walkedLive("2026-03-01T00:00:00Z", day, 5*time.Minute, 3), "2026-03-02 2026-03-01/1/3/1772409900000"},
		"a day later":              {"2026-03-02T00:00:00Z", walkedLive("2026-03-01T00:00:00Z", day, day, 0), "2026-03-02 2026-03-01/1/0/1772496000000"},
		"after its last age":       {"2026-03-02T00:00:00Z", walkedLive("2026-03-01T00:00:00Z", day, 5*day, 0), "2026-03-02"},
		"and some are open":        {"2026-03-02T00:00:00Z", walkedLive("2026-03-01T00:00:00Z", day, 5*day, 2), "2026-03-02 2026-03-01/1/2/1772841600000"},
		"and it is too old":        {"2026-03-02T00:00:00Z", walkedLive("2026-03-01T00:00:00Z", day, 31*day, 2), "2026-03-02"},
		"of one of two days":       {"2026-03-03T00:00:00Z", walkedLive("2026-03-02T00:00:00Z", day, 5*day, 0), "2026-03-03 2026-03-01/0/0/0"},
		"walked from noon on":      {"2026-03-02T00:00:00Z", walkedLive("2026-03-01T12:00:00Z", day/2, 5*day, 0), "2026-03-02 2026-03-01/0/0/0"},
		"walked up to noon":        {"2026-03-02T00:00:00Z", walkedLive("2026-03-01T00:00:00Z", day/2, 5*day, 0), "2026-03-02 2026-03-01/0/0/0"},
		"walked from noon, longer": {"2026-03-02T12:00:00Z", walkedLive("2026-03-01T12:00:00Z", day, 5*day, 0), "2026-03-02 2026-03-01/0/0/0"},
	} {
		t.Run(name, func(t *testing.T) {
			a := agenda{next: "2026-03-01"}
			planned := checkpoint.Position{Query: checkpoint.Query{From: at(c.planned)}}
			for range 2 { // it does not matter how often
				a.add(usual(), planned, c.closed)
				if got := a.String(); got != c.want {
					t.Fatalf("the agenda is %q, want %q", got, c.want)
				}
			}
		})
	}
	open := walkedLive("2026-03-01T00:00:00Z", day, 5*day, 0)
	open.Closed = false
	a := agenda{next: "2026-03-01"}
	a.add(usual(), checkpoint.Position{Query: checkpoint.Query{From: at("2026-03-02T00:00:00Z")}}, open)
	if len(a.visits) != 1 || !a.visits[0].read.IsZero() {
		t.Errorf("a window that is not closed counts as a visit: %q", a)
	}
}

// Of the days that are due the one comes first that has been for longest, whatever its
// place.
func TestVisitThatIsDueFirst(t *testing.T) {
	a := agenda{next: "2026-03-04", visits: []visit{
		{day: "2026-03-01", read: at("2026-03-03T00:00:00Z")}, // due on March 6
		{day: "2026-03-02", read: at("2026-03-03T02:00:00Z")}, // on March 4
		{day: "2026-03-03"}, // on March 4, at two o'clock
	}}
	v, due := a.first(usual())
	if v == nil || v.day != "2026-03-02" || !due.Equal(at("2026-03-04T00:00:00Z")) {
		t.Errorf("first is %+v at %v", v, due)
	}
	if v, _ := (&agenda{next: "2026-03-04"}).first(usual()); v != nil {
		t.Errorf("of nothing, %+v is due", v)
	}
}

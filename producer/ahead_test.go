package producer_test

import (
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/producer"
)

// What is ahead is what the service would walk: whole days that have ended, then windows on
// the grid, up to what has settled.
func TestAhead(t *testing.T) {
	midnight := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	at := func(hours float64) time.Time { return midnight.Add(time.Duration(hours * float64(time.Hour))) }
	live := func(from, to float64, closed bool) checkpoint.Position {
		p := checkpointtest.Sample(checkpoint.Key{Queue: "q", Lane: checkpoint.Live})
		p.Query.From, p.Query.To, p.Closed = at(from), at(to), closed
		return p
	}
	for _, c := range []struct {
		name     string
		windows  producer.Windows
		live     checkpoint.Position
		now      float64
		from, to float64
		count    int
	}{
		{"begins today", producer.Windows{From: at(1.5)}, checkpoint.Position{}, 5.1, 1.5, 5, 4},
		{"begins today, and the last hour has not settled", producer.Windows{From: at(1.5)}, checkpoint.Position{}, 5.05, 1.5, 4, 3},
		{"begins two days ago", producer.Windows{From: at(1.5)}, checkpoint.Position{}, 50.1, 1.5, 50, 1 + 1 + 2},
		{"begins ahead of now", producer.Windows{From: at(10)}, checkpoint.Position{}, 5, 10, 10, 0},
		{"closed", producer.Windows{}, live(2, 3, true), 5.1, 3, 5, 2},
		{"closed, and nothing has settled", producer.Windows{}, live(4, 5, true), 5.5, 5, 5, 0},
		{"in the middle of a window", producer.Windows{}, live(2, 3, false), 5.1, 2, 5, 3},
		{"in the middle of an hour of a day that has ended since", producer.Windows{}, live(2, 3, false), 30.1, 2, 30, 1 + 1 + 6},
		{"in the middle of half an hour", producer.Windows{}, live(2, 2.5, false), 5.1, 2, 5, 4},
		{"bounded", producer.Windows{From: at(1), To: at(26.5)}, checkpoint.Position{}, 100, 1, 26.5, 1 + 1},
		{"bounded, and its end lies ahead", producer.Windows{From: at(1), To: at(26.5)}, checkpoint.Position{}, 3.2, 1, 3, 2},
		{"bounded, and done", producer.Windows{To: at(3)}, live(2, 3, true), 100, 3, 3, 0},
	} {
		c.windows.Length, c.windows.Settle = time.Hour, 5*time.Minute
		got := c.windows.Ahead(c.live, at(c.now))
		want := producer.Ahead{From: at(c.from), To: at(c.to), Windows: c.count}
		if got != want {
			t.Errorf("%s: %+v, want %+v", c.name, got, want)
		}
	}
}

// The agenda of both lanes is that which the service would go on with.
func TestAgendaOfPositions(t *testing.T) {
	sample := checkpointtest.Sample(checkpoint.Key{Queue: "q", Lane: checkpoint.Live})
	end := sample.Query.From // 1 March; its day begins there
	live := func(agenda string) checkpoint.Position { p := sample; p.Agenda = agenda; return p }
	revisit := func(agenda string) checkpoint.Position {
		p := sample
		p.Turn, p.Agenda = 1, agenda
		return p
	}
	ages := producer.Revisits{Ages: []time.Duration{2 * time.Hour, 24 * time.Hour}}
	for _, c := range []struct {
		name          string
		live, revisit checkpoint.Position
		want          []producer.Visit
	}{
		{"nothing stored", checkpoint.Position{}, checkpoint.Position{}, nil},
		{"no revisit yet, and no day behind", live(""), checkpoint.Position{}, nil},
		{"a day came behind since", live(""), revisit("2026-02-28"), []producer.Visit{{Day: "2026-02-28", Due: end.Add(2 * time.Hour)}}},
		{"a day that was read once, with open ones", live(""), revisit("2026-03-01 2026-02-28/1/3/1772332200000"), // 02:30
			[]producer.Visit{{Day: "2026-02-28", Pass: 1, Open: 3, Read: end.Add(150 * time.Minute), Due: end.Add(24 * time.Hour)}}},
		{"the live lane knows more", live("2026-03-01 2026-02-28/0/0/0"), revisit("2026-02-28"), []producer.Visit{{Day: "2026-02-28", Due: end.Add(2 * time.Hour)}}},
	} {
		got, err := ages.Agenda(c.live, c.revisit)
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %+v, want %+v", c.name, got[i], c.want[i])
			}
		}
	}
	if got, err := (producer.Revisits{}).Agenda(live(""), revisit("2026-03-01 2026-02-28/1/3/1772332200000")); got != nil || err != nil {
		t.Errorf("where days are never walked again: %+v, %v", got, err)
	}
	for _, r := range []producer.Revisits{ages, {}} { // the service reads it in either case
		if _, err := r.Agenda(live(""), revisit("yesterday")); err == nil {
			t.Error("an agenda that is none was read")
		}
	}
}

package producer

import (
	"time"

	"genesys-producer/checkpoint"
)

// Ahead is what a queue has to walk of what is there already.
type Ahead struct {
	From    time.Time // where it goes on: the begin of its window in hand, or of its next one
	To      time.Time // end of the last window that has settled; From, if none has
	Windows int
}

// Ahead is what a live lane has to walk from its stored position on, as of now: up to what
// has settled by then, or to the end of a bounded run if that comes first. The zero
// position stands for a queue that begins at From.
func (w Windows) Ahead(live checkpoint.Position, now time.Time) Ahead {
	from := WalkedTo(live)
	if live.IsZero() {
		from = w.From
	}
	a := Ahead{From: from, To: from}
	for !w.done(a.To) {
		to := w.end(a.To, now)
		if a.Windows == 0 && !live.IsZero() && !live.Closed {
			to = live.Query.To // its query is frozen (invariant 3)
		}
		if w.settled(to).After(now) {
			break
		}
		a.To = to
		a.Windows++
	}
	return a
}

// WalkedTo is up to where the windows of a lane are walked, by its position: the begin of
// the one in hand, or of the next one.
func WalkedTo(pos checkpoint.Position) time.Time {
	if pos.Closed {
		return pos.Query.To
	}
	return pos.Query.From
}

// Visit is a day that a queue is to revisit, or may have to.
type Visit struct {
	Day  checkpoint.Day
	Pass int       // the last pass of the day; 0: the live windows' alone
	Open int       // its conversations that had no end when it was read last
	Read time.Time // when a pass of it as a whole began last; zero: none has
	Due  time.Time // when it is to be walked next
}

// Agenda is what a queue has to revisit, by the stored positions of its lanes, in the order
// of the days: nothing where there are no ages, whatever was noted under others. The zero
// position stands for a lane that has none. An error says that an agenda cannot be read.
func (r Revisits) Agenda(live, revisit checkpoint.Position) (visits []Visit, err error) {
	if live.IsZero() {
		return nil, nil
	}
	a := agenda{next: checkpoint.DayOf(live.Query.From)}
	if revisit.Agenda != "" {
		if a, err = readAgenda(revisit.Agenda); err != nil {
			return nil, err
		}
	}
	if live.Agenda != "" {
		b, err := readAgenda(live.Agenda)
		if err != nil {
			return nil, err
		}
		a = a.with(b)
	}
	if len(r.Ages) == 0 {
		return nil, nil
	}
	planned := live
	planned.Query.From = WalkedTo(live)
	a.add(r, planned, live)
	for _, v := range a.visits {
		if v.read.UnixMilli() == 0 { // as it is written of one that was not read
			v.read = time.Time{}
		}
		if due := r.due(v); !due.IsZero() {
			visits = append(visits, Visit{v.day, v.pass, v.open, v.read, due})
		}
	}
	return visits, nil
}

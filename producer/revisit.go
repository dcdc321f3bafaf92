package producer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"genesys-producer/checkpoint"
)

// Revisits says when days are walked again for what has changed late.
type Revisits struct {
	Ages  []time.Duration // counted from the end of a day, growing; none: never
	Share float64         // the most of the request budget that they take while live windows wait
}

// oldest is the age at which a day is given up whose conversations have not all ended.
const oldest = 31 * day

// visit is a day that is to be revisited.
type visit struct {
	day  checkpoint.Day
	pass int       // the last pass of the day
	open int       // its conversations that had no end when it was read last
	read time.Time // when that was; to the millisecond
}

// end is the end of the day.
func (v visit) end() time.Time { return midnight(v.day.Begin()) }

// due is when the day is to be walked next; zero: no more. Which of the ages are behind it
// is counted anew each time: they may be others since the last start.
func (r Revisits) due(v visit) time.Time {
	last := v.end().Add(oldest)
	ahead := slices.IndexFunc(r.Ages, func(age time.Duration) bool { return v.end().Add(age).After(v.read) })
	next := last
	if ahead >= 0 {
		next = v.end().Add(r.Ages[ahead])
	}
	switch daily := v.read.Add(day); {
	case ahead < 0 && (v.open == 0 || !v.read.Before(last)):
		return time.Time{}
	case ahead != 0 && v.open > 0 && daily.Before(next):
		return daily
	}
	return next
}

// agenda is what a queue has to revisit: the days that were walked live before next.
type agenda struct {
	next   checkpoint.Day // the first day that is not on it yet
	visits []visit        // in the order of their days
}

// readAgenda reads the text of an agenda.
func readAgenda(text string) (a agenda, err error) {
	first, rest, _ := strings.Cut(text, " ")
	a.next = checkpoint.Day(first)
	for one := range strings.FieldsSeq(rest) {
		v, err := readVisit(one)
		if err != nil {
			return a, fmt.Errorf("agenda %q: %q: %w", text, one, err)
		}
		a.visits = append(a.visits, v)
	}
	if err := a.next.Validate(); err != nil {
		return a, fmt.Errorf("agenda %q: %w", text, err)
	}
	return a, nil
}

func readVisit(text string) (v visit, err error) {
	fields := strings.Split(text, "/")
	if len(fields) != 4 {
		return v, fmt.Errorf("it has %d parts, want 4", len(fields))
	}
	v.day = checkpoint.Day(fields[0])
	if err := v.day.Validate(); err != nil {
		return v, err
	}
	var read int
	for i, to := range []*int{&v.pass, &v.open, &read} {
		if *to, err = strconv.Atoi(fields[i+1]); err != nil || *to < 0 {
			return v, fmt.Errorf("part %d is %q, want a number from 0 on", i+2, fields[i+1])
		}
	}
	v.read = time.UnixMilli(int64(read)).UTC()
	return v, nil
}

// String is the text of an agenda: its next day, and of each visit the day, the last pass,
// how many had no end, and when it was read.
func (a agenda) String() string {
	var text strings.Builder
	text.WriteString(string(a.next))
	for _, v := range a.visits {
		read := v.read.UnixMilli()
		if v.read.IsZero() {
			read = 0
		}
		fmt.Fprintf(&text, " %s/%d/%d/%d", v.day, v.pass, v.open, read)
	}
	return text.String()
}

// add puts the days on the agenda that the live lane has behind it. The last window that
// it closed may have been such a day as a whole, which is as good as a visit. A lane that was
// rewound brings days back that were off it.
func (a *agenda) add(r Revisits, planned, closed checkpoint.Position) {
	behind := checkpoint.DayOf(planned.Query.From)
	for a.next = min(a.next, behind); a.next < behind; a.next = a.next.Next() {
		v := visit{day: a.next}
		if q := closed.Query; closed.Closed && q.From.Equal(v.day.Begin()) && q.To.Equal(v.end()) {
			v.read, v.open, v.pass = readAt(closed.Account), closed.Account.Final.Open, closed.Pass
		}
		if !r.due(v).IsZero() {
			a.put(v)
		}
	}
}

// put puts a visit in its place, unless the day is on the agenda.
func (a *agenda) put(v visit) {
	place, there := slices.BinarySearchFunc(a.visits, v.day, func(v visit, day checkpoint.Day) int { return cmp.Compare(v.day, day) })
	if !there {
		a.visits = slices.Insert(a.visits, place, v)
	}
}

// index is where a day is among the visits; -1: it is not.
func (a agenda) index(day checkpoint.Day) int {
	return slices.IndexFunc(a.visits, func(v visit) bool { return v.day == day })
}

// settle takes over what has become of one day, of which a visit may have ended.
func (a *agenda) settle(day checkpoint.Day, from agenda) {
	here, there := a.index(day), from.index(day)
	switch {
	case here < 0:
	case there < 0:
		a.visits = slices.Delete(a.visits, here, here+1)
	default:
		a.visits[here] = from.visits[there]
	}
}

// with is the agenda to go on with, where the live lane has another: a window that began
// later than the last visit knows of days that are new since. What has become of the others
// the visit knows, for it may have ended later. It may also know of one day more, that was
// planned and not begun; a live lane that is further behind was rewound, and has brought
// days back.
func (a agenda) with(live agenda) agenda {
	switch {
	case live.next > a.next:
		for _, v := range slices.Clone(live.visits) {
			if v.day < a.next {
				live.settle(v.day, a)
			}
		}
		return live
	case live.next.Next() < a.next:
		a.next = live.next
		for _, v := range live.visits {
			a.put(v)
		}
	}
	return a
}

// first is the visit that is due first; nil: there is none.
func (a *agenda) first(r Revisits) (first *visit, at time.Time) {
	for i := range a.visits {
		if due := r.due(a.visits[i]); first == nil || due.Before(at) {
			first, at = &a.visits[i], due
		}
	}
	return first, at
}

// after is a visit that was made, or the first part of one, where its day was cut: all of
// the visit counts from the first page of that.
func (v visit) after(pos checkpoint.Position) visit {
	if !pos.Query.From.After(v.day.Begin()) {
		v.read = readAt(pos.Account)
	}
	if pos.Query.To.Before(v.end()) {
		return v
	}
	v.open, v.pass = pos.Account.Final.Open, pos.Pass
	return v
}

// revisit is the position at which the next visit begins, or goes on, and when.
// false: there is none.
func (s *Service) revisit(q *queue) (pos checkpoint.Position, at time.Time, ok bool) {
	pos = q.revisit
	if !pos.Closed {
		return pos, pos.Query.From, true // it was interrupted
	}
	if to := pos.Query.To; pos.Turn > 0 && to.Before(midnight(pos.Query.From)) { // of a day that was cut
		next := s.begin(q.id, to)
		next.Query.Since, next.Query.To = to, midnight(to)
		next.Turn, next.Pass, next.Start, next.Agenda = pos.Turn, pos.Pass, pos.Start, pos.Agenda
		next.Account.Begin = pos.Account.Final.End
		return next, to, true
	}
	v, at := q.agenda.first(s.Revisits)
	if v == nil {
		return pos, at, false
	}
	next := s.begin(q.id, v.day.Begin())
	next.Query.Since, next.Query.To = next.Query.From, v.end()
	next.Turn, next.Pass, next.Start = pos.Turn+1, v.pass+1, pos.Start
	return next, at, true
}

// enter stores the beginning of a visit, with the day's ledger made compact.
func (s *Service) enter(ctx, hold context.Context, key checkpoint.Key, pos checkpoint.Position) (checkpoint.Position, error) {
	if err := s.mark(ctx, &pos); err != nil {
		return pos, err
	}
	l := openLedgers(s.Store, s.Log, key.Lane, pos)
	if _, err := l.open(ctx, 0); err != nil {
		return pos, err
	}
	if l.read.Len() == 0 {
		return pos, s.Committer.Save(hold, key, pos)
	}
	chunk, mark := l.read.Compact()
	pos.Ledgers[0] = mark
	return pos, s.Committer.Save(hold, key, pos, chunk)
}

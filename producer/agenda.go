package producer

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"genesys-producer/checkpoint"
)

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

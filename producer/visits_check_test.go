package producer_test

import (
	"slices"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// reading is one that was of a day as a whole: a revisit, or a live window of a day that
// had ended.
type reading struct {
	producer.Attestation
	from, to     time.Time
	first        time.Time // when its first page was asked for first
	last         time.Time // and last, by its last pass or after a restart
	read         time.Time // when its last page was
	passed, late int       // ages that had passed by first, and by read
}

// readings are those of a queue's days, in their order. Attestations that were repeated
// are to be left out before, and so are worlds that cut windows.
func (w *world) readings(queue string, all []producer.Attestation) map[time.Time][]reading {
	asked := map[[2]time.Time][]time.Time{} // for first pages, by interval
	for _, r := range w.queries() {
		if r.Queue == queue && r.Page == 1 && r.Status == 200 {
			i := asks(r)
			asked[i] = append(asked[i], r.Time)
		}
	}
	days := map[time.Time][]reading{}
	for _, a := range all {
		from, to := interval(a)
		if a.Queue != queue || a.Lane == checkpoint.Live && to.Sub(from) < oneDay {
			continue
		}
		since, _ := interval(producer.Attestation{Window: a.Asked})
		r := reading{Attestation: a, from: from, to: to, read: time.UnixMilli(a.ReadAt).UTC()}
		var before time.Time
		if its := days[from]; len(its) > 0 {
			before = its[len(its)-1].read
		}
		for _, at := range asked[[2]time.Time{since, to}] {
			if at.After(before.Add(time.Millisecond)) && !at.After(r.read.Add(time.Second)) {
				if r.first.IsZero() {
					r.first = at
				}
				r.last = at
			}
		}
		r.passed, r.late = w.agesAt(to, r.first), w.agesAt(to, r.read)
		days[from] = append(days[from], r)
	}
	return days
}

// asks is the interval that a request asks for; a last millisecond stands for midnight.
func asks(r genesystest.Request) [2]time.Time {
	return [2]time.Time{r.From.UTC(), r.To.UTC().Add(time.Millisecond).Truncate(time.Second)}
}

// agesAt is how many of the ages a day has at an instant.
func (w *world) agesAt(end, at time.Time) (n int) {
	for _, age := range w.revisits.Ages {
		if !end.Add(age).After(at) {
			n++
		}
	}
	return n
}

// checkVisits: each day from one on is read at each age that it had by an instant, by a
// reading that began after it; and no day is read when nothing was due. Up: since when the
// service has been there without a break.
func (w *world) checkVisits(all []producer.Attestation, begin, up, end time.Time) (readings int) {
	w.Helper()
	for _, queue := range w.sim.Queues() {
		days := w.readings(queue, all)
		for day := begin.Truncate(oneDay); day.Add(oneDay).Before(end); day = day.Add(oneDay) {
			its := days[day]
			readings += len(its)
			w.checkAges(queue, day, its, up, end)
			for i := range its {
				if i > 0 || its[i].Lane == checkpoint.Revisit {
					w.checkIsDue(its[:i], its[i])
				}
			}
			w.checkIsOver(queue, day, its, up, end)
		}
	}
	return readings
}

// soon is how late a reading may be while the service is there: live windows come first.
const soon = time.Hour

func (w *world) checkAges(queue string, day time.Time, its []reading, up, end time.Time) {
	w.Helper()
	for _, age := range w.revisits.Ages {
		due := day.Add(oneDay + age)
		if due.After(end.Add(-soon)) {
			continue
		}
		i := slices.IndexFunc(its, func(r reading) bool { return !r.last.Before(due) })
		if i < 0 {
			w.Errorf("queue %s: day %s was not visited at the age of %v: %s", queue, day.Format(time.DateOnly), age, tell(its))
		} else if late := its[i].last.Sub(due); due.After(up) && late > soon {
			w.Errorf("queue %s: day %s was visited %v later than at the age of %v", queue, day.Format(time.DateOnly), late, age)
		}
	}
}

// checkIsDue: since the reading before began, an age has passed; or that left some open,
// and a day has passed.
func (w *world) checkIsDue(before []reading, r reading) {
	w.Helper()
	passed, open, last := 0, 0, time.Time{}
	if n := len(before); n > 0 {
		passed, open, last = before[n-1].passed, before[n-1].Open, before[n-1].first
	}
	daily := open > 0 && passed > 0 && !r.read.Before(last.Add(oneDay-time.Second)) // the service counts from when it asked
	if r.late <= passed && !daily {
		w.Errorf("queue %s: day %s is visited though nothing is due: %s", r.Queue, r.Window, tell(append(slices.Clone(before), r)))
	}
}

// checkIsOver: what a day has left open is looked after until now, or given up by its
// last visit.
func (w *world) checkIsOver(queue string, day time.Time, its []reading, up, end time.Time) {
	w.Helper()
	for i, r := range its {
		if last := its[max(0, i-1)]; last.Open > 0 && last.late > 0 && last.read.After(up) && r.first.After(last.read.Add(oneDay+soon)) {
			w.Errorf("queue %s: day %s has open conversations, and was not visited daily: %s", queue, day.Format(time.DateOnly), tell(its))
		}
		given := !r.last.Before(r.to.Add(31 * oneDay))
		if want := map[bool]int{true: r.Open}[given]; r.LeftOpen != want || given && i < len(its)-1 {
			w.Errorf("queue %s: day %s leaves %d open, want %d: %s", queue, day.Format(time.DateOnly), r.LeftOpen, want, tell(its))
		}
	}
	if len(its) == 0 || its[len(its)-1].late == 0 {
		return // its first age is to come
	}
	if last := its[len(its)-1]; last.Open > 0 && last.LeftOpen == 0 && last.last.Add(oneDay+soon).Before(end) {
		w.Errorf("queue %s: day %s has open conversations, and was not visited again: %s", queue, day.Format(time.DateOnly), tell(its))
	}
}

// tell is a day's readings in few words.
func tell(its []reading) (text string) {
	for _, r := range its {
		text += "\n\t" + string(r.Lane) + " begun " + r.first.Format(time.DateTime) + ", at last " + r.last.Format(time.DateTime) +
			", read " + r.read.Format(time.DateTime)
		if r.Open > 0 {
			text += ", some are open"
		}
	}
	return text
}

package producer_test

import (
	"slices"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// ofDate are the revisits of a day, in order.
func ofDate(all []producer.Attestation, date string) (its []producer.Attestation) {
	for _, a := range visits(all) {
		if from, _ := interval(a); from.Format(time.DateOnly) == date {
			its = append(its, a)
		}
	}
	return its
}

// Days with conversations that have not ended are visited once a day until these have; at
// 31 days a day is given up, and its last attestation says how many are left open.
func TestOpenConversationsKeepTheirDayUntilItIsGivenUp(t *testing.T) {
	inDays(t, genesystest.Config{Conversations: -1, Queues: []string{"queue-a"}}, func(w *world) {
		w.windows.Length = oneDay
		w.revisits = producer.Revisits{Ages: []time.Duration{2 * time.Hour}, Share: .5}
		begins := func(id string, at, end time.Time) {
			w.sim.Put(nil, genesystest.Conversation{ID: id, Start: at, End: end})
		}
		first, second := newYear.Add(time.Hour), newYear.Add(oneDay+time.Hour)
		for _, id := range []string{"endless-1", "endless-2"} {
			begins(id, first, time.Time{})
		}
		begins("short", first, first.Add(time.Minute))
		begins("long", second, time.Time{})
		time.AfterFunc(6*oneDay, func() { begins("long", second, newYear.Add(6*oneDay)) })

		w.runUntil(newYear.Add(10*oneDay + 13*time.Hour)) // restarted: the agenda survives
		w.runUntil(newYear.Add(34 * oneDay))

		all := w.attested()
		endless := ofDate(all, "2000-01-01")
		if want := 1 + 30; len(endless) < want-1 || len(endless) > want+1 {
			w.Fatalf("the first day was visited %d times, want about %d", len(endless), want)
		}
		for i, a := range endless {
			last := i == len(endless)-1
			age := time.UnixMilli(a.ReadAt).Sub(newYear.Add(oneDay))
			if leftOpen := map[bool]int{true: 2}[last]; a.Open != 2 || a.LeftOpen != leftOpen || a.Distinct != 3 || a.Turn <= 0 {
				w.Errorf("visited at the age of %v: %d are open and %d left open, want 2 and %d", age, a.Open, a.LeftOpen, leftOpen)
			}
			if i > 0 {
				if gap := time.Duration(a.ReadAt-endless[i-1].ReadAt) * time.Millisecond; gap > oneDay+time.Minute || gap < oneDay-time.Minute && !last {
					w.Errorf("visited %v after the visit before", gap)
				}
			}
			if last && (age < 31*oneDay || age > 31*oneDay+time.Minute) {
				w.Errorf("given up at the age of %v, want 31 days", age)
			}
		}
		long := ofDate(all, "2000-01-02")
		if n := len(long); n < 4 || n > 6 || long[n-1].Open != 0 || long[n-1].LeftOpen != 0 || long[n-2].Open != 1 {
			w.Errorf("the day with a conversation of five days was visited as %+v", long)
		}
		if now, _ := w.sim.Conversation("long"); !slices.Contains(versions(w.cluster.Read(w, w.topic), "long"), string(now.JSON)) {
			w.Error("its last state is not on the topic")
		}
		if n := len(ofDate(all, "2000-01-20")); n != 1 {
			w.Errorf("a day without conversations was visited %d times, want once", n)
		}
		for _, a := range all {
			if a.Lane == checkpoint.Live && a.LeftOpen != 0 {
				w.Errorf("live window %s leaves %d open", a.Window, a.LeftOpen)
			}
		}
		w.checkLedgersAreForgotten()
	})
}

// checkLedgersAreForgotten: what will not be asked again needs no ledger.
func (w *world) checkLedgersAreForgotten() {
	w.Helper()
	for _, day := range []int{0, 1, 5, 31} {
		date := checkpoint.DayOf(newYear.Add(time.Duration(day) * oneDay))
		text, err := w.store.Ledger(w.Context(), "queue-a", date)
		if err != nil || len(text) > 0 {
			w.Errorf("the ledger of %s has %d bytes still (%v)", date, len(text), err)
		}
	}
}

package producer_test

import (
	"context"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// The tests' API pages through so many results; the whole window has more.
const capped = 40

// within has the world end soon, so that what goes round in circles fails early.
func (w *world) within(d time.Duration) (stop func()) {
	ctx, cancel := context.WithTimeout(w.Context(), d)
	w.ctx = ctx
	return cancel
}

// More than the API pages through: windows are cut until they hold less, follow one another
// without a gap, and nothing is missing.
func TestWindowsAreCutWhereTheAPIPagesNoFurther(t *testing.T) {
	for name, mostResults := range map[string]int{
		"the total says so":         capped,
		"the API refuses by itself": 10_000, // it pages through less than is known
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 900, TransferShare: -1, MaxResults: capped}, func(w *world) {
				w.mostResults = mostResults
				defer w.within(time.Hour)()
				w.mustRun()
				w.checkNothingMissing(w.cluster.Read(w, w.topic))
				at, windows := map[string]time.Time{}, 0
				for _, a := range w.attested() {
					begin, end := interval(a)
					if was, ok := at[a.Queue]; ok && !begin.Equal(was) || !ok && !begin.Equal(from) {
						w.Errorf("queue %s: window %s, and the one before ended at %v", a.Queue, a.Window, was)
					}
					at[a.Queue] = end
					windows++
					if a.Verdict != producer.Complete || a.Distinct > capped {
						w.Errorf("window %s is %s, with %d conversations, because %s", a.Window, a.Verdict, a.Distinct, a.Why)
					}
				}
				for queue, end := range at {
					if !end.Equal(to) {
						w.Errorf("queue %s: the last window ends at %v", queue, end)
					}
				}
				if windows < 5*len(at) {
					w.Errorf("%d windows of %d queues: nothing was cut", windows, len(at))
				}
			})
		})
	}
}

// Where an interval finds all of its day, to cut is of no use: that is found out by one
// request for each half, or by a walk of it where the total does not tell; and the window is walked as
// far as the API goes, attested as truncated, and warned of.
func TestWindowThatCannotBeCutIsTruncated(t *testing.T) {
	const pages = capped / 5
	for name, c := range map[string]struct{ mostResults, requests int }{
		"the total says so":         {capped, 1 + 2 + pages + 1},
		"the API refuses by itself": {10_000, 3*(pages+1) + 2},
	} {
		t.Run(name, func(t *testing.T) {
			config := genesystest.Config{Conversations: 300, Queues: []string{"queue-a"}, MaxResults: capped, WholeDays: true}
			inWorld(t, config, func(w *world) {
				w.mostResults, w.windows.To, w.readAhead = c.mostResults, from.Add(2*time.Hour), 0
				defer w.within(10 * time.Minute)()
				w.mustRun()
				all := w.attested()
				if len(all) != 1 {
					w.Fatalf("%d windows are attested, want one", len(all))
				}
				a := all[0]
				if a.Verdict != producer.Truncated || a.Why == "" || a.Distinct != capped || a.Window != "1999-12-25T22:00:00.000Z/1999-12-26T00:00:00.000Z" {
					w.Errorf("attested: %s, because %q, with %d conversations of %s; want %d of the window as it was", a.Verdict, a.Why, a.Distinct, a.Window, capped)
				}
				// What the first pass published, before the window was cut and that taken back, was
				// published before as far as the last one is concerned.
				within := 0
				for _, m := range inWindow(w.cluster.Read(w, w.topic), a) {
					if m.Offset >= a.Offsets[m.Partition][1] {
						w.Errorf("the message at %d of partition %d is not within %v", m.Offset, m.Partition, a.Offsets)
					}
					if m.Offset >= a.Offsets[m.Partition][0] {
						within++
					}
				}
				if a.Published != within || a.Published+a.Unchanged != capped {
					w.Errorf("attested with %d messages and %d conversations unchanged, and there are %d messages", a.Published, a.Unchanged, within)
				}
				if w.log.Count("WARN", "records may be missing", "verdict=truncated") != 1 {
					w.Error("nobody was warned")
				}
				if asked := len(w.queries()); asked > c.requests {
					w.Errorf("%d pages were asked for %d conversations, want %d at most", asked, capped, c.requests)
				}
			})
		})
	}
}

// Where an interval finds all of its days, the first windows of a day hold the day before
// too, for the settle before them: they are cut without that, and not to the millisecond. The
// ledger of the day before is kept for the windows that follow, and nothing comes twice.
func TestSettleBeforeAWindowIsGivenUpWhereItHoldsTooMuch(t *testing.T) {
	config := genesystest.Config{Conversations: 60, Queues: []string{"queue-a"}, MaxResults: capped, WholeDays: true, From: newYear, To: newYear.Add(2 * oneDay)}
	inDays(t, config, func(w *world) {
		w.mostResults, w.windows.Length = capped, 12*time.Hour
		w.runUntil(newYear.Add(3 * oneDay))
		at, all := newYear, w.attested()
		for _, a := range all {
			begin, end := interval(a)
			if a.Verdict == producer.Truncated || a.Verdict == producer.Unstable || !begin.Equal(at) {
				w.Errorf("window %s is %s because %s; the one before ended at %v", a.Window, a.Verdict, a.Why, at)
			}
			at = end
		}
		if !at.Equal(newYear.Add(5*oneDay/2)) || len(all) > 12 {
			w.Errorf("after %d windows the last one ends at %v", len(all), at)
		}
		w.checkNothingIsSaidTwice(w.cluster.Read(w, w.topic))
	})
}

// A day that holds more than the API pages through is revisited in parts, which follow one
// another within the same revisit.
func TestRevisitOfALargeDayIsCut(t *testing.T) {
	config := genesystest.Config{Conversations: 250, Queues: []string{"queue-a"}, MaxResults: capped, Life: genesystest.Life{WrapUpShare: .3}}
	inDays(t, config, func(w *world) {
		w.mostResults = capped
		w.revisits = producer.Revisits{Ages: []time.Duration{2 * time.Hour}, Share: .5}
		w.runUntil(newYear.Add(oneDay + 4*time.Hour))
		at, made := newYear, visits(w.attested())
		for _, a := range made {
			begin, end := interval(a)
			if !begin.Equal(at) || a.Turn != 1 || a.Verdict != producer.Complete || a.Distinct > capped {
				w.Errorf("part %s of revisit %d is %s, with %d conversations; the part before ended at %v", a.Window, a.Turn, a.Verdict, a.Distinct, at)
			}
			at = end
		}
		if !at.Equal(newYear.Add(oneDay)) || len(made) < 7 {
			w.Errorf("the revisit has %d parts and ends at %v", len(made), at)
		}
		newest := map[string]string{}
		for _, m := range byFetch(w.cluster.Read(w, w.topic)) {
			newest[m.Key] = string(m.Value)
		}
		for _, c := range w.sim.Conversations("queue-a", newYear, newYear.Add(oneDay)) {
			if changed := w.sim.Changed(c.ID); changed.Before(newYear.Add(oneDay+2*time.Hour)) && newest[c.ID] != string(c.JSON) {
				w.Errorf("conversation %s changed at %v, and that is not on the topic", c.ID, changed)
			}
		}
	})
}

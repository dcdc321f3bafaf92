package producer_test

import (
	"cmp"
	"slices"
	"strconv"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// twice are revisits soon after the day and late on the next.
func twice() producer.Revisits {
	return producer.Revisits{Ages: []time.Duration{2 * time.Hour, 20 * time.Hour}, Share: .5}
}

// byFetch puts messages into the order in which they were read from the API.
func byFetch(messages []kafkatest.Message) []kafkatest.Message {
	slices.SortStableFunc(messages, func(a, b kafkatest.Message) int {
		return cmp.Compare(a.Headers["fetched-at"], b.Headers["fetched-at"])
	})
	return messages
}

// Wrap-ups and surveys come hours after the end. Revisits find them, and publish the
// conversations that they have changed, and no others.
func TestRevisitsFindWhatChangedLate(t *testing.T) {
	config := genesystest.Config{Conversations: 120, TransferShare: .3, Life: genesystest.Life{WrapUpShare: .4, SurveyShare: .4}}
	inDays(t, config, func(w *world) {
		w.revisits = twice()
		w.runUntil(newYear.Add(oneDay + 20*time.Hour + 30*time.Minute))
		messages := byFetch(w.cluster.Read(w, w.topic))
		w.checkNothingIsSaidTwice(messages)
		made := visits(w.attested())
		if len(made) != 2*len(w.sim.Queues()) {
			w.Fatalf("%d revisits were made of %d queues, want two each", len(made), len(w.sim.Queues()))
		}
		changed, due := 0, strconv.FormatInt(newYear.Add(oneDay+2*time.Hour).UnixMilli(), 10)
		for _, a := range made {
			changed += a.Published
			if a.Unchanged == 0 || a.Unchanged+a.Published+a.Superseded < a.Distinct || a.Published == a.Distinct {
				w.Errorf("revisit %d of %s: %d conversations, %d unchanged, %d messages", a.Turn, a.Queue, a.Distinct, a.Unchanged, a.Published)
			}
			for _, m := range inWindow(messages, a) {
				if at := m.Headers["fetched-at"]; at < due {
					w.Errorf("conversation %s was published by a revisit as it was at %s", m.Key, at)
				}
			}
		}
		if changed < 10 {
			w.Errorf("%d messages of revisits: hardly anything was shown", changed)
		}
		newest := map[string]string{}
		for _, m := range messages {
			newest[m.Key] = string(m.Value)
		}
		late, visited := 0, newYear.Add(oneDay+20*time.Hour) // when the last revisits begin
		for _, c := range w.sim.Conversations("", newYear, newYear.Add(oneDay)) {
			at := w.sim.Changed(c.ID)
			if at.After(visited) {
				continue
			}
			if at.After(newYear.Add(oneDay + 5*time.Minute)) {
				late++
			}
			if newest[c.ID] != string(c.JSON) {
				w.Errorf("conversation %s changed at %v, and that is not on the topic", c.ID, at)
			}
		}
		if late < 10 {
			w.Errorf("%d conversations changed late: hardly anything was shown", late)
		}
	})
}

// A bounded run has no time for revisits, even if it goes on for longer than their ages.
func TestBoundedRunMakesNoRevisits(t *testing.T) {
	inDays(t, genesystest.Config{Conversations: 30}, func(w *world) {
		w.revisits = twice()
		w.windows.To = newYear.Add(oneDay + 22*time.Hour)
		w.mustRun()
		if made := visits(w.attested()); len(made) > 0 {
			w.Errorf("%d revisits were made", len(made))
		}
		keys, err := w.store.Keys(w.Context())
		if err != nil || len(keys) != 3 || slices.ContainsFunc(keys, func(k checkpoint.Key) bool { return k.Lane != checkpoint.Live }) {
			w.Errorf("%v has positions (%v), want the live lane of each queue alone", keys, err)
		}
		if time.Now().Before(w.windows.To) {
			w.Errorf("the run ended at %v: nothing was shown", time.Now())
		}
	})
}

// An API that writes the same conversation in another way each time makes revisits publish
// everything. That is told once, not by each of them.
func TestMuchThatChangedIsToldOnce(t *testing.T) {
	for share, want := range map[float64]int{0: 0, 1: 1} {
		config := genesystest.Config{Conversations: 150, Life: genesystest.Life{ReorderShare: share}}
		inDays(t, config, func(w *world) {
			w.revisits = twice()
			w.runUntil(newYear.Add(oneDay + 21*time.Hour))
			for _, a := range visits(w.attested()) {
				if a.Distinct < 20 || share == 1 && a.Published < a.Distinct*9/10 { // few have two orders alike
					w.Errorf("a revisit published %d of %d conversations: nothing is shown by it", a.Published, a.Distinct)
				}
			}
			if made := len(visits(w.attested())); made != 6 {
				w.Errorf("%d revisits were made, want 6", made)
			}
			if told := w.log.Count("WARN", "more than a fifth"); told != want {
				w.Errorf("of records that are reordered with a share of %v it was told %d times that much has changed, want %d", share, told, want)
			}
		})
	}
}

// Of a few conversations, that most have changed says nothing.
func TestFewThatChangedAreNotToldOf(t *testing.T) {
	config := genesystest.Config{Conversations: 19, Queues: []string{"queue-a"}, Life: genesystest.Life{ReorderShare: 1}}
	inDays(t, config, func(w *world) {
		w.revisits = twice()
		w.runUntil(newYear.Add(oneDay + 3*time.Hour))
		if made := visits(w.attested()); len(made) != 1 || made[0].Published != 19 {
			w.Errorf("revisits: %+v", made)
		}
		if told := w.log.Count("more than a fifth"); told > 0 {
			w.Error("it was told that much has changed")
		}
	})
}

// Days that the live lane walks after the last of their ages need no revisit: that was one.
// A service that begins ten days ago walks each of them once.
func TestDaysThatAreWalkedLateAreNotRevisited(t *testing.T) {
	inDays(t, genesystest.Config{Conversations: 40, Queues: []string{"queue-a"}}, func(w *world) {
		w.revisits = twice()
		time.Sleep(10*oneDay + time.Hour)
		w.runUntil(newYear.Add(10*oneDay + 90*time.Minute))
		for _, a := range visits(w.attested()) {
			if _, end := interval(a); end.Before(newYear.Add(9 * oneDay)) {
				w.Errorf("day %s was revisited, after it had been walked %v after its end", a.Window, newYear.Add(10*oneDay).Sub(end))
			}
		}
	})
}

package producer_test

import (
	"context"
	"encoding/hex"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// When the service of these tests goes down, for six days; when it is started again; and
// until when they live.
var (
	wentDown = newYear.Add(oneDay + 3*time.Hour)
	cameBack = newYear.Add(7*oneDay + 3*time.Hour + 20*time.Minute)
	theEnd   = newYear.Add(13*oneDay + 12*time.Hour)
)

// A service was down for days, is killed at any step of making up for them, is told to stop
// soon after that, and goes on. Nothing is lost, nothing is forgotten, and nothing is done
// twice. Before, it was killed in the middle of a revisit, or told to stop after one.
func TestDaysOfDowntimeAreMadeUpForWhateverTheStep(t *testing.T) {
	for name, exactly := range map[string]bool{"at least once": false, "exactly once": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stride := 19
			if raceDetector {
				stride = 120
			}
			kinds := map[string]bool{}
			step := 1
			for died := true; died; step += stride {
				afterDowntime(t, func(w *world) {
					w.exactly = exactly
					kills := 1
					if step%2 == 0 {
						kills++
						w.killInRevisit(2)
					} else {
						w.runUntil(wentDown)
					}
					time.Sleep(time.Until(cameBack))
					var last string
					died, last = w.killSoon(step)
					kinds[last] = true
					w.stopSoon(1 + step%5)
					up := time.Now()
					w.runUntil(theEnd)
					w.checkMadeUp(up, kills)
					if w.Failed() {
						w.Fatalf("killed at step %d, %s", step, last)
					}
				})
			}
			t.Logf("%d steps, killed %q", step-stride, sorted(kinds))
		})
	}
}

// afterDowntime runs a test in a world of two weeks, with conversations that last for days
// and change after days.
func afterDowntime(t *testing.T, test func(*world)) {
	t.Helper()
	config := genesystest.Config{From: newYear, To: newYear.Add(9 * oneDay), Conversations: 60, Queues: []string{"queue-a"},
		LateShare: .2, Life: genesystest.Life{WrapUpShare: .3, SurveyShare: .3, ReopenShare: .1, MidnightShare: .2}}
	inDays(t, config, func(w *world) {
		w.windows.Length = 12 * time.Hour
		w.revisits = producer.Revisits{Ages: []time.Duration{2 * time.Hour, oneDay, 4 * oneDay}, Share: .5}
		for id, days := range map[string][2]float64{
			"endless": {.4, 99}, "over the downtime": {.5, 10.3}, "into the downtime": {1.1, 3.7}, "in the downtime": {2.2, 4.9},
			"out of the downtime": {4.5, 11.9}, "long after": {6.8, 12.2},
		} {
			at := func(n int) time.Time {
				return newYear.Add(time.Duration(days[n] * float64(oneDay))).Truncate(time.Minute)
			}
			put := func(end time.Time) { w.sim.Put(nil, genesystest.Conversation{ID: id, Start: at(0), End: end}) }
			time.AfterFunc(time.Until(at(0)), func() { put(time.Time{}) })
			time.AfterFunc(time.Until(at(1)), func() { put(at(1)) })
		}
		for n := range 40 { // somebody is evaluated every few hours, of any day that is not too old
			time.AfterFunc(time.Duration(n)*9*time.Hour, func() {
				since := newYear.Add(time.Duration(n)*9*time.Hour - 4*oneDay).Truncate(oneDay)
				if all := w.sim.IDs("", since, time.Time{}); len(all) > 0 {
					w.sim.Revise(all[n*31%len(all)])
				}
			})
		}
		test(w)
	})
}

// killSoon runs a process that is killed at a step, unless it has made up for everything
// before that.
func (w *world) killSoon(step int) (died bool, last string) {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	defer time.AfterFunc(time.Hour, cancel).Stop()
	f := &fuse{left: step, kill: cancel}
	p := w.start(f)
	p.Grace = 1 // a killed process finishes nothing
	if err := p.Run(ctx); err != nil && !f.dead {
		w.Fatalf("run: %v", err)
	}
	w.store = w.store.Reopen()
	return f.dead, f.last
}

// stopSoon runs a process that is told to stop once it has committed so many pages.
func (w *world) stopSoon(pages int) {
	w.Helper()
	ctx, stop := context.WithCancel(w.Context())
	defer stop()
	defer time.AfterFunc(time.Hour, stop).Stop()
	p := w.start(nil)
	p.Committer = &counting{p.Committer, pages, stop}
	if err := p.Run(ctx); err != nil {
		w.Fatalf("run: %v", err)
	}
	w.store = w.store.Reopen()
}

// checkMadeUp holds the topics against the API once all is made up for, of a service that
// has been up since an instant.
func (w *world) checkMadeUp(up time.Time, kills int) {
	w.Helper()
	h := &history{world: w, begin: newYear, last: theEnd, kills: kills}
	messages := byFetch(w.cluster.Read(w, w.topic))
	var sum tally
	h.checkOrder(messages, &sum)
	windows := h.readAttestations(&sum)
	h.checkCoverage(windows)
	h.checkCounts(windows, messages)
	w.checkVisits(windows, newYear, up, theEnd)
	w.checkDigests(windows, messages)
	whole := 0
	for _, a := range windows {
		if from, to := interval(a); a.Lane == checkpoint.Live && to.Sub(from) == oneDay {
			whole++
		}
	}
	if whole != 6 {
		w.Errorf("%d days were walked as a whole, want six", whole)
	}
	w.checkLateStates(messages)
}

// checkLateStates: what changed before the last age of its day, or while that had open
// conversations, is on the topic in its last state.
func (w *world) checkLateStates(messages []kafkatest.Message) {
	w.Helper()
	newest := map[string]string{}
	for _, m := range messages {
		newest[m.Key] = string(m.Value)
	}
	late, patient := 0, 0
	for _, c := range w.sim.Conversations("", newYear, theEnd) {
		changed := w.sim.Changed(c.ID)
		if c.End.Sub(c.Start) > oneDay && changed.Equal(c.End) {
			patient++
		} else if changed.After(c.Start.Truncate(oneDay).Add(5 * oneDay)) {
			late++
			continue
		}
		if newest[c.ID] != string(c.JSON) {
			w.Errorf("conversation %s, begun %v, changed at %v: its last state is not on the topic", c.ID, c.Start, changed)
		}
	}
	if late > 20 || patient < 4 {
		w.Errorf("%d conversations changed too late, and %d ended after days: little was shown", late, patient)
	}
}

// checkDigests: what a revisit attests is what the topic has of that day before the offsets
// that it names, as a consumer computes it.
func (w *world) checkDigests(windows []producer.Attestation, messages []kafkatest.Message) {
	w.Helper()
	days := map[string]time.Time{}
	for _, c := range w.sim.Conversations("", newYear, theEnd) {
		days[c.ID] = c.Start.Truncate(oneDay)
	}
	for _, a := range visits(windows) {
		day, _ := interval(a)
		its := map[checkpoint.ID]checkpoint.Item{}
		for _, m := range messages { // in the order of their reading
			if m.Offset >= a.Offsets[m.Partition][1] || !days[m.Key].Equal(day) {
				continue
			}
			hash, _ := hex.DecodeString(m.Headers["content-hash"])
			its[checkpoint.IDOf(m.Key)] = checkpoint.Item{ID: checkpoint.IDOf(m.Key), Hash: checkpoint.Hash(hash)}
		}
		var items []checkpoint.Item
		for _, item := range its {
			items = append(items, item)
		}
		if digest := checkpoint.Digest(items); digest != a.Digest || len(items) != a.Distinct {
			w.Errorf("the revisit of %s is attested with %d conversations and the digest %s; on the topic there are %d, with %s",
				a.Window, a.Distinct, a.Digest, len(items), digest)
		}
	}
}

package producer_test

import (
	"context"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// lively is a queue whose conversations go on changing after their day.
func lively() genesystest.Config {
	return genesystest.Config{Conversations: 60, Queues: []string{"queue-a"}, Life: genesystest.Life{WrapUpShare: .6, SurveyShare: .4}}
}

// mustVisit expects that a day was visited at its three ages, and that what had changed by
// the last is on the topic in its last state.
func (w *world) mustVisit(day time.Time) {
	w.Helper()
	n := 0
	for _, a := range visits(w.attested()) {
		if from, _ := interval(a); from.Equal(day) {
			n++
		}
	}
	newest, stale := map[string]string{}, 0
	for _, m := range byFetch(w.cluster.Read(w, w.topic)) {
		newest[m.Key] = string(m.Value)
	}
	for _, c := range w.sim.Conversations("queue-a", day, day.Add(oneDay)) {
		if w.sim.Changed(c.ID).Before(day.Add(5*oneDay)) && newest[c.ID] != string(c.JSON) {
			stale++
		}
	}
	if n != 3 || stale > 0 {
		w.Errorf("the day was visited %d times, want 3; %d conversations are not on the topic in their last state", n, stale)
	}
}

// away is a topic whose brokers are away for a while: who asks meanwhile waits.
type away struct {
	producer.Topic
	from, to time.Time
}

func (a away) Ends(ctx context.Context) ([]int64, error) {
	if now := time.Now(); !now.Before(a.from) && now.Before(a.to) {
		select {
		case <-time.After(a.to.Sub(now)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return a.Topic.Ends(ctx)
}

// A visit that a live window puts off before its beginning was stored has visited nothing:
// the position is of the visit before, or of none.
func TestVisitThatIsPutOffBeforeItBeginsStaysOnTheAgenda(t *testing.T) {
	for name, due := range map[string]time.Time{"the first of all": newYear.Add(oneDay + 2*time.Hour), "the last of a day": newYear.Add(5 * oneDay)} {
		t.Run(name, func(t *testing.T) {
			inDays(t, lively(), func(w *world) {
				w.revisits.Ages = []time.Duration{2 * time.Hour, oneDay, 4 * oneDay}
				p := w.start(nil)
				p.Topic = away{p.Topic, due, due.Add(6 * time.Minute)}
				ctx, cancel := context.WithCancel(w.Context())
				defer time.AfterFunc(6*oneDay, cancel).Stop()
				if err := p.Run(ctx); err != nil {
					t.Fatal(err)
				}
				w.mustVisit(newYear)
			})
		})
	}
}

// A position of revisits that is gone, as one that could not be read and was moved away,
// takes no day with it: the live lane carries the agenda.
func TestLostRevisitPositionTakesNoDayWithIt(t *testing.T) {
	inDays(t, lively(), func(w *world) {
		w.revisits.Ages = []time.Duration{2 * time.Hour, oneDay, 4 * oneDay}
		w.runUntil(newYear.Add(oneDay + 90*time.Minute))
		live, left := w.position(0), checkpointtest.NewMemory()
		var ledgers []checkpoint.Chunk
		for _, m := range live.Ledgers {
			if m.Day != "" {
				text, err := w.store.Ledger(w.Context(), "queue-a", m.Day)
				if err != nil {
					t.Fatal(err)
				}
				ledgers = append(ledgers, checkpoint.Chunk{Day: m.Day, Text: text})
			}
		}
		if err := left.Save(w.Context(), checkpoint.Key{Queue: "queue-a", Lane: checkpoint.Live}, live, ledgers...); err != nil {
			t.Fatal(err)
		}
		w.store = left
		w.runUntil(newYear.Add(6 * oneDay))
		w.mustVisit(newYear)
	})
}

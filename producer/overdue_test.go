package producer_test

import (
	"context"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// turns runs a continuous service until an instant, and returns what it has told of its
// turns, by when.
func (w *world) turns(until time.Time) (told map[time.Time]producer.Turn) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Until(until))
	defer cancel()
	told = map[time.Time]producer.Turn{}
	p := w.start(nil)
	p.Turn = func(t producer.Turn) { told[time.Now()] = t }
	if err := p.Run(ctx); err != nil {
		w.Fatalf("run: %v", err)
	}
	return told
}

// A revisit that cannot end stays due since the instant at which it was due first, though
// live windows go on; and it is due no more once it has ended.
func TestARevisitIsDueUntilItHasEnded(t *testing.T) {
	inDays(t, genesystest.Config{Conversations: 30, Queues: []string{"queue-a", "queue-b"}}, func(w *world) {
		w.revisits = producer.Revisits{Ages: []time.Duration{2 * time.Hour}, Share: .5}
		midnight := newYear.Add(oneDay)
		due, mended := midnight.Add(2*time.Hour), midnight.Add(7*time.Hour+30*time.Minute)
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if ofDay(r) && r.Queue == "queue-a" && time.Now().Before(mended) {
				return genesystest.EdgeError(503)
			}
			return nil
		})
		overdue := 0
		for at, turn := range w.turns(midnight.Add(10 * time.Hour)) {
			off := turn.Visit.Sub(due).Abs() // the API tells its time in whole seconds
			switch {
			case at.Before(midnight):
				if !turn.Visit.IsZero() {
					w.Errorf("at %v, before the day has ended, its revisit is due at %v", at, turn.Visit)
				}
			case at.After(midnight.Add(time.Hour+6*time.Minute)) && at.Before(mended):
				if off > time.Second {
					w.Errorf("at %v the revisit is due at %v, want %v", at, turn.Visit, due)
				}
				if at.After(due) {
					overdue++
				}
			case at.After(mended.Add(time.Hour)):
				if !turn.Visit.IsZero() {
					w.Errorf("at %v, when all revisits have ended, one is due at %v", at, turn.Visit)
				}
			}
		}
		if overdue < 10 || len(visits(w.attested())) != 2 {
			w.Errorf("%d times a revisit was overdue, and %d were made: nothing was shown", overdue, len(visits(w.attested())))
		}
	})
}

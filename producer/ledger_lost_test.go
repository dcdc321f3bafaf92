package producer_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// damaging is a store whose ledger has come to harm, until something else is written.
type damaging struct {
	producer.Store
	was  []byte // before it was harmed
	harm func([]byte) []byte
}

func (s damaging) Ledger(ctx context.Context, queue string, day checkpoint.Day) ([]byte, error) {
	text, err := s.Store.Ledger(ctx, queue, day)
	if bytes.Equal(text, s.was) {
		text = s.harm(text)
	}
	return text, err
}

// harmed is a store in which the ledger of a position's day has come to harm.
func (w *world) harmed(store producer.Store, stopped checkpoint.Position, harm func([]byte) []byte) producer.Store {
	w.Helper()
	was, err := store.Ledger(w.Context(), stopped.Query.Queue, checkpoint.DayOf(stopped.Query.From))
	if err != nil || len(was) == 0 {
		w.Fatalf("ledger of %d bytes: %v", len(was), err)
	}
	return damaging{store, was, harm}
}

// A ledger that is lost in the middle of a window costs repetition, never a conversation.
func TestLedgerThatIsLostInAWindowStartsItOver(t *testing.T) {
	deleted := func(w *world, stopped checkpoint.Position, _ *process) {
		after := checkpoint.DayOf(stopped.Query.From.Add(oneDay))
		if err := w.store.Forget(w.Context(), stopped.Query.Queue, after); err != nil {
			w.Fatal(err)
		}
	}
	harmed := func(harm func([]byte) []byte) func(*world, checkpoint.Position, *process) {
		return func(w *world, stopped checkpoint.Position, p *process) { p.Store = w.harmed(p.Store, stopped, harm) }
	}
	for name, c := range map[string]struct {
		harm     func(*world, checkpoint.Position, *process)
		repeated int // all that was published, or what was on the pages that are lost
	}{
		"deleted":                {deleted, 15},
		"empty":                  {harmed(func(text []byte) []byte { return nil }), 15},
		"cut short by a byte":    {harmed(func(text []byte) []byte { return text[:len(text)-1] }), 5},
		"torn in the first page": {harmed(func(text []byte) []byte { return text[:10] }), 15},
		"overwritten":            {harmed(func(text []byte) []byte { return make([]byte, len(text)) }), 15},
		"one bit of it":          {harmed(func(text []byte) []byte { text[len(text)/2] ^= 1; return text }), 10},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
				asked := w.resumed(func(stopped checkpoint.Position, p *process) { c.harm(w, stopped, p) })
				if !slices.Equal(asked[:3], []int{1, 2, 3}) {
					w.Errorf("asked for the pages %v, want 1 first", asked)
				}
				if w.log.Count("WARN", "ledger is lost or damaged") == 0 || w.log.Count("window is walked again", "its ledger is lost") != 1 {
					w.Error("nobody was warned")
				}
				w.checkFirstQueue()
				a, n := w.attested()[0], 0
				seen := map[string]bool{}
				for _, m := range inWindow(w.cluster.Read(w, w.topic), a) {
					if seen[m.Key] {
						n++
					}
					seen[m.Key] = true
				}
				if n != c.repeated {
					w.Errorf("%d messages were repeated, want %d", n, c.repeated)
				}
				if a.Verdict != producer.Complete || a.Distinct != len(w.firstRows(a.Queue)) || a.Published != len(seen)+n {
					w.Errorf("attested: %+v", a)
				}
			})
		})
	}
}

// What a killed process has left behind the ledger's mark is no damage.
func TestWhatLiesBehindTheMarkOfALedgerIsNoDamage(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
		asked := w.resumed(func(stopped checkpoint.Position, p *process) {
			p.Store = w.harmed(p.Store, stopped, func(text []byte) []byte { return append(text, "half a frame"...) })
		})
		if asked[0] != 3 || w.log.Count("WARN", "ledger") > 0 {
			w.Errorf("asked for the pages %v, want 3 first, and no warning", asked)
		}
		w.checkFirstQueue()
		w.checkNothingIsSaidTwice(w.cluster.Read(w, w.topic))
	})
}

// Without its ledger a day is published again by its revisit, as a whole.
func TestLedgerThatIsLostBeforeARevisit(t *testing.T) {
	inDays(t, genesystest.Config{Conversations: 60, Queues: []string{"queue-a"}}, func(w *world) {
		w.revisits = producer.Revisits{Ages: []time.Duration{2 * time.Hour}, Share: .5}
		w.runUntil(newYear.Add(oneDay + 90*time.Minute)) // and nothing of the day is found by a live window any more
		if err := w.store.Forget(w.Context(), "queue-a", checkpoint.DayOf(newYear.Add(oneDay))); err != nil {
			w.Fatal(err)
		}
		w.runUntil(newYear.Add(oneDay + 3*time.Hour))
		made := visits(w.attested())
		if len(made) != 1 || made[0].Published != made[0].Distinct || made[0].Unchanged != 0 || made[0].Verdict != producer.Complete {
			w.Fatalf("revisits are attested as %+v, want one that publishes all", made)
		}
		there := map[string]string{}
		for _, m := range inWindow(w.cluster.Read(w, w.topic), made[0]) {
			there[m.Key] = string(m.Value)
		}
		for _, c := range w.sim.Conversations("queue-a", newYear, newYear.Add(oneDay)) {
			if !c.End.IsZero() && c.End.Before(time.UnixMilli(made[0].ReadAt)) && there[c.ID] != string(c.JSON) {
				w.Errorf("conversation %s is missing or changed", c.ID)
			}
		}
		if len(there) != made[0].Distinct {
			w.Errorf("%d conversations were published by the revisit, which says %d", len(there), made[0].Distinct)
		}
	})
}

package producer_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// light has a fuse that burns for ever end with the next step.
func (f *fuse) light() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = 1
}

// killInRevisit runs a process that is killed when the first day's revisit asks for a page.
func (w *world) killInRevisit(page int) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 10*oneDay)
	defer cancel()
	f := &fuse{left: -1, kill: cancel}
	w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
		if ofDay(r) && r.Page == page {
			f.light()
		}
		return nil
	})
	p := w.start(f)
	p.Grace = 1 // a killed process finishes nothing
	_ = p.Run(ctx)
	w.sim.Script(nil)
	w.store = w.store.Reopen()
	if !f.dead {
		w.Fatalf("nobody asked for page %d of a revisit", page)
	}
}

// A revisit that is interrupted by a kill goes on where it was: it is the same revisit, of
// the same pass, and does not begin again.
func TestInterruptedRevisitGoesOn(t *testing.T) {
	for name, exactly := range map[string]bool{"at least once": false, "exactly once": true} {
		t.Run(name, func(t *testing.T) {
			inDays(t, genesystest.Config{Conversations: 60, Queues: []string{"queue-a"}, Life: genesystest.Life{WrapUpShare: .3}}, func(w *world) {
				w.revisits = producer.Revisits{Ages: []time.Duration{2 * time.Hour}, Share: .5}
				w.readAhead, w.exactly = 0, exactly
				w.killInRevisit(5)
				killed, before := time.Now(), len(w.queries())
				if made := visits(w.attested()); len(made) > 0 {
					w.Fatalf("the revisit had ended: %+v", made)
				}
				time.Sleep(2 * time.Hour)
				w.runUntil(killed.Add(3 * time.Hour))
				var asked []int
				for _, r := range w.queries()[before:] {
					if ofDay(r) {
						asked = append(asked, r.Page)
					}
				}
				if len(asked) < 8 || asked[0] != 4 || !slices.IsSorted(asked) {
					w.Errorf("killed while it asked for page 5, it asked for %v", asked)
				}
				made := visits(w.attested())
				if len(made) != 1 || made[0].Turn != 1 || made[0].Looks != 1 || made[0].Verdict != producer.Complete || made[0].Distinct != 60 || made[0].Pages != 13 {
					w.Errorf("revisits: %+v", made)
				}
				if made[0].Unchanged == 0 || made[0].Published == 0 {
					w.Errorf("%d conversations were unchanged, and %d published: nothing was shown", made[0].Unchanged, made[0].Published)
				}
				w.checkNothingIsSaidTwice(w.cluster.Read(w, w.topic))
			})
		})
	}
}

// A revisit takes half an hour, and every ten minutes a live window settles. That goes
// first, and the revisit goes on after it.
func TestLiveWindowGoesBeforeARevisit(t *testing.T) {
	const latency = 30 * time.Second
	config := genesystest.Config{Conversations: 300, Queues: []string{"queue-a"},
		Latency: func(genesystest.Request) time.Duration { return latency }}
	inDays(t, config, func(w *world) {
		w.windows.Length, w.readAhead = 10*time.Minute, 0
		w.revisits = producer.Revisits{Ages: []time.Duration{2 * time.Hour}, Share: .5}
		w.runUntil(newYear.Add(oneDay + 3*time.Hour))
		var pages []int
		var begun, ended time.Time
		for _, r := range w.queries() {
			if ofDay(r) {
				if begun.IsZero() {
					begun = r.Time
				}
				pages, ended = append(pages, r.Page), r.Time
			}
		}
		interrupted := 0
		for i, page := range pages[1:] {
			switch pages[i] {
			case page - 1:
			case page, page + 1: // the last completed one is asked again, be it that the next one was under way
				interrupted++
			default:
				w.Fatalf("the revisit asked for the pages %v", pages)
			}
		}
		if pages[0] != 1 || pages[len(pages)-1] < 60 || interrupted < 2 {
			w.Errorf("the revisit asked for the pages %v, interrupted %d times", pages, interrupted)
		}
		live := 0
		seen := map[time.Time]bool{}
		for _, r := range w.queries() {
			settled := r.To.Add(w.windows.Settle)
			if r.Token || ofDay(r) || seen[r.To] || settled.Before(begun) || settled.After(ended) {
				continue
			}
			seen[r.To] = true
			live++
			if late := r.Time.Sub(settled); late > latency+time.Second { // what is asked already is waited for
				w.Errorf("the live window up to %v was asked %v after it had settled, while a revisit walked", r.To, late)
			}
		}
		if live < 2 {
			w.Errorf("%d live windows settled during the revisit: nothing was shown", live)
		}
		if made := visits(w.attested()); len(made) != 1 || made[0].Looks != 1 || made[0].Distinct != 300 || made[0].Verdict != producer.Complete {
			w.Errorf("revisits: %+v", made)
		}
		w.checkNothingIsSaidTwice(w.cluster.Read(w, w.topic))
	})
}

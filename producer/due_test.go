package producer

import (
	"errors"
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

// What counts is the visit that is due first, of all queues but those that are parked, and
// in a run that makes any.
func TestTheVisitThatIsDueFirst(t *testing.T) {
	on := func(days ...checkpoint.Day) *queue {
		q := &queue{}
		for _, day := range days {
			q.agenda.visits = append(q.agenda.visits, visit{day: day})
		}
		return q
	}
	parked, visitsParked, ended := on("2026-02-01"), on("2026-02-02"), on()
	parked.parked, visitsParked.visitsParked = errors.New("oh"), errors.New("oh")
	ended.agenda.visits = []visit{{day: "2026-02-03", read: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}} // for which settings have left no age
	queues := []*queue{parked, visitsParked, on("2026-03-02", "2026-03-03"), on("2026-03-01", "2026-03-04"), on(), ended}
	want := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	if got := (&Service{Revisits: usual()}).firstDue(queues); !got.Equal(want) {
		t.Errorf("due at %v, want %v", got, want)
	}
	for name, s := range map[string]*Service{"no ages": {}, "a run with an end": {Revisits: usual(), Windows: Windows{To: want}}} {
		if got := s.firstDue(queues); !got.IsZero() {
			t.Errorf("%s: due at %v", name, got)
		}
	}
	if got := (&Service{Revisits: usual()}).firstDue(queues[:2]); !got.IsZero() {
		t.Errorf("of parked queues: due at %v", got)
	}
}

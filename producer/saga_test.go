package producer_test

import (
	"math/rand/v2"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// sagas says of how many seeds one is of a long history.
const sagas = 7

// saga is what makes a history long: conversations that stay open for days, changes after
// days, and downtimes of days, after which a process is killed while it makes up for them.
// A nil saga is that of a history without.
type saga struct {
	dice    *rand.Rand
	downs   []downtime
	hurried int                  // lives, from now on, that soon end with a kill
	ended   map[string]time.Time // when the conversations ended that were open for days
}

type downtime struct {
	at     time.Time
	length time.Duration
}

// newSaga draws how long the history is.
func newSaga(h *history, seed uint64) *saga {
	s := &saga{dice: rand.New(rand.NewPCG(seed, 11)), ended: map[string]time.Time{}}
	h.days = 5 + s.dice.IntN(3)
	ages := [][]time.Duration{{2 * time.Hour, oneDay, 3 * oneDay}, {2 * time.Hour, 20 * time.Hour, 50 * time.Hour}, {3 * oneDay}}
	h.revisits.Ages = ages[s.dice.IntN(len(ages))]
	h.windows.Length = max(h.windows.Length, 3*time.Hour) // fewer of them, for they take their time
	return s
}

// begin draws what is to happen, once it is known how long there is time for it.
func (s *saga) begin(h *history) {
	if s == nil {
		return
	}
	for n := range 2 + s.dice.IntN(6) {
		s.open(h, "patient-"+string(rune('a'+n)))
	}
	for range 5 + s.dice.IntN(25) {
		time.AfterFunc(s.within(time.Hour, h.last.Sub(h.begin)), func() {
			if all := h.sim.IDs("", h.begin, time.Time{}); len(all) > 0 {
				h.sim.Revise(all[h.changes.Add(1)*7919%int64(len(all))])
			}
		})
	}
	at := h.begin.Add(s.within(oneDay, 3*oneDay)) // at any time, or while a day is revisited
	for range 1 + s.dice.IntN(2) {
		if s.dice.IntN(2) == 0 {
			age := h.revisits.Ages[s.dice.IntN(len(h.revisits.Ages))]
			at = at.Truncate(oneDay).Add(oneDay + age%oneDay + s.within(0, 8*time.Second))
		}
		d := downtime{at, s.within(30*time.Hour, 5*oneDay)}
		s.downs = append(s.downs, d)
		at = at.Add(d.length + s.within(time.Minute, 3*oneDay))
	}
}

// open draws a conversation that has its end days after its begin, or never.
func (s *saga) open(h *history, id string) {
	begin := h.begin.Add(s.within(time.Minute, time.Duration(h.days)*oneDay)).Truncate(time.Millisecond)
	end := begin.Add(s.within(oneDay, 7*oneDay)).Truncate(time.Millisecond)
	queues := [][]string{{"queue-a"}, {"queue-b"}, {"queue-a", "queue-b"}}[s.dice.IntN(3)]
	put := func(end time.Time) {
		h.sim.Put(queues, genesystest.Conversation{ID: id, Start: begin, End: end})
	}
	time.AfterFunc(time.Until(begin), func() { put(time.Time{}) })
	if s.dice.IntN(5) > 0 && end.Before(h.last) {
		s.ended[id] = end
		time.AfterFunc(time.Until(end), func() { put(end) })
	}
}

func (s *saga) within(least, most time.Duration) time.Duration {
	return least + time.Duration(s.dice.Int64N(int64(most-least)))
}

// until is when a life ends, at the latest.
func (s *saga) until(last time.Time) time.Time {
	if s == nil || len(s.downs) == 0 {
		return last
	}
	return s.downs[0].at
}

// hurries reports whether the next life is soon ended by a kill.
func (s *saga) hurries() bool {
	if s == nil || s.hurried == 0 {
		return false
	}
	s.hurried--
	return true
}

// rest is the downtime that has come, if any.
func (s *saga) rest(until time.Time) {
	if s == nil || len(s.downs) == 0 || time.Now().Before(s.downs[0].at) {
		return
	}
	time.Sleep(min(s.downs[0].length, time.Until(until)))
	s.downs, s.hurried = s.downs[1:], s.dice.IntN(6)
}

// covers reports whether a revisit is to have seen a change: it came before the last age
// of its day, or was the end of a conversation that had the day visited daily until then.
func (s *saga) covers(h *history, id string, day, changed time.Time) bool {
	if !changed.After(day.Add(oneDay + h.age)) {
		return true
	}
	end, ok := time.Time{}, false
	if s != nil {
		end, ok = s.ended[id]
	}
	return ok && !changed.After(end) && changed.Before(h.last.Add(-oneDay-calm))
}

// count has the tally tell of sagas.
func (s *saga) count(h *history, windows []producer.Attestation, t *tally) {
	if s == nil {
		return
	}
	t.Sagas++
	for _, a := range windows {
		from, to := interval(a)
		whole := to.Sub(from) == oneDay
		switch read := time.UnixMilli(a.ReadAt); {
		case !whole:
		case a.Turn > 0 && read.After(to.Add(h.age+oneDay/2)):
			t.Daily++
		case a.Turn == 0 && h.windows.Length < oneDay:
			t.CaughtUp++
		}
	}
}

package genesystest

import (
	"strings"
	"sync"
)

// Move is a way in which rows slide between pages while somebody reads them.
type Move int

const (
	// Arrive has a conversation turn up late at the front of the interval: all
	// rows slide forward, so that a reader meets one twice.
	Arrive Move = iota
	// Leave takes away the first conversation of the interval: all rows slide
	// back, so that a reader misses one that is still there.
	Leave
	// Hide keeps one conversation of the interval from the next 3 to 8 queries that
	// would find it, this one included: later rows slide back, so that a reader
	// misses one that is still there, and forward again when it is found again.
	// The truth counts it as found all the while: see [Simulator.Hidden].
	Hide
)

type drift struct {
	mu      sync.Mutex
	every   int
	moves   []Move
	queries uint64
	hiding  hiding
}

// Drift makes paging what it is, no snapshot: before every n-th healthy page
// is served, one of the moves (default: Arrive and Leave) is made in the interval
// that is asked for, and totals change with it. Zero ends the drift. What was
// hidden by a former drift is found again. The moves are drawn from the seed by the count of pages, so they repeat for a reader that
// asks for one page after the other.
func (s *Simulator) Drift(every int, moves ...Move) {
	if len(moves) == 0 {
		moves = []Move{Arrive, Leave}
	}
	s.drift.mu.Lock()
	defer s.drift.mu.Unlock()
	for id := range s.drift.hiding.left {
		s.drift.comeBack(id, s.now().UnixMilli())
	}
	s.drift.every, s.drift.moves, s.drift.queries = every, moves, 0
}

// due reports whether a move is to be made now, and which.
func (d *drift) due(seed uint64) (Move, dice, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queries++
	if d.every <= 0 || d.queries%uint64(d.every) != 0 {
		return 0, 0, false
	}
	roll := dice(mix(seed, rollDrift, d.queries))
	return d.moves[roll.below(int64(len(d.moves)))], roll, true
}

func (s *Simulator) moveRows(i interval, now int64) {
	move, d, due := s.drift.due(s.config.Seed)
	if !due {
		return
	}
	rows := s.library.find(i, now)
	switch {
	case move == Arrive:
		s.arrive(i, rows, &d, now)
	case len(rows) == 0:
	case move == Leave:
		s.library.remove(rows[0].id)
	case move == Hide:
		s.drift.hide(rows, &d, now)
	}
}

// arrive puts a new conversation in front of the rows.
func (s *Simulator) arrive(i interval, rows []*sketch, d *dice, now int64) {
	front := min(i.from, now)
	if len(rows) > 0 {
		front = rows[0].start
	}
	seed := d.roll()
	k := drawSketch(&s.config, seed, max(midnight(i.from), front-d.between(1, 1000)))
	// It is over by now, and reached into the interval: else it would not be found.
	k.end = max(min(k.start+k.span, now), i.from, k.start)
	k.span, k.late, k.fate, k.edited = k.end-k.start, never, fate{}, now
	queues := []string{k.stops[0].queue}
	if i.queue != "" {
		queues[0], _, _ = strings.Cut(i.queue, ",")
	}
	k.stops = spread(k, queues)
	s.library.put(k)
}

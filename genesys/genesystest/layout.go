package genesystest

import "sync"

// layout is the plan of one record: who took part, in which sessions, made of
// which segments. It is laid out whole, up to the end, whatever the time is;
// the writer leaves out what has not come about yet. So what is drawn for one
// part never depends on when the record is asked for.
//
// Children follow their parent in flat slices, which a pool keeps: laying out
// a record allocates nothing.
type layout struct {
	participants []participant
	sessions     []session
	segments     []segment
	metrics      []metric
}

type participant struct {
	purpose string
	first   int // session
}

type session struct {
	medium         medium
	queue          string
	stats          int // mediaEndpointStats
	segment, first int // its first segment and first metric
}

type segment struct {
	kind       string
	start, end int64
	queue      string
	disconnect string
	told       int64 // not before this time, even if it lies in the past
}

type metric struct {
	name      string
	value, at int64
}

// layouts is safe for concurrent use; each simulator has its own.
type layouts struct{ pool sync.Pool }

func (l *layouts) take() *layout {
	if plan, ok := l.pool.Get().(*layout); ok {
		return plan
	}
	return new(layout)
}

func (l *layouts) give(plan *layout) {
	clear(plan.segments) // let go of queue names
	plan.participants, plan.sessions = plan.participants[:0], plan.sessions[:0]
	plan.segments, plan.metrics = plan.segments[:0], plan.metrics[:0]
	l.pool.Put(plan)
}

func (l *layout) participant(purpose string) {
	l.participants = append(l.participants, participant{purpose, len(l.sessions)})
}

func (l *layout) session(m medium, queue string, stats int) {
	l.sessions = append(l.sessions, session{m, queue, stats, len(l.segments), len(l.metrics)})
}

func (l *layout) segment(kind string, start, end int64, queue, disconnect string) {
	l.segments = append(l.segments, segment{kind: kind, start: start, end: end, queue: queue, disconnect: disconnect})
}

func (l *layout) metric(name string, value, at int64) {
	l.metrics = append(l.metrics, metric{name, value, at})
}

// sessionsOf returns the bounds of a participant's sessions.
func (l *layout) sessionsOf(n int) (from, to int) {
	if n+1 < len(l.participants) {
		return l.participants[n].first, l.participants[n+1].first
	}
	return l.participants[n].first, len(l.sessions)
}

func (l *layout) segmentsOf(n int) []segment {
	if n+1 < len(l.sessions) {
		return l.segments[l.sessions[n].segment:l.sessions[n+1].segment]
	}
	return l.segments[l.sessions[n].segment:]
}

func (l *layout) metricsOf(n int) []metric {
	if n+1 < len(l.sessions) {
		return l.metrics[l.sessions[n].first:l.sessions[n+1].first]
	}
	return l.metrics[l.sessions[n].first:]
}

// again adds, to the last session, what it does when the conversation goes on.
func (l *layout) again(k *sketch, disconnect string) {
	if k.reopened() == never {
		return
	}
	l.segment("interact", k.reopened(), k.closed(), k.stops[len(k.stops)-1].queue, disconnect)
}

package genesystest

import (
	"bytes"
	"slices"
	"time"
)

// Changed returns when the conversation became what it is: the last instant, not
// after Now, at which the bytes that [Simulator.Conversation] tells of it changed,
// or at which queries began to find it, whichever is later. What a test does to it
// (Put, Revise, Pad) and what drift does (Arrive; Hide, and its end) counts at the
// Now at which it was done, whether or not the bytes differ. The time is zero for a
// conversation that is not there, or that queries do not find yet.
//
// A second queue that begins to find it is a change of bytes too. Another order of
// members is none.
func (s *Simulator) Changed(id string) time.Time {
	now := s.now().UnixMilli()
	k := s.library.get(id)
	if k == nil || k.findable() > now {
		return time.Time{}
	}
	last := max(k.findable(), k.edited, s.drift.stirred(id))
	return time.UnixMilli(s.grown(k, last, now)).UTC()
}

// grown returns the last time after floor, and not after now, at which the record
// changed by itself; floor if there is none. Of the times at which it may have
// changed, it takes the last before which the record was another.
func (s *Simulator) grown(k *sketch, floor, now int64) int64 {
	if k.text != nil {
		return floor
	}
	times := s.moments(k, floor, now)
	slices.Sort(times)
	var before, after []byte
	for _, at := range slices.Backward(slices.Compact(times)) {
		before = appendRecord(before[:0], k, s.config.Dialect, at-1, &s.layouts)
		after = appendRecord(after[:0], k, s.config.Dialect, at, &s.layouts)
		if !bytes.Equal(before, after) {
			return at
		}
	}
	return floor
}

// moments lists the times in (floor, now] with which anything in the record is
// compared when it is written.
func (s *Simulator) moments(k *sketch, floor, now int64) (times []int64) {
	add := func(at int64) {
		if at > floor && at <= now {
			times = append(times, at)
		}
	}
	for _, at := range [...]int64{k.start, k.end, k.late, k.reopened(), k.closed(), k.surveyed()} {
		add(at)
	}
	plan := s.layouts.take()
	defer s.layouts.give(plan)
	plan.plot(k)
	for _, g := range plan.segments {
		add(g.start)
		add(g.end)
		add(g.told)
	}
	for _, m := range plan.metrics {
		add(m.at)
	}
	for n, session := range plan.sessions {
		reported := mediaOf(plan.segmentsOf(n), k)
		for report := range session.stats {
			add(reported.at(report, session.stats))
		}
	}
	return times
}

package genesystest

import (
	"math"
	"time"
)

// fate is what Life has in store for one conversation. All of it is in
// milliseconds; zero: it does not happen.
type fate struct {
	lag    int64 // from the start until it is found
	reopen int64 // from the end until it goes on
	again  int64 // for how long it does
	wrapUp int64 // from the first end until its wrap-up is told
	survey int64 // from the last end until the survey is answered
}

// The parts of a fate, each with dice of its own.
const (
	fateLag uint64 = iota
	fateReopen
	fateWrapUp
	fateSurvey
	fateMidnight
)

// fated reports whether a conversation is of the share, with dice for the rest.
func fated(seed, part uint64, share float64) (dice, bool) {
	d := dice(mix(seed, rollFate, part))
	return d, d.unit() < share
}

func drawFate(l *Life, seed uint64) (f fate) {
	if d, hit := fated(seed, fateLag, l.LagShare); hit {
		f.lag = drawLag(&d, l.LagMost)
	}
	if d, hit := fated(seed, fateReopen, l.ReopenShare); hit {
		f.reopen = d.within(5*time.Minute, 6*time.Hour)
		f.again = d.within(time.Minute, 2*time.Hour)
	}
	if d, hit := fated(seed, fateWrapUp, l.WrapUpShare); hit {
		f.wrapUp = d.within(2*time.Minute, 5*time.Hour)
	}
	if d, hit := fated(seed, fateSurvey, l.SurveyShare); hit {
		f.survey = d.within(2*time.Hour, 48*time.Hour)
	}
	return f
}

// drawLag is even on a scale of magnitudes: most lags are of seconds.
func drawLag(d *dice, most time.Duration) int64 {
	scale := max(float64(most.Milliseconds())/1000, 1)
	return min(int64(1000*math.Pow(scale, d.unit())), most.Milliseconds())
}

// overMidnight returns when a conversation is to start so that it lasts over a
// midnight, if that is its fate and there is a midnight between From and To.
func overMidnight(c *Config, k *sketch) (start int64, hit bool) {
	d, hit := fated(k.seed, fateMidnight, c.Life.MidnightShare)
	from, to := c.From.UnixMilli(), c.To.UnixMilli()
	first := midnight(from) + dayMillis // at From itself nothing can start before it
	if !hit || first >= to {
		return 0, false
	}
	chosen := first + dayMillis*d.below((to-first+dayMillis-1)/dayMillis)
	before := min(10*time.Minute.Milliseconds(), k.span-1, chosen-from)
	return chosen - d.between(1, before), true
}

// findable is when queries begin to find the conversation.
func (k *sketch) findable() int64 { return k.start + k.fate.lag }

// reopened is when the conversation goes on, and closed when it ends again.
// Both are never for one that does not.
func (k *sketch) reopened() int64 { return k.after(k.fate.reopen) }
func (k *sketch) closed() int64 {
	if k.reopened() == never {
		return never
	}
	return k.reopened() + k.fate.again
}

// wrappedUp is when the last wrap-up is told, if that is late; else never.
func (k *sketch) wrappedUp() int64 { return k.after(k.fate.wrapUp) }

// surveyed is when the survey is answered; never: there is none.
func (k *sketch) surveyed() int64 {
	if k.fate.survey == 0 || k.reopened() == never {
		return k.after(k.fate.survey)
	}
	return k.closed() + k.fate.survey
}

// after is the time so long after the first end; never, if it is no time.
func (k *sketch) after(wait int64) int64 {
	if wait == 0 || k.end == never {
		return never
	}
	return k.end + wait
}

// endBy returns the end that the conversation has at the given time, and
// whether it has one: one that has gone on has none until it ends again.
func (k *sketch) endBy(now int64) (end int64, ended bool) {
	switch {
	case k.closed() <= now:
		return k.closed(), true
	case k.reopened() <= now, k.end > now:
		return never, false
	}
	return k.end, true
}

// activeIn reports whether the conversation, which started before the end of the
// interval, has been active in it by now: activity lasts from the start to
// the end or to this moment, and once more from when it goes on.
func (k *sketch) activeIn(i interval, now int64) bool {
	if min(k.end, now) >= i.from {
		return true
	}
	again := k.reopened()
	return again <= now && again < i.to && min(k.closed(), now) >= i.from
}

package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// start is where a queue without a position begins.
type start struct {
	Text string // as it was written

	at     time.Time     // zero: before now
	before time.Duration // how long before now
}

// At is the start as seen at an instant, in UTC, to the millisecond.
func (s start) At(now time.Time) time.Time {
	if s.at.IsZero() {
		return inMilliseconds(now.Add(-s.before))
	}
	return s.at
}

// parseStart takes an instant or a duration. An instant that lies ahead is
// allowed: the first window waits for it, as it waits to settle.
func parseStart(text string) (start, error) {
	at, isTime, err := parseInstant(text)
	if isTime {
		return start{Text: text, at: at}, err
	}
	before, err := positive(text)
	now := time.Now().UTC()
	if begins := now.Add(-before); err == nil && begins.Year() < firstYear {
		err = fmt.Errorf("%s before now (%s) is in the year %d; write a duration that begins in %d or later", quote(text), now.Format(time.DateOnly), begins.Year(), firstYear)
	}
	if err != nil {
		return start{}, fmt.Errorf("%w, or an RFC 3339 time such as 2026-03-01T00:00:00Z", err)
	}
	return start{Text: text, before: before}, nil
}

// end is where the walk ends. The zero value is never.
type end struct {
	Text string // as it was written; empty: never

	at time.Time // zero: never, or now
}

// At is the end as seen at an instant, the start of the program, in UTC, to the
// millisecond. It is zero for an end that never comes.
func (e end) At(now time.Time, settle time.Duration) time.Time {
	if e.Text == "now" {
		return inMilliseconds(now.Add(-settle))
	}
	return e.at
}

// parseEnd takes an instant or the word now.
func parseEnd(text string) (end, error) {
	if text == "now" {
		return end{Text: text}, nil
	}
	at, isTime, err := parseInstant(text)
	if !isTime {
		return end{}, fmt.Errorf("%s is not an RFC 3339 time; write one such as 2026-03-01T00:00:00Z, or now, or unset it to run for ever", quote(text))
	}
	return end{Text: text, at: at}, err
}

// checkOrder refuses an end that does not come after its start.
func checkOrder(bad *configError, v setting, from start, to end) {
	if !from.at.IsZero() && !to.at.IsZero() && !to.at.After(from.at) {
		bad.add(v.variable, fmt.Sprintf("%s is not after %s, which is WINDOW_FROM; write a later time", quote(to.Text), quote(from.Text)))
	}
}

// The years in which there are conversations to read. Each window before them would be
// asked for in vain.
const firstYear, lastYear = 2000, 2199

// parseInstant takes an RFC 3339 time of these years. It may be a time and yet in error.
func parseInstant(text string) (at time.Time, isTime bool, err error) {
	at, err = time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, false, err
	}
	at = inMilliseconds(at)
	if at.Year() < firstYear || at.Year() > lastYear {
		return time.Time{}, true, fmt.Errorf("%s is out of range; write a year from %d to %d", quote(text), firstYear, lastYear)
	}
	return at, true, nil
}

func inMilliseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// divisorOfDay takes the length of a window: one that no midnight cuts short.
func divisorOfDay(text string) (time.Duration, error) {
	const day = 24 * time.Hour
	d, err := positive(text)
	switch {
	case err != nil:
		return 0, err
	case d < time.Second || d%time.Millisecond != 0:
		return 0, fmt.Errorf("%s is too fine; write a second or more, in whole milliseconds", quote(text))
	case day%d != 0:
		return 0, fmt.Errorf("%s does not divide 24h; write a length such as 15m, 1h, 6h or 24h", quote(text))
	}
	return d, nil
}

// longestSettle bounds how far behind now a window is walked: what is asked for begins as
// much before the window, and what it holds beside it is read for nothing.
const longestSettle = 24 * time.Hour

// parseSettle takes how long a window settles.
func parseSettle(text string) (time.Duration, error) {
	d, err := zeroOrMore(text)
	switch {
	case err != nil:
		return 0, err
	case d > longestSettle:
		return 0, fmt.Errorf("%s is more than 24h; write 24h or less", quote(text))
	case d%time.Millisecond != 0:
		return 0, fmt.Errorf("%s is too fine; write whole milliseconds", quote(text))
	}
	return d, nil
}

// oldestRevisit bounds the age of a day that is walked again.
const oldestRevisit = 31 * 24 * time.Hour

// parseAges takes durations, comma-separated, each longer than the one before it.
func parseAges(text string) (ages []time.Duration, err error) {
	last := time.Duration(0)
	for i, word := range strings.Split(text, ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			return nil, fmt.Errorf("entry %d is empty; write ages such as 2h,24h,96h", i+1)
		}
		age, err := positive(word)
		switch {
		case err != nil:
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		case age > oldestRevisit:
			return nil, fmt.Errorf("entry %d, %s, is more than 744h (31 days); write a smaller age", i+1, quote(word))
		case age <= last:
			return nil, fmt.Errorf("entry %d, %s, is not more than the one before it; write ages that grow, such as 2h,24h,96h", i+1, quote(word))
		}
		ages, last = append(ages, age), age
	}
	return ages, nil
}

// parseShare takes a part of a whole.
func parseShare(text string) (float64, error) {
	share, err := strconv.ParseFloat(text, 64)
	if err != nil || !consistsOf(text, "0123456789.") || share > 1 {
		return 0, fmt.Errorf("%s is not a number from 0 to 1; write one such as 0.5", quote(text))
	}
	return share, nil
}

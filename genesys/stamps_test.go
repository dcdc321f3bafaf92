package genesys

import (
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// What consumers are told never goes back, whatever the machine's clock is set to; and it
// does not stand still meanwhile.
func TestStampsFollowTheClockButNeverBack(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var s stamps
	for _, c := range []struct {
		does       string
		elapsed    time.Duration
		wall, want time.Duration // since noon
	}{
		{does: "begins", elapsed: 0, wall: 0, want: 0},
		{does: "goes on", elapsed: time.Minute, wall: time.Minute, want: time.Minute},
		{does: "is set back by an hour", elapsed: 2 * time.Minute, wall: 2*time.Minute - time.Hour, want: 2 * time.Minute},
		{does: "goes on there", elapsed: 3 * time.Minute, wall: 3*time.Minute - time.Hour, want: 3 * time.Minute},
		{does: "is set to the time again", elapsed: 4 * time.Minute, wall: 4 * time.Minute, want: 4 * time.Minute},
		{does: "has slept for an hour", elapsed: 5 * time.Minute, wall: 65 * time.Minute, want: 65 * time.Minute},
		{does: "goes on after that", elapsed: 6 * time.Minute, wall: 66 * time.Minute, want: 66 * time.Minute},
		{does: "is set back by a day", elapsed: 7 * time.Minute, wall: 67*time.Minute - 24*time.Hour, want: 67 * time.Minute},
	} {
		if got := s.at(noon.Add(c.wall), c.elapsed).Sub(noon); got != c.want {
			t.Errorf("the clock %s: %v is told, want %v", c.does, got, c.want)
		}
	}
}

// Pages are stamped with the time at which they were sent for, and from where positions say
// that others were read later, behind that: by as much as has passed since.
func TestPagesAreFetchedAfterWhatWasReadBefore(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 40}, func(w *world) {
		c := w.client()
		q := w.query(10)
		ahead := time.Duration(0)
		for _, more := range []time.Duration{0, time.Hour, -time.Minute} {
			read := time.Now().Add(ahead + more)
			if c.FetchAfter(read.Truncate(time.Millisecond)); more > 0 {
				ahead += more
			}
			time.Sleep(time.Minute)
			var last time.Time
			for page, err := range c.Pages(w.Context(), q, Cursor{}) {
				w.must(err)
				off := page.FetchedAt.Sub(page.SentAt.Round(0)) - ahead
				if off < 0 || off > time.Millisecond || !page.FetchedAt.After(read) || page.FetchedAt.Before(last) {
					w.Errorf("page %d was sent for at %v, and %v is told, after %v", page.Number, page.SentAt, page.FetchedAt, last)
				}
				last = page.FetchedAt
			}
		}
	})
}

// A clock that is set back is noticed by the monotonic one, which the time carries; what is
// told carries none, because it would count on that.
func TestStampsAreCountedByTheMonotonicClock(t *testing.T) {
	c, err := New(Config{APIURL: "http://api.test"})
	if err != nil {
		t.Fatal(err)
	}
	now, told := c.stamps.next()
	if !strings.Contains(c.stamps.began.String(), " m=") || !strings.Contains(now.String(), " m=") || strings.Contains(told.String(), " m=") {
		t.Errorf("began %v, now %v, told %v", c.stamps.began, now, told)
	}
}

package genesys

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
)

// A window must have ended on the API's clock and on ours.
func TestNowIsTheEarlierOfTheLocalClockAndTheAPIs(t *testing.T) {
	for _, row := range []struct {
		name    string
		theirs  time.Duration // how far the API's clock is ahead
		behind  time.Duration // how far Now is behind ours
		endures time.Duration
	}{
		{"equal clocks", 0, 0, time.Hour},
		{"the local clock is slow", 10 * time.Minute, 0, time.Hour},
		{"the local clock is fast", -10 * time.Minute, 10 * time.Minute, time.Hour},
		{"the local clock is fast by days", -72 * time.Hour, 72 * time.Hour, 24 * time.Hour},
	} {
		t.Run(row.name, func(t *testing.T) {
			config := genesystest.Config{Conversations: 5,
				Now: func() time.Time { return time.Now().Add(row.theirs) }}
			inWorld(t, config, func(w *world) {
				c := w.client()
				if !c.Now().Equal(time.Now()) {
					w.Error("before the first answer it is not the local clock")
				}
				w.must(c.Login(w.Context())) // the token endpoint's answer is enough
				for range 3 {
					if behind := time.Since(c.Now()); behind < row.behind || behind > row.behind+time.Second {
						w.Errorf("%v behind the local clock, want %v", behind, row.behind)
					}
					time.Sleep(row.endures) // without a request in between
				}
			})
		})
	}
}

// The local clock is set to the right time while the service runs, and the next
// answer says so.
func TestTheLatestAnswerTellsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Client
		dates := func(ahead time.Duration) {
			c.clock.observe(http.Header{"Date": {time.Now().Add(ahead).UTC().Format(http.TimeFormat)}})
		}
		dates(-time.Hour)
		if behind := time.Since(c.Now()); behind != time.Hour {
			t.Errorf("%v behind", behind)
		}
		dates(0)
		if behind := time.Since(c.Now()); behind != 0 {
			t.Errorf("%v behind", behind)
		}
		c.clock.observe(http.Header{})
		c.clock.observe(http.Header{"Date": {"yesterday"}})
		if behind := time.Since(c.Now()); behind != 0 {
			t.Errorf("%v behind after an answer without a date", behind)
		}
	})
}

// A local clock that is set forward has no say in how the API's goes on: both
// times carry the monotonic clock, by which the difference is taken.
func TestTheAPIsClockGoesOnByTheMonotonicClock(t *testing.T) {
	var c clock
	c.observe(http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}})
	if !strings.Contains(c.heard.String(), " m=") {
		t.Errorf("the answer came at %v: a wall clock only", c.heard)
	}
}

// Clocks that disagree are told of once, and once when they agree again: by then
// somebody has set one of them.
func TestClocksThatDisagreeAreToldOfOnce(t *testing.T) {
	for _, row := range []struct {
		ahead time.Duration
		told  bool
	}{
		{10 * time.Minute, true}, {-10 * time.Minute, true}, {-72 * time.Hour, true},
		{61 * time.Second, true}, {-61 * time.Second, true}, {50 * time.Second, false}, {-50 * time.Second, false},
	} {
		ahead := row.ahead
		config := genesystest.Config{Conversations: 40, Now: func() time.Time { return time.Now().Add(ahead) }}
		inWorld(t, config, func(w *world) {
			ahead = row.ahead
			c := w.client()
			for _, ahead = range []time.Duration{row.ahead, row.ahead, 45 * time.Second, 0, 45 * time.Second} {
				_, err := walk(w.Context(), c, w.query(10), Cursor{})
				w.must(err)
				time.Sleep(time.Hour)
			}
			told := w.told()
			if !row.told {
				w.mustEqual("incidents told", len(told), 0)
				return
			}
			if len(told) != 2 || told[0].Over || !told[1].Over || (told[0].Ahead-row.ahead).Abs() > time.Second ||
				told[1].Ahead != told[0].Ahead || told[1].Took.Round(time.Hour) != 3*time.Hour {
				w.Errorf("clocks %v apart: told %+v", row.ahead, told)
			}
		})
	}
}

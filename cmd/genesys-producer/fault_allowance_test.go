package main

import (
	"net/http"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// A walk in a line: no request is on its way while another is refused.
var inLine = []string{"GENESYS_READ_AHEAD=0", "GENESYS_REQUESTS_PER_MINUTE=1200"}

func TestFaultsOfTheAllowance(t *testing.T) {
	after := genesystest.TooManyRequests
	// Everybody stays away for as long as one of them was told to.
	stayAway := func(name string, away time.Duration, inflict func(*world)) fault {
		f := told(name, 30, inflict, inLine...)
		f.away = away
		return f
	}
	meet(t, []fault{
		told("429, no Retry-After, everywhere, 3s", 60, storm(3*time.Second, after("")), inLine...),
		stayAway("429, Retry-After 1, everywhere, 3s", time.Second, storm(3*time.Second, after("1"))),
		stayAway("429, Retry-After 7", 7*time.Second, pages(1, after("7"))),
		stayAway("429, Retry-After a date in 3s", 2*time.Second, pagesThen(1, until(3*time.Second, time.Now))),
		stayAway("token: 429, Retry-After 1, twice", time.Second, logins(2, after("1"))),
		stayAway("token: 429, Retry-After 7", 7*time.Second, logins(1, after("7"))),
		stayAway("token, in mid-walk: 429, Retry-After 7", 7*time.Second, renewals(1, after("7"))),
		stayAway("token: 429, Retry-After a date in 3s", 2*time.Second, loginsThen(1, until(3*time.Second, time.Now))),
	})
}

// until says as a date how long to stay away, by a clock.
func until(away time.Duration, now func() time.Time) func() *genesystest.Fault {
	return func() *genesystest.Fault {
		return genesystest.TooManyRequests(now().Add(away).UTC().Format(http.TimeFormat))
	}
}

// An hour is not waited for here, but in package genesys: the program says once until
// when, sends nothing, and stops at once when it is told to.
func TestFaultsOfAnHour(t *testing.T) {
	const always = 1 << 20
	anHour := func(name string, inflict func(*world)) fault {
		return fault{name: name, inflict: inflict, lasts: true, away: 3 * time.Second,
			code: failed, begins: []string{stays, stopped},
			says: []string{`"until":"20`, "429", "started again, it goes on there"}}
	}
	after := genesystest.TooManyRequests
	rows := []fault{
		anHour("429, Retry-After 1h", pages(always, after("3600"))),
		anHour("429, Retry-After a date in 1h", pagesThen(always, until(time.Hour, time.Now))),
		anHour("token: 429, Retry-After 1h", logins(always, after("3600"))),
		anHour("token, in mid-walk: 429, Retry-After 1h", renewals(always, after("3600"))),
		anHour("token: 429, Retry-After a date in 1h", loginsThen(always, until(time.Hour, time.Now))),
	}
	continuous := anHour("429, Retry-After 1h, in a run without end", pages(always, after("3600")))
	continuous.changes, continuous.code, continuous.begins = []string{"WINDOW_TO="}, done, []string{stays}
	continuous.says = []string{"429", stopped}
	meet(t, append(rows, continuous))
}

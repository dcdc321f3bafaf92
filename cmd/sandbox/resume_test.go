package main

import (
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
)

func TestGoneOn(t *testing.T) {
	hour := func(n int) time.Time { return time.Date(2026, 3, 1, n, 0, 0, 0, time.UTC) }
	at := func(page int, closed bool) checkpoint.Position {
		return checkpoint.Position{Query: checkpoint.Query{Since: hour(1).Add(-settle), From: hour(1), To: hour(2)}, Page: page, Closed: closed}
	}
	asked := func(bearer, from, page int) genesystest.Request {
		return genesystest.Request{Queue: "a", Bearer: bearer, From: hour(from).Add(-settle), To: hour(from + 1), Page: page}
	}
	for _, c := range []struct {
		name     string
		position checkpoint.Position
		requests []genesystest.Request
		right    bool
		all      bool // with one in the middle of a window
	}{
		{"the last page again", at(2, false), []genesystest.Request{asked(1, 1, 4), asked(2, 1, 2), asked(2, 1, 4), asked(2, 1, 3)}, true, true},
		{"that alone", at(2, false), []genesystest.Request{asked(2, 1, 2)}, false, false},
		{"not that one", at(2, false), []genesystest.Request{asked(2, 1, 3), asked(2, 1, 4)}, false, false},
		{"a page left out", at(2, false), []genesystest.Request{asked(2, 1, 2), asked(2, 1, 4)}, false, false},
		{"started over after it", at(2, false), []genesystest.Request{asked(2, 1, 2), asked(2, 1, 1), asked(2, 1, 3)}, false, false},
		{"the window from its beginning", at(2, false), []genesystest.Request{asked(2, 1, 1), asked(2, 1, 2)}, false, false},
		{"another window", at(2, false), []genesystest.Request{asked(2, 0, 2), asked(2, 0, 3)}, false, false},
		{"nothing", at(2, false), []genesystest.Request{asked(1, 1, 3)}, false, false},
		{"another queue's", at(2, false), []genesystest.Request{{Queue: "b", Bearer: 2, From: hour(1).Add(-settle), Page: 2}}, false, false},
		{"next window", at(4, true), []genesystest.Request{asked(2, 2, 1)}, true, false},
		{"a closed window again", at(4, true), []genesystest.Request{asked(2, 1, 5)}, false, false},
		{"the first page", at(0, false), []genesystest.Request{asked(2, 1, 1)}, true, false},
	} {
		all := goneOn([]stop{{"a", c.position}}, c.requests, 1)
		if got := all[0].right(); got != c.right {
			t.Errorf("%s: right is %v, want %v", c.name, got, c.right)
		}
		if got := allResumed(all); got != c.all {
			t.Errorf("%s: allResumed is %v, want %v", c.name, got, c.all)
		}
	}
}

func TestLastBearer(t *testing.T) {
	requests := []genesystest.Request{{Token: true}, {Bearer: 1}, {Bearer: 2}, {Bearer: 1}, {}}
	if got := lastBearer(requests); got != 2 {
		t.Errorf("got %d, want 2", got)
	}
}

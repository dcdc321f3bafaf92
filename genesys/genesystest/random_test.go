package genesystest

import (
	"slices"
	"testing"
	"time"
)

func TestRandomIsOfTheRequestNotOfTheOrder(t *testing.T) {
	faults := []*Fault{Reset(), ShortBy(1), InvalidClient()}
	script, again := Random(1, 0.3, faults...), Random(1, 0.3, faults...)
	requests := make([]Request, 0, 2000)
	for page := range 1000 {
		requests = append(requests, Request{Queue: "q", From: noon(), To: noon().Add(time.Hour), Page: page + 1, Attempt: 1},
			Request{Token: true, Attempt: page + 1})
	}
	got := make(map[string]int)
	drawn := make([]*Fault, len(requests))
	for n, r := range requests {
		drawn[n] = script(r)
		if drawn[n] != nil {
			got[drawn[n].String()]++
			if !drawn[n].concerns(r) {
				t.Errorf("%s for %+v", drawn[n], r)
			}
		}
	}
	for n, r := range slices.Backward(requests) {
		if again(r) != drawn[n] {
			t.Fatalf("request %d is given another fault in another order", n)
		}
	}
	if total := got["reset"] + got["short by 1"] + got["invalid client"]; total < 520 || total > 680 || len(got) != 3 {
		t.Errorf("of 2000 requests %v", got)
	}
}

package main

import (
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// Connections that break, and answers that do not come whole. A request may take eight
// seconds here: less, and a slow machine would make faults of its own.
func TestFaultsOfTheConnection(t *testing.T) {
	const brief = "GENESYS_TIMEOUT=8s"
	stall, slow := genesystest.Stall(time.Hour), genesystest.Slow(time.Hour)
	meet(t, []fault{
		// One reset of a connection that was idle is sent again at once.
		told("resets everywhere, 3s", 90, storm(3*time.Second, genesystest.Reset())),
		told("token: reset", 1, logins(1, genesystest.Reset())),
		told("body cut before its first byte", 1, pages(1, genesystest.Truncated(0))),
		told("body cut after one byte", 1, pages(1, genesystest.Truncated(1))),
		told("body cut in the middle of a record", 1, pages(1, genesystest.Truncated(4000))),
		told("body cut before its last byte", 1, pages(1, genesystest.Truncated(-1))),
		told("bodies cut everywhere, 3s", 40, storm(3*time.Second, genesystest.Truncated(600))),
		told("token: body cut", 1, logins(1, genesystest.Truncated(20))),
		told("JSON cut to nothing", 1, pages(1, genesystest.CutJSON(0))),
		told("JSON cut in the middle of a record", 1, pages(1, genesystest.CutJSON(4000))),
		told("JSON cut before its last byte", 1, pages(1, genesystest.CutJSON(-1))),
		told("token: JSON cut", 1, logins(1, genesystest.CutJSON(20))),
		told("no answer", 1, pages(1, slow), brief),
		told("body stalls", 1, pages(1, stall), brief),
		told("bodies stall everywhere, 2s", 40, storm(2*time.Second, stall), brief),
		told("token: no answer", 1, logins(1, slow), brief),
		told("token: body stalls", 1, logins(1, stall), brief),
		untold("body stalls, but comes in time", 0, pages(1, genesystest.Stall(time.Second))),
	})
}

package main

import (
	"fmt"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// All faults that pass, together: which request meets which is decided by a seed.
// FAULT_SEEDS says how many seeds there are.
func TestFaultsTogether(t *testing.T) {
	var rows []fault
	for seed := range uint64(fromEnvironment(t, "FAULT_SEEDS", 3)) {
		f := told(fmt.Sprintf("all together, seed %d", seed+1), 60, nil, "GENESYS_TIMEOUT=3s")
		f.inflict = func(w *world) { w.script(together(seed + 1)) }
		f.often = true
		rows = append(rows, f)
	}
	meet(t, rows)
}

// together gives every sixth request a fault.
func together(seed uint64) func(genesystest.Request) *genesystest.Fault {
	unauthorized, reset := genesystest.Unauthorized(), genesystest.Reset()
	random := genesystest.Random(seed, 1.0/6,
		genesystest.Status(500, "internal.server.error", "Oh."), genesystest.Status(502, "", ""),
		genesystest.Status(503, "service.unavailable", "Oh."), genesystest.Status(504, "request.timeout", "Oh."),
		genesystest.Status(408, "client.timeout", "Oh."), genesystest.EdgeError(502), genesystest.EdgeError(403),
		genesystest.TooManyRequests(""), genesystest.TooManyRequests("1"), genesystest.Garbage(),
		genesystest.Truncated(0), genesystest.Truncated(700), genesystest.Truncated(-1),
		genesystest.CutJSON(0), genesystest.CutJSON(700), genesystest.CutJSON(-1),
		genesystest.Stall(time.Hour), genesystest.Stall(100*time.Millisecond),
		genesystest.Slow(time.Hour), genesystest.Slow(100*time.Millisecond),
		reset, unauthorized)
	return func(r genesystest.Request) *genesystest.Fault {
		fault := random(r)
		if fault != unauthorized {
			return fault
		}
		// A fresh token that is refused does not pass. A reset in between is not seen
		// where net/http sends the request again.
		for before := r; before.Attempt > 1; {
			before.Attempt--
			switch random(before) {
			case unauthorized:
				return nil
			case reset:
			default:
				return fault
			}
		}
		return fault
	}
}

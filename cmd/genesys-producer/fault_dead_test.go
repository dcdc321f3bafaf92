package main

import "testing"

// A connection of HTTP/2 that dies silently is used by all requests, and outlives each
// that is given up. Pings tell, half a minute after its last byte: here long before a
// request is given up. It waits longer than all other tests, so it is the first of them.
func TestADeadConnection(t *testing.T) {
	f := told("HTTP/2: a connection dies silently", 40, func(w *world) {
		path := w.through(w.overTLS().address)
		w.at("https://" + path.address)
		w.gate.at(20, false, path.die)
	}, "GENESYS_TIMEOUT=10m")
	f.says = []string{"client connection lost"}
	t.Parallel()
	f.survive(t, newDays(t, small()))
}

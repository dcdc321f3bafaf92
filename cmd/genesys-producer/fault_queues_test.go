package main

import (
	"net/http"
	"testing"

	"genesys-producer/genesys/genesystest"
)

const (
	nobodyTells = "queues: nobody can tell whether the client sees them; one that it does not see matches nothing, which is no error"
	unseen      = "queues that the client does not see: they do not exist, are deleted, or are of a division that its role does not reach; they match nothing"
)

// lookups has the first attempts at the queue lookup meet a fault.
func lookups(attempts int, f *genesystest.Fault) func(*world) {
	return func(w *world) {
		w.script(func(r genesystest.Request) *genesystest.Fault {
			if r.Path == genesystest.QueuesPath && r.Attempt <= attempts {
				return f
			}
			return nil
		})
	}
}

// No walk waits for the queue lookup, and none ends for its sake: what passes is waited for
// in silence, and what does not is a warning.
func TestFaultsOfTheQueueLookup(t *testing.T) {
	const few = 10 // attempts, at most, in the time of a walk
	warns := func(name, message string, inflict func(*world), organisation genesystest.Config, says ...string) fault {
		return fault{name: name, organisation: organisation, inflict: inflict, begins: []string{message}, says: says}
	}
	queues := genesystest.New(genesystest.Config{Seed: 1, Conversations: -1}).Queues()
	none := func(*world) {}
	meet(t, []fault{
		untold("lookup: not filtered", 0, lookups(few, genesystest.FilterIgnored())),
		untold("lookup: 503 for ever", few, lookups(few, genesystest.Status(http.StatusServiceUnavailable, "service.unavailable", "Oh."))),
		untold("lookup: HTML 502 for ever", few, lookups(few, genesystest.EdgeError(http.StatusBadGateway))),
		untold("lookup: garbage", few, lookups(few, genesystest.Garbage())),
		untold("lookup: no answer", few, lookups(few, genesystest.Reset())),
		untold("lookup: 401 of a token that is good", few, lookups(1, genesystest.Unauthorized())),
		warns("lookup: 404", nobodyTells, lookups(few, genesystest.Status(http.StatusNotFound, "not.found", "No.")), small(), "does not have this call"),
		warns("lookup: no permission", nobodyTells, none, genesystest.Config{NoQueueView: true}, "routing:queue:view"),
		warns("a queue that is not seen", unseen, none, genesystest.Config{Queues: queues, HiddenQueues: queues[:1]}, queues[0]),
	})
}

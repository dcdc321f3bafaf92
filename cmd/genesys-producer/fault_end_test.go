package main

import (
	"fmt"
	"testing"

	"genesys-producer/genesys/genesystest"
)

// What does not pass by itself ends the program, or parks the queue that it concerns,
// in words that say what to do. Once it is mended, the program goes on where it was.
func TestFaultsThatEndTheProgram(t *testing.T) {
	const (
		always = 1 << 30
		parked = "queue is parked: its position is kept, the others go on"
	)
	stops := func(name string, inflict func(*world), says ...string) fault {
		return fault{name: name, inflict: inflict, code: failed, begins: []string{stopped}, says: says, more: 1}
	}
	parks := func(name string, inflict func(*world), says ...string) fault {
		f := stops(name, inflict, append(says, "1 of 3 queues are parked")...)
		f.begins = append(f.begins, parked)
		return f
	}
	meet(t, []fault{
		stops("403", pages(always, genesystest.Forbidden()), "grant a role with the permission analytics:conversationDetail:view"),
		stops("401 for ever", pages(always, genesystest.Unauthorized()), "the API refuses a token that was just issued", "GENESYS_LOGIN_URL"),
		stops("the client is refused in mid-walk", renewals(1, genesystest.InvalidClient()), "invalid_client", "check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and the region"),
		stops("the other dialect", pages(always, genesystest.OtherDialect()), "set GENESYS_DIALECT=entities"),
		parks("400", pages(always, genesystest.Status(400, "bad.request", "No.")), "check the queue's id and GENESYS_DIALECT"),
		parks("404", pages(always, genesystest.Status(404, "not.found", "No.")), "check GENESYS_API_URL"),
		parks("413 of a gateway", pages(always, genesystest.EdgeError(413)), "a gateway with a smaller limit"),
		parks("a redirect", pages(always, genesystest.EdgeError(302)), "check GENESYS_DOMAIN or GENESYS_API_URL"),
	})
}

// The API pages no further than so many records. A window with more is walked again by
// halves: nothing is lost, and nothing that its first pages had comes twice.
func TestFaultsOfTheRowLimit(t *testing.T) {
	var rows []fault
	for _, most := range []int{20, 10} { // windows have some 25 records
		rows = append(rows, fault{name: fmt.Sprintf("the row limit, %d", most), more: 12 * 3 * 80 / most, says: []string{"it holds more than the API pages through"},
			organisation: genesystest.Config{MaxResults: most}, inflict: func(w *world) { w.halved = true }})
	}
	meet(t, rows)
}

// renewals has all tokens revoked in the middle of the walk, and the first requests for
// a new one meet a fault.
func renewals(attempts int, f *genesystest.Fault) func(*world) {
	return func(w *world) {
		queue := w.sim.Queues()[0]
		w.script(func(r genesystest.Request) *genesystest.Fault {
			switch {
			case r.Token && r.Attempt > 1 && r.Attempt <= 1+attempts:
				return f
			case r.Queue == queue && r.From.Equal(w.since(0)) && r.Page == 2 && r.Attempt == 1:
				w.sim.RevokeTokens()
			}
			return nil
		})
	}
}

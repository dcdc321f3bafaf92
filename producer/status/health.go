package status

import (
	"fmt"
	"net/http"
	"time"

	"genesys-producer/producer/status/words"
)

// leastPatience is how long nothing need be heard of a service that is well: a page that is
// large takes minutes, and so does a broker that coordinates transactions until it gives
// one up.
const leastPatience = 10 * time.Minute

// Check is one of the things that readiness rests on.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // in plain words
}

// checks are what readiness rests on. The board is locked.
func (b *Board) checks(a asked) []Check {
	all := []Check{{"configuration", true, "the configuration is read"}}
	check := func(name string, ok bool, is, isNot string) {
		if !ok {
			is = isNot
		}
		all = append(all, Check{name, ok, is})
	}
	notYet := "there is no access token yet"
	if !b.tokenAt.IsZero() {
		notYet = "the access token could not be renewed yet"
	}
	if a.api.Failing != nil {
		notYet += ": " + a.api.Failing.Error()
	}
	// One that has run out while nothing is asked is renewed by the next request.
	check("token", b.token || a.api.Token, "the API has given an access token", notYet)
	switch {
	case a.outage != nil && a.outage.Err != nil:
		check("brokers", false, "", "brokers are away, or cannot take messages: "+a.outage.Err.Error())
	case a.outage != nil:
		check("brokers", false, "", "brokers are away, or cannot take messages")
	default:
		check("brokers", !b.reached.IsZero(), "brokers are reached", "brokers are not reached yet")
	}
	n := b.unloaded()
	check("positions", n == 0, fmt.Sprintf("the positions of %s are loaded", words.Several(len(b.queues), "queue", "queues")),
		fmt.Sprintf("the positions of %d of %s are not loaded yet", n, words.Several(len(b.queues), "queue", "queues")))
	return all
}

// readiness is what /readyz answers.
type readiness struct {
	Ready    bool     `json:"ready"`
	Checks   []Check  `json:"checks"`
	Warnings []string `json:"warnings"`
	Parked   []string `json:"parked"` // queues: the others go on, so it is ready
}

func (b *Board) readyz(w http.ResponseWriter, _ *http.Request) {
	s, checks := b.look()
	r := readiness{Ready: s.Ready, Checks: checks, Warnings: s.Warnings, Parked: []string{}}
	for _, q := range s.Queues {
		if q.Parked {
			r.Parked = append(r.Parked, q.ID)
		}
	}
	writeJSON(w, health(s.Ready), r)
}

func (b *Board) livez(w http.ResponseWriter, _ *http.Request) {
	s := b.Status()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(health(!s.Stuck))
	fmt.Fprintln(w, s.Life)
}

// alive reports whether the service makes progress, or waits for something that it can
// name. Progress is a sign of life within the patience: a page, a window, a look for the
// next one, a request of a page or a token, a publish or a write that ended. A wait that
// has an end excuses until that and the patience; brokers, disks and an API that fails,
// for as long as they are away: a restart would mend none of them. A step of the start
// excuses nothing, because whatever it waits for without a sign is one of these. The board
// is locked.
func (b *Board) alive(holds []Hold, now time.Time) (ok bool, life string) {
	patience := max(leastPatience, 3*b.config.Timeout)
	silent := now.Sub(b.last.at)
	heard := fmt.Sprintf("%s ago %s, at %s", silent.Round(time.Second), b.last.what, b.last.at.UTC().Format(time.RFC3339))
	for _, h := range holds {
		switch {
		case h.By == ByStart:
		case h.Until.IsZero():
			b.excused = now // from its end on, a sign is due within the patience
			return true, fmt.Sprintf("alive: it waits: %s; %s", h.What, heard)
		case now.Sub(h.Until) < patience:
			if h.Until.After(now) {
				b.excused = now
			}
			return true, fmt.Sprintf("alive: it waits until %s: %s; %s", h.Until.UTC().Format(time.RFC3339), h.What, heard)
		}
	}
	if silent < patience || now.Sub(b.excused) < patience {
		return true, "alive: " + heard
	}
	return false, fmt.Sprintf("stuck: nothing was heard for longer than %s, and it waits for nothing that it can name; the last was: %s. Restart it: nothing is lost; with HTTP_PPROF=true, /debug/pprof/goroutine?debug=2 tells before where it hangs", patience, heard)
}

func health(ok bool) int {
	if ok {
		return http.StatusOK
	}
	return http.StatusServiceUnavailable
}

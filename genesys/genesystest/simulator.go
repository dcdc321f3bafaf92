package genesystest

import (
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// Simulator is a simulated organisation. It is an http.Handler that serves
// QueryPath, TokenPath and QueuesPath, and is safe for concurrent use.
type Simulator struct {
	config  Config
	library *library
	journal journal
	issuer  issuer
	drift   drift
	script  atomic.Pointer[func(Request) *Fault]
	layouts layouts
	answers buffers
}

// New makes a simulator. It panics when the configuration contradicts itself.
func New(c Config) *Simulator {
	c = c.withDefaults()
	s := &Simulator{config: c, issuer: issuer{life: c.TokenLife, allowance: c.RequestsPerMinute, seed: c.Seed}}
	from, length := c.From.UnixMilli(), max(c.To.UnixMilli()-c.From.UnixMilli(), 1)
	sketches := make([]*sketch, max(c.Conversations, 0))
	for n := range sketches {
		seed := mix(c.Seed, rollConversation, uint64(n))
		d := dice(seed + 1)
		sketches[n] = drawSketch(&c, seed, from+d.below(length))
		if start, hit := overMidnight(&c, sketches[n]); hit {
			sketches[n] = drawSketch(&c, seed, start)
		}
	}
	s.library = newLibrary(sketches)
	live := int(float64(len(sketches)) * max(c.LiveShare, 0))
	for _, k := range sketches[len(sketches)-live:] { // newLibrary has sorted them
		k.end, k.late = never, never
	}
	return s
}

// Queues returns the ids of the queues that conversations are in.
func (s *Simulator) Queues() []string { return slices.Clone(s.config.Queues) }

// RevokeTokens makes every token issued so far answer 401 from now on.
func (s *Simulator) RevokeTokens() { s.issuer.revoke() }

// Requests returns every request so far, in the order of arrival. Of those
// still being answered the Status is 0.
func (s *Simulator) Requests() []Request { return s.journal.entries() }

// TakeRequests returns the requests since it was called last and forgets them, so that
// a simulator can run for days. Attempts are counted anew. How those are answered that
// are still being answered is not told any more.
func (s *Simulator) TakeRequests() []Request { return s.journal.take() }

// Script has f asked about each request before it is answered, in the place
// of any former script; a nil fault means a healthy answer, a nil f that
// nobody is asked. f is called from many goroutines at once.
func (s *Simulator) Script(f func(Request) *Fault) {
	if f == nil {
		s.script.Store(nil)
		return
	}
	s.script.Store(&f)
}

// ServeHTTP answers one request.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{Simulator: s, w: w, r: r}
	switch r.URL.Path {
	case TokenPath:
		x.serveToken()
	case QueryPath:
		x.serveQuery()
	case QueuesPath:
		x.serveQueues()
	default:
		x.seen.Path, x.seen.Time = r.URL.Path, s.now()
		x.place = s.journal.enter(&x.seen)
		x.refuse(&refusal{http.StatusNotFound, "not.found", "The requested resource does not exist."})
	}
}

// now is the time of the simulated organisation.
func (s *Simulator) now() time.Time { return s.config.Now() }

package genesys

import "time"

// State is how a client stands with the API.
type State struct {
	Token       bool          // a token was issued, and neither was it refused since nor has its renewal failed
	PerMinute   float64       // requests a minute that it may send now: its own pace, or less where others use the token
	Waiting     int           // requests in line, the one that is next included, which may wait for a token
	ClosedUntil time.Time     // nothing is sent until then; zero: the budget is open
	Allowed     int           // requests a minute of the token, as the API last said; 0: it has not
	Counted     int           // requests of the token in the API's minute, everybody's, as it last said; 0: not known, or not any more
	Heard       time.Time     // the last answer, whatever it was; zero: there was none
	Ahead       time.Duration // how far the API's clock was ahead of ours by the last that told its time, to the second; negative: behind
	Failing     *Error        // the latest failure of the requests that are repeated and that walks wait for; nil: none are
	FailingFrom time.Time     // since when such are repeated, whatever the first of them failed with; zero: none are
}

// State is how the client stands with the API. It sends nothing and waits for nothing.
func (c *Client) State() State {
	s := State{Token: c.tokens.good()}
	c.budget.state(&s)
	c.clock.state(&s)
	c.incidents.state(&s)
	return s
}

func (b *budget) state(s *State) {
	b.forget()
	s.PerMinute = float64(b.limiter.Limit()) * 60
	b.mu.Lock()
	defer b.mu.Unlock()
	s.Waiting, s.Allowed = b.waiting, b.allowed
	if time.Since(b.told) < time.Minute { // its minute is over then, at the latest
		s.Counted = b.counted
	}
	if time.Now().Before(b.until) {
		s.ClosedUntil = b.until
	}
}

func (c *clock) state(s *State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Heard = c.answered
	if !c.date.IsZero() {
		// A Date has no fraction: on average some half a second was cut off.
		s.Ahead = c.date.Add(499 * time.Millisecond).Sub(c.heard).Round(time.Second)
	}
}

func (i *incidents) state(s *State) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if n := len(i.failing); n > 0 {
		s.Failing, s.FailingFrom = i.failing[n-1], i.since
	}
}

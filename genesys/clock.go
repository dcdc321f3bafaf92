package genesys

import (
	"net/http"
	"sync"
	"time"
)

// clock knows the API's clock from the Date of its answers.
type clock struct {
	tell func(ahead time.Duration) // how far it is ahead of ours, at each answer; may be nil

	mu    sync.Mutex
	date  time.Time // the last Date; zero: none yet
	heard time.Time // when it came
}

// Now is the time on the local clock, or on the API's where that is behind: a
// window must have ended on both. It knows the API's clock from the first answer
// on, to the second.
func (c *Client) Now() time.Time { return c.clock.now(time.Now()) }

func (c *clock) now(local time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.date.IsZero() {
		return local
	}
	// Sub takes the monotonic clock: a local clock that is set forward meanwhile
	// does not move the API's.
	if theirs := c.date.Add(local.Sub(c.heard)); theirs.Before(local) {
		return theirs
	}
	return local
}

func (c *clock) observe(h http.Header) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	now := time.Now()
	c.mu.Lock()
	c.date, c.heard = date, now
	c.mu.Unlock()
	if c.tell != nil {
		c.tell(date.Sub(now))
	}
}

// dated notes the Date of every answer, the token endpoint's included.
type dated struct {
	http.RoundTripper
	clock *clock
}

func (d dated) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := d.RoundTripper.RoundTrip(req)
	if err == nil {
		d.clock.observe(resp.Header)
	}
	return resp, err
}

// CloseIdleConnections is there for [http.Client.CloseIdleConnections].
func (d dated) CloseIdleConnections() {
	(&http.Client{Transport: d.RoundTripper}).CloseIdleConnections()
}

package genesys

import (
	"net/http"
	"sync"
	"time"
)

// clock knows the API's clock from the Date of its answers.
type clock struct {
	tell func(ahead time.Duration) // how far it is ahead of ours, at each answer; may be nil

	mu       sync.Mutex
	answered time.Time // when the last answer came; zero: none did
	date     time.Time // the last Date; zero: none yet
	heard    time.Time // when it came
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
	now := time.Now()
	c.mu.Lock()
	c.answered = now
	if err == nil {
		c.date, c.heard = date, now
	}
	c.mu.Unlock()
	if err == nil && c.tell != nil {
		c.tell(date.Sub(now))
	}
}

// stamps are the times that consumers are told, by which they keep the newest of what they
// have of a conversation. They follow the machine's clock, but where that is set back they
// go on by the monotonic one: what is read later never seems to be older.
type stamps struct {
	mu    sync.Mutex
	began time.Time // whence the monotonic clock is counted
	base  time.Time // the stamp of then, which only grows
}

// next is the time, and what consumers are told of it.
func (s *stamps) next() (now, told time.Time) {
	s.mu.Lock() // so that the order of the stamps is that of the times
	defer s.mu.Unlock()
	now = time.Now()
	return now, s.at(now.Round(0), now.Sub(s.began))
}

// at is the stamp of when the machine's clock says wall, and the monotonic one elapsed.
func (s *stamps) at(wall time.Time, elapsed time.Duration) time.Time {
	if base := wall.Add(-elapsed); base.After(s.base) {
		s.base = base
	}
	return s.base.Add(elapsed)
}

// FetchAfter has every page that is asked for from now on have a later FetchedAt than that.
func (c *Client) FetchAfter(read time.Time) {
	c.stamps.mu.Lock()
	defer c.stamps.mu.Unlock()
	c.stamps.at(read.Round(0).Add(time.Millisecond), time.Since(c.stamps.began))
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

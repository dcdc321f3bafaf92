package main

import (
	"math/rand/v2"
	"sync"
	"time"

	"genesys-producer/genesys/genesystest"
)

// unrest is a time in which the API refuses much of what it is asked.
type unrest struct {
	mu     sync.Mutex
	dice   *rand.Rand
	until  time.Time
	share  float64
	faults []*genesystest.Fault
}

var storms = []struct {
	share  float64
	faults []*genesystest.Fault
}{
	{0.8, []*genesystest.Fault{genesystest.TooManyRequests("1")}},
	{0.5, []*genesystest.Fault{
		genesystest.Status(500, "internal.server.error", "no"), genesystest.Status(503, "service.unavailable", "later"),
		genesystest.EdgeError(502), genesystest.Status(504, "request.timeout", "too slow"),
	}},
	{0.3, []*genesystest.Fault{genesystest.Reset(), genesystest.Truncated(100), genesystest.Stall(200 * time.Millisecond)}},
}

// blow is the script of the simulator.
func (s *unrest) blow(genesystest.Request) *genesystest.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().After(s.until) || s.dice.Float64() >= s.share {
		return nil
	}
	return s.faults[s.dice.IntN(len(s.faults))]
}

// calm ends a storm.
func (s *soak) calm() {
	s.storm.mu.Lock()
	defer s.storm.mu.Unlock()
	s.storm.until = time.Time{}
}

// endure lets a while pass, in which something may go wrong.
func (s *soak) endure(c *child, while time.Duration) {
	s.Helper()
	over := time.After(while)
	switch choice := s.dice.IntN(10); {
	case choice < 4:
		s.storms++
		s.storm.mu.Lock()
		kind := storms[s.dice.IntN(len(storms))]
		s.storm.share, s.storm.faults = kind.share, kind.faults
		s.storm.until = time.Now().Add(while / 2)
		s.storm.mu.Unlock()
	case choice < 6:
		s.revocations++
		s.sim.RevokeTokens()
	case choice < 8 && s.cluster.CanRestart() && s.dice.IntN(s.rarity()) < 4: // a real one's takes seconds
		s.restarts++
		s.underWay++
		s.cluster.Restart(s)
	}
	select {
	case <-over:
	case <-c.ended:
		s.Fatal("it has ended")
	}
}

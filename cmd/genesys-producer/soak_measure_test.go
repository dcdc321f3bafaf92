package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"genesys-producer/producer"
)

var soaked = &report{title: "Soak", heads: []any{"", ""}}

// weighing samples the memory of the program until the function that it returns is
// called, which returns the samples, in MB; none where there is no /proc.
func (s *soak) weighing(c *child) func() []float64 {
	stop, weighed := make(chan struct{}), make(chan []float64)
	go func() {
		ticker := time.NewTicker(500 * time.Millisecond)
		defer ticker.Stop()
		var samples []float64
		for {
			select {
			case <-ticker.C:
				if mb, ok := c.memory(); ok {
					samples = append(samples, mb)
				}
			case <-stop:
				weighed <- samples
				return
			}
		}
	}()
	return func() []float64 { close(stop); return <-weighed }
}

// memory is what of the program is in memory now, in MB.
func (c *child) memory() (mb float64, ok bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.command.Process.Pid))
	if err != nil {
		return 0, false
	}
	_, rest, found := strings.Cut(string(status), "VmRSS:")
	var kb float64
	if _, err := fmt.Sscan(rest, &kb); err != nil || !found {
		return 0, false
	}
	return kb / 1024, true
}

// quit ends the program with SIGQUIT, at which Go prints where each goroutine is, and
// returns how many there were. To its walks it is a kill.
func (s *soak) quit(c *child) int {
	s.Helper()
	c.signal(syscall.SIGQUIT)
	c.mustEnd(2, "SIGQUIT: quit")
	s.kills++
	return len(goroutine.FindAllString(c.stderr.String(), -1))
}

var goroutine = regexp.MustCompile(`(?m)^goroutine [0-9]+ `)

// checkMemory expects it to be flat: of four quarters the first is for warming up.
func (s *soak) checkMemory() {
	s.Helper()
	if len(s.memory) < 20 {
		s.Logf("%d samples of the memory say nothing", len(s.memory))
		return
	}
	second, last := s.quarter(1), s.quarter(3)
	if last > second*1.25+2 {
		s.Errorf("memory grew from %.1f MB to %.1f MB", second, last)
	}
}

// quarter is the median of a quarter of the samples.
func (s *soak) quarter(n int) float64 {
	length := len(s.memory) / 4
	if length == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(s.memory[n*length : (n+1)*length]))[length/2]
}

// checkGoroutines expects as many late in a life as early in others. It depends on the
// moment: each page asked ahead, each connection and each partition has its own.
func (s *soak) checkGoroutines() {
	s.Helper()
	early, late := slices.Max(s.early), slices.Max(s.late)
	if late > 2*early+20 {
		s.Errorf("%d goroutines late, %v early in a life", late, s.early)
	}
}

// summarise makes the table of what it came to.
func (s *soak) summarise() {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.audit.end()
	bound := s.bound()
	for queue, pages := range found.repeated {
		if pages > bound {
			s.Errorf("queue %s: %d pages repeated after %d kills and %d restarts of the broker", queue, pages, s.kills, s.restarts)
		}
	}
	verdicts := map[producer.Verdict]int{}
	for _, a := range attested(s, s.cluster.Read(s, s.attestations()), s.exact()) {
		if _, judged := found.windows[walked{a.Queue, a.Window}]; judged || a.Published+a.DeadLetters > 0 {
			found.checkAttestation(s.world, a, !s.exact())
		}
		verdicts[a.Verdict]++
	}
	for _, row := range [][]any{
		{"seed", s.seed},
		{"broker", s.broker()},
		{"delivery", s.delivery.name},
		{"duration", time.Since(s.began).Round(time.Second)},
		{"generations", s.generations},
		{"killed", s.kills},
		{"told to stop", s.stops},
		{"broker restarts", s.restarts},
		{"storms", s.storms},
		{"tokens revoked", s.revocations},
		{"tokens issued", s.tokens},
		{"requests", fmt.Sprintf("%d, of which %d failed or had nobody left to answer to", s.requests, s.refused)},
		{"windows", s.windows},
		{"conversations", len(s.audit.versions)},
		{"pages", found.pages},
		{"messages", found.messages},
		{"lost", found.lost},
		{"not published again", fmt.Sprintf("%d whose version had been, %d whose later version was", found.unchanged, found.superseded)},
		{"attested", fmt.Sprint(verdicts)},
		{"pages repeated", fmt.Sprintf("%d, at most %d", found.repeats(), bound*len(s.sim.Queues()))},
		{"furthest behind", s.behind.Round(time.Second)},
		{"memory, MB", fmt.Sprintf("%.1f in the second quarter of a life, %.1f in the last", s.quarter(1), s.quarter(3))},
		{"goroutines", fmt.Sprintf("%v early in lives, %v late", s.early, s.late)},
		{"outcome", s.outcome()},
	} {
		soaked.add(row...)
	}
}

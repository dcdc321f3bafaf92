package main

import (
	"os"
	"testing"
	"time"
)

// beside has the test run beside others, if it is on brokers of its own: faults take
// time and no processor.
func beside(t *testing.T) {
	if os.Getenv("KAFKA_BROKERS") == "" {
		t.Parallel()
	}
}

// pause has the API pause at every n-th query, so many times, until it is told to go on.
// Pages that it has given before are published meanwhile.
func (w *world) pause(n, times int) (reached <-chan struct{}, goOn func()) {
	stopped, told := make(chan struct{}), make(chan struct{})
	wait := func(c chan struct{}) {
		select {
		case c <- struct{}{}:
		case <-w.Context().Done():
		}
	}
	w.gate.at(n, false, func() {
		if times--; times > 0 {
			w.gate.left = n // it is held
		}
		wait(stopped)
		wait(told)
	})
	return stopped, func() { <-told }
}

// reach waits until the API pauses.
func (c *child) reach(reached <-chan struct{}) {
	c.Helper()
	select {
	case <-reached:
	case <-c.ended:
		c.Fatal("it has ended before the API paused")
	case <-time.After(patience):
		c.Fatalf("the API has not paused for %v", patience)
	}
}

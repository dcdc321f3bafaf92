package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"genesys-producer/genesys/genesystest"
)

// simulate serves the simulated API alone until ctx ends, for a container beside the
// service's and Kafka's. One line goes to stdout. It can run for months, and a
// start anew changes nothing: the days are those of the seed.
func simulate(ctx context.Context, o options, stdout io.Writer) error {
	listener, err := net.Listen("tcp", o.simulator)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	days := newCalendar(o.seed, time.Now)
	server := &http.Server{Handler: days.api, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Fprintf(stdout, "A simulated Genesys Cloud is up at %s, with the queues %s\n", listener.Addr(), strings.Join(days.api.Queues(), ","))

	hours := time.NewTicker(time.Hour)
	defer hours.Stop()
	for {
		select {
		case <-hours.C:
			days.turn()
		case err := <-ended:
			return fmt.Errorf("simulator: %w", err)
		case <-ctx.Done():
			_ = server.Close() // what is under way, nobody waits for any more
			if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("simulator: %w", err)
			}
			return nil
		}
	}
}

const (
	day    = 24 * time.Hour
	perDay = 8000 // conversations: a hundred an hour of each queue
	// daysKept lets the service make its revisits, the last of them five days after
	// a day has begun.
	daysKept = 7
)

// calendar is a simulator whose days come and go.
type calendar struct {
	api  *genesystest.Simulator
	now  func() time.Time
	next time.Time // the first day that there is nothing of yet
}

func newCalendar(seed uint64, now func() time.Time) *calendar {
	first := now().UTC().Truncate(day).Add(-daysKept * day)
	c := &calendar{now: now, next: first, api: genesystest.New(genesystest.Config{ // with the API's own allowance
		Seed: seed, From: first, To: first.Add(day), Conversations: -1, Now: now,
		Latency: func(genesystest.Request) time.Duration { return 150 * time.Millisecond },
	})}
	c.turn()
	return c
}

// turn adds the days up to tomorrow and drops those that nobody asks for any more, and
// with them what the simulator remembers of requests.
func (c *calendar) turn() {
	today := c.now().UTC().Truncate(day)
	for ; !c.next.After(today.Add(day)); c.next = c.next.Add(day) {
		c.api.Extend(c.next, c.next.Add(day), perDay)
	}
	c.api.Forget(today.Add(-daysKept * day))
	c.api.TakeRequests()
}

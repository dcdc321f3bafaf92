package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// partArgument is the first argument of this program as one of the processes beside
// the service.
const partArgument = "part"

// pageSize is how many conversations a page holds.
const pageSize = 100

// load is what there is to fetch.
type load struct {
	Queues    int
	Pages     int // of each queue, all of them full
	Size      int // mean bytes of a conversation
	Latency   time.Duration
	PerMinute int // requests that are allowed in a minute; 0: any number
}

func (l load) conversations() int { return l.Queues * l.Pages * pageSize }

// order is what a part needs to know, given to it as JSON.
type order struct {
	Load        load
	API         string // base URL
	Brokers     []string
	Topic       string
	Compression string
	Folder      string // of a broker that keeps what it is given; empty: it forgets
}

// runPart runs one part until it is done or killed.
func runPart(ctx context.Context, name, text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return fmt.Errorf("part %s: %w", name, err)
	}
	parts := map[string]func(context.Context, order) error{
		"api": serveAPI, "broker": serveBroker,
		"fetch": fetchAlone, "produce": produceAlone, "plain": plainLoop,
	}
	if parts[name] == nil {
		return fmt.Errorf("there is no part %q", name)
	}
	return parts[name](ctx, o)
}

// ready tells the address at which a part serves, on its standard output.
func ready(address string) { fmt.Fprintln(os.Stdout, address) }

// queueID is the id of the n-th queue, from 0.
func queueID(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", n) }

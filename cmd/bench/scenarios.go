package main

import (
	"fmt"
	"strings"
	"time"
)

// speed compares, codec by codec.
func speed(s *stage) error {
	many := load{Queues: 8, Pages: s.conversations / pageSize / 8, Size: s.size}
	one := load{Queues: 1, Pages: s.conversations / pageSize, Size: s.size}
	for _, codec := range strings.Split(s.codecs, ",") {
		table := newTable(s, fmt.Sprintf("speed, compression %s: %d conversations of %d bytes", codec, many.conversations(), s.size))
		for range s.rounds {
			for _, part := range []struct {
				name, part string
				load       load
			}{
				{fetching, "fetch", many},
				{producing, "produce", many},
				{"service, 8 queues", "", many},
				{producingOne, "produce", one},
				{"service, 1 queue", "", one},
				{"plain loop", "plain", many},
			} {
				if err := table.measure(part.name, part.part, part.load, codec); err != nil {
					return err
				}
			}
		}
		table.print()
		table.ratio("service, 8 queues", fetching, producing)
		table.ratio("service, 1 queue", fetching, producingOne)
	}
	return nil
}

// Rows that others are compared with.
const (
	fetching     = "fetching alone"
	producing    = "producing alone, 8 at once"
	producingOne = "producing alone, 1 at once"
)

// pace uses an allowance of 300 requests a minute, with one queue and a slow API, and
// with eight.
func pace(s *stage) error {
	const perMinute = 300
	pages := int(s.minutes * perMinute)
	table := newTable(s, fmt.Sprintf("pace, %d requests a minute", perMinute))
	for _, part := range []struct {
		name string
		load load
	}{
		{"1 queue, latency 1 s", load{Queues: 1, Pages: pages, Size: s.size, Latency: time.Second, PerMinute: perMinute}},
		{"8 queues, latency 200 ms", load{Queues: 8, Pages: pages / 8, Size: s.size, Latency: 200 * time.Millisecond, PerMinute: perMinute}},
	} {
		r, err := s.run(part.name, "", part.load, "snappy")
		if err != nil {
			return err
		}
		if r.Refused > 0 {
			return fmt.Errorf("%s: %d of %d requests were more than was allowed", part.name, r.Refused, r.Requests)
		}
		table.add(r)
	}
	table.print()
	return nil
}

// memory walks far, and walks large pages.
func memory(s *stage) error {
	table := newTable(s, "memory, compression snappy")
	pages := s.conversations / pageSize
	for range s.rounds {
		for _, part := range []struct {
			name string
			load load
		}{
			{fmt.Sprintf("8 queues, %d pages of 100 x %d bytes", pages, s.size), load{Queues: 8, Pages: pages / 8, Size: s.size}},
			{fmt.Sprintf("1 queue, %d pages of 100 x %d bytes", pages, s.size), load{Queues: 1, Pages: pages, Size: s.size}},
			{"1 queue, 20 pages of 100 x 300 KB", load{Queues: 1, Pages: 20, Size: 300_000}},
			{"8 queues, 24 pages of 100 x 300 KB", load{Queues: 8, Pages: 3, Size: 300_000}},
		} {
			if err := table.measure(part.name, "", part.load, "snappy"); err != nil {
				return err
			}
		}
	}
	table.print()
	table.quarters()
	return nil
}

// queues walks very many queues, whose positions are stored and read for the first time.
func queues(s *stage) error {
	table := newTable(s, "1,000 queues of one page")
	compared := []delivered{deliveries()[0], deliveries()[2]}
	for range s.rounds {
		for _, d := range compared {
			if err := table.measure(d.name, "", load{Queues: 1000, Pages: 1, Size: s.size}, "snappy", d.settings...); err != nil {
				return err
			}
		}
	}
	table.print()
	started := func(r row) float64 { return r.startUp.Seconds() }
	for _, d := range compared {
		limit := ""
		if d.settings == nil {
			limit = " (limit 5)"
		}
		fmt.Fprintf(s.out, "  %s: all are resumed and ready to walk after %.2f s%s, in %.0f MiB (limit 128)\n", d.name, table.median(d.name, started), limit, table.median(d.name, peak))
	}
	return nil
}

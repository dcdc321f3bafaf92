package main

import (
	"fmt"
	"slices"
	"time"
)

// Settings of the service. Rows whose settings have exactlyOnce are counted as a reader
// of what is committed counts.
const (
	exactlyOnce = "KAFKA_DELIVERY=exactly-once"
	kafkaStore  = "CHECKPOINT_STORE=kafka"
)

// deliveries are what is compared. The first is what the service does unless told
// otherwise, the last is compared with the others.
func deliveries() []delivered {
	return []delivered{
		{"at-least-once, files", nil},
		{"at-least-once, Kafka store", []string{kafkaStore}},
		{"exactly-once", []string{kafkaStore, exactlyOnce}},
	}
}

type delivered struct {
	name     string
	settings []string
}

// delivery compares deliveries: where the API's latency is the limit, and where nothing
// but the service is.
func delivery(s *stage) error {
	pages := s.conversations / pageSize
	const latency = 200 * time.Millisecond
	for _, part := range []struct {
		title string
		load  load
	}{
		{"latency 200 ms, 1 queue", load{Queues: 1, Pages: pages / 2, Size: s.size, Latency: latency}},
		{"latency 200 ms, 8 queues", load{Queues: 8, Pages: pages / 16, Size: s.size, Latency: latency}},
		{"no latency, 1 queue", load{Queues: 1, Pages: pages, Size: s.size}},
		{"no latency, 8 queues", load{Queues: 8, Pages: pages / 8, Size: s.size}},
	} {
		table := newTable(s, fmt.Sprintf("delivery, %s, compression snappy: %d pages of 100 x %d bytes", part.title, part.load.Queues*part.load.Pages, s.size))
		for round := range s.rounds {
			all := deliveries()
			for n := range all {
				d := all[(round+n)%len(all)] // none is always the one that follows the same
				if err := table.measure(d.name, "", part.load, "snappy", d.settings...); err != nil {
					return err
				}
			}
		}
		table.print()
		table.deliveries(part.load.Latency > 0)
	}
	return nil
}

// deliveries compares the last delivery with each, round by round, from when the service
// walks: what it does once at its start is in the seconds of the table.
func (t *table) deliveries(judged bool) {
	all := deliveries()
	last := all[len(all)-1].name
	for _, d := range all {
		fmt.Fprintf(t.out, "  %s: ready to walk after %.2f s, then %.2f ms a page\n", d.name,
			t.median(d.name, func(r row) float64 { return r.startUp.Seconds() }), t.median(d.name, perPage))
	}
	for _, d := range all[:len(all)-1] {
		var rates, added []float64
		for i, r := range t.rows[d.name] {
			rates = append(rates, perPage(r)/perPage(t.rows[last][i]))
			added = append(added, perPage(t.rows[last][i])-perPage(r))
		}
		slices.Sort(rates)
		slices.Sort(added)
		limit := ""
		if judged {
			limit = ", at least 0.95"
		}
		fmt.Fprintf(t.out, "  %s, against %s: %.3f of the rate (%.3f to %.3f%s), %.2f ms a page more (%.2f to %.2f)\n", last, d.name,
			rates[len(rates)/2], rates[0], rates[len(rates)-1], limit, added[len(added)/2], added[0], added[len(added)-1])
	}
}

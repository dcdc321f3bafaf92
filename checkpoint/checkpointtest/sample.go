package checkpointtest

import (
	"time"

	"genesys-producer/checkpoint"
)

// Sample returns a valid position for key: page 7 of the first walk of the
// first hour of 1 March 2026, every field that may be set being set.
func Sample(key checkpoint.Key) checkpoint.Position {
	from := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	return checkpoint.Position{
		Query: checkpoint.Query{
			Dialect: "conversations", API: "api.mypurecloud.com", Queue: key.Queue,
			From: from, To: from.Add(time.Hour),
			Order: "asc", Filters: "direction=inbound", PageSize: 100,
		},
		Destination: checkpoint.Destination{Cluster: "cluster-1", Topic: "genesys.conversations"},
		Start:       "24h",
		Page:        7,
		Read:        700,
	}
}

// Walk returns valid positions for key in ascending order, such as a lane
// goes through: pages, ends of walks, later passes (one over a window halved
// at its end), later windows.
func Walk(key checkpoint.Key) []checkpoint.Position {
	var walk []checkpoint.Position
	p := Sample(key)
	length := p.Query.To.Sub(p.Query.From)
	add := func(page, read int, closed bool) {
		p.Page, p.Read, p.Closed = page, read, closed
		walk = append(walk, p)
	}
	add(0, 0, false)
	add(1, 100, false)
	p.Pass, p.Query.To = 1, p.Query.To.Add(-length/2)
	add(0, 0, false)
	add(1, 100, false)
	add(2, 130, false)
	add(2, 130, true)
	p.Pass = 2
	add(0, 0, false)
	add(10, 999, true)
	p.Pass, p.Query.From, p.Query.To = 0, p.Query.To, p.Query.From.Add(length)
	add(0, 0, false)
	add(0, 0, true)
	p.Query.From, p.Query.To, p.Query.PageSize = p.Query.To, p.Query.To.Add(time.Millisecond), 50
	add(1, 50, false)
	return walk
}

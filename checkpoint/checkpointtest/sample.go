package checkpointtest

import (
	"time"

	"genesys-producer/checkpoint"
)

// Sample returns a valid position for key: page 7 of the first walk of the
// first hour of 1 March 2026. Every field is set that such a position has.
func Sample(key checkpoint.Key) checkpoint.Position {
	from := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	at := from.Add(2 * time.Hour)
	return checkpoint.Position{
		Query: checkpoint.Query{
			Dialect: "conversations", API: "api.mypurecloud.com", Queue: key.Queue,
			Since: from.Add(-time.Hour), From: from, To: from.Add(time.Hour),
			Order: "asc", Filters: "direction=inbound", PageSize: 100,
		},
		Destination: checkpoint.Destination{Cluster: "cluster-1", Topic: "genesys.conversations"},
		Start:       "24h",
		Page:        7,
		Read:        700,
		Account: checkpoint.Account{
			Totals: checkpoint.Totals{First: 1234, Last: 1236, Moved: true},
			Before: 200_000, Distinct: 690, Repeated: 10, News: 655, FirstAt: 1_772_330_000_000, Pages: 7, Published: 640, Superseded: 15, Letters: 1, Outside: 3,
			Rows: 100, Print: "9a0364b9e99bb480", ReadAt: int(at.UnixMilli()), Begin: "0:4100,1:4200",
		},
		Ledgers: [2]checkpoint.Mark{
			{Day: checkpoint.DayOf(from), Length: 14520, Sum: "6d0f846348a85632"},
			{Day: checkpoint.DayOf(from.AddDate(0, 0, -1)), Length: 182, Sum: "54d626e08c1c802b"},
		},
		Agenda: "2026-02-28",
	}
}

// Walk returns valid positions for key in ascending order, such as a lane
// goes through: pages, ends of walks, later passes (one over a window halved
// at its end), later windows, and at last another turn from an earlier window.
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
	p.Last = true
	add(2, 130, false)
	p.Ended, p.Account.Final = true, checkpoint.Final{
		Verdict: "complete", Why: "two looks found the same", Found: 130, Unchanged: 4, Open: 2,
		Digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", End: "0:4160,1:4270",
	}
	add(2, 130, false)
	add(2, 130, true)
	p.Last, p.Ended, p.Account = false, false, checkpoint.Account{Looks: 1, Totals: checkpoint.Totals{First: -1, Last: -1}, Truncated: true}
	p.Pass = 2
	add(0, 0, false)
	add(10, 999, true)
	p.Pass, p.Query.Since, p.Query.From, p.Query.To = 0, p.Query.To, p.Query.To, p.Query.From.Add(length)
	add(0, 0, false)
	add(0, 0, true)
	p.Query.From, p.Query.To, p.Query.PageSize = p.Query.To, p.Query.To.Add(time.Millisecond), 50
	add(1, 50, false)
	p.Turn, p.Query, p.Ledgers = 1, Sample(key).Query, [2]checkpoint.Mark{}
	add(0, 0, false)
	add(1, 100, false)
	return walk
}

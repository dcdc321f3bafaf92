package main

import (
	"time"

	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
)

// settle is how far behind now a window ends, and how long before it the interval begins
// that is asked for: the service's default.
const settle = 5 * time.Minute

// organisation is what the simulator makes up: conversations that began within
// the windows that are walked.
func (d demo) organisation() genesystest.Config {
	to := time.Now().UTC().Add(-settle - time.Minute).Truncate(time.Hour)
	return genesystest.Config{
		Seed: d.seed, Conversations: d.conversations,
		From: to.Add(-time.Duration(d.hours) * time.Hour), To: to,
		RequestsPerMinute: d.requestsPerMinute,
		Latency: func(r genesystest.Request) time.Duration {
			return d.latency + d.latency*time.Duration(r.Page*37%50)/100
		},
	}
}

// window is a half-open interval of time.
type window struct{ from, to time.Time }

// String is the window as headers and attestations have it.
func (w window) String() string { return genesys.Query{From: w.from, To: w.to}.Interval() }

// windows are those that the service walks, in order: hours, or what is to be walked of a
// day that is over.
func (d demo) windows(from time.Time) (all []window) {
	for to := from.Add(time.Duration(d.hours) * time.Hour); from.Before(to); from = all[len(all)-1].to {
		end := from.Add(time.Hour)
		if midnight := from.Truncate(24 * time.Hour).Add(24 * time.Hour); !midnight.After(to) {
			end = midnight
		}
		all = append(all, window{from, end})
	}
	return all
}

// truth is what the API has in the windows that are walked, as it was before the
// walk. Conversations come to be found in more windows and queues while time
// passes, never in fewer: so what is in here, the walk must meet.
type truth struct {
	queues  []string
	windows []window
	rows    map[string][]int  // of each queue's windows, in order
	size    int               // of a page
	hashes  map[string]digest // of each conversation's bytes, by id
}

func lookUp(api *genesystest.Simulator, windows []window, pageSize int) truth {
	t := truth{queues: api.Queues(), windows: windows, rows: map[string][]int{}, size: pageSize, hashes: map[string]digest{}}
	for _, queue := range t.queues {
		for _, w := range windows {
			ids := api.IDs(queue, w.from.Add(-settle), w.to)
			t.rows[queue] = append(t.rows[queue], len(ids))
			for _, id := range ids {
				if _, known := t.hashes[id]; !known {
					t.hashes[id] = bytesOf(api, id)
				}
			}
		}
	}
	return t
}

// sinceUnchanged is, for each conversation, the hash of its bytes, or the zero
// hash if it has changed since it was looked up, as a live one may.
func (t truth) sinceUnchanged(api *genesystest.Simulator) map[string]digest {
	hashes := make(map[string]digest, len(t.hashes))
	for id, before := range t.hashes {
		hashes[id] = digest{}
		if bytesOf(api, id) == before {
			hashes[id] = before
		}
	}
	return hashes
}

func bytesOf(api *genesystest.Simulator, id string) digest {
	conversation, _ := api.Conversation(id)
	return digestOf(conversation.JSON)
}

// pagesOf is how many pages a queue's walk takes. A full page is followed by one
// more, because totals are approximate: the last page of a window is never full.
func (t truth) pagesOf(queue string) (pages int) {
	for _, rows := range t.rows[queue] {
		pages += rows/t.size + 1
	}
	return pages
}

func (t truth) pages() (pages int) {
	for _, queue := range t.queues {
		pages += t.pagesOf(queue)
	}
	return pages
}

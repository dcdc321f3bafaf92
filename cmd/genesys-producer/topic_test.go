package main

import (
	"slices"
	"time"
)

// checkTopic holds the topic against an API that does not change: every conversation
// is there under its key, in its bytes, with its headers, and nothing else is; but for
// those that the API leaves out under a fault.
func (w *world) checkTopic() findings {
	w.Helper()
	type known struct {
		walked
		id  string
		sum digest
	}
	wanted, ids := map[known]bool{}, map[walked][]string{}
	for _, queue := range w.sim.Queues() {
		for at := from; at.Before(to); at = at.Add(time.Hour) {
			window := walkedWindow(queue, at, time.Hour)
			for _, c := range w.sim.Conversations(queue, at, at.Add(time.Hour)) {
				wanted[known{window, c.ID, digestOf(c.JSON)}] = true
				if !w.left[c.ID] {
					ids[window] = append(ids[window], c.ID)
				}
			}
		}
	}
	if len(ids) == 0 {
		w.Error("the API has no conversations")
	}
	audit := newAudit(w.T, func(window walked, v reading) bool {
		return wanted[known{window, v.id, v.sum}] && (w.scribe == nil || w.scribe.has(window, v))
	})
	for _, m := range slices.Concat(w.gone, w.cluster.Read(w, w.topic)) {
		audit.see(m)
	}
	for id := range w.left {
		if _, there := audit.partitions[id]; !there {
			audit.found.left++
		}
	}
	for window, ids := range ids {
		audit.judge(window, expected{ids: ids, closed: time.Now(), answered: func(string) bool { return true }})
	}
	return audit.end()
}

// checkNoRepeats expects each page once.
func (w *world) checkNoRepeats() {
	w.Helper()
	if repeated := w.checkTopic().repeated; len(repeated) > 0 {
		w.Errorf("pages repeated, by queue: %v", repeated)
	}
}

package main

import (
	"encoding/hex"
	"slices"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/kafkatest"
)

// checkTopic holds the topic against an API that does not change: every conversation
// is there under its key, in its bytes, with its headers, or on the dead-letter topic,
// and nothing else is; but for those that the API leaves out under a fault.
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
				key := w.keyOf(c)
				wanted[known{window, key, digestOf(c.JSON)}] = true
				if !w.left[c.ID] {
					ids[window] = append(ids[window], key)
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
	audit.disordered = w.disordered
	for _, m := range w.read(w.topic) {
		audit.see(m)
	}
	for _, m := range w.read(w.deadLetters()) {
		audit.bury(m)
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

// read is what is on a topic, and was before it was deleted.
func (w *world) read(topic string) []kafkatest.Message {
	w.Helper()
	return slices.Concat(w.gone[topic], w.cluster.Read(w, topic))
}

// deadLetters is the topic of the dead letters.
func (w *world) deadLetters() string { return w.topic + ".dead-letter" }

// keyOf is the key of a conversation on a topic: where its record has no id that could
// be one, the hash of the record.
func (w *world) keyOf(c genesystest.Conversation) string {
	if sum := digestOf(c.JSON); w.nameless[c.ID] {
		return hex.EncodeToString(sum[:])
	}
	return c.ID
}

// checkNoRepeats expects each page once.
func (w *world) checkNoRepeats() {
	w.Helper()
	if repeated := w.checkTopic().repeated; len(repeated) > 0 {
		w.Errorf("pages repeated, by queue: %v", repeated)
	}
}

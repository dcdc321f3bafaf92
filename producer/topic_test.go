package producer_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"genesys-producer/producer/kafkatest"
)

// checkNothingMissing holds the topic against the API: every conversation of every
// queue is there, in its bytes, under its key. One that is not there for its own queue
// must be there for another, and be counted as superseded.
func (w *world) checkNothingMissing(messages []kafkatest.Message) {
	w.Helper()
	type place struct{ queue, id, bytes string }
	there, anywhere := map[place]bool{}, map[place]bool{}
	for _, m := range messages {
		anywhere[place{"", m.Key, string(m.Value)}] = true
		there[place{m.Headers["queue-id"], m.Key, string(m.Value)}] = true
		sum := sha256.Sum256(m.Value)
		if m.Headers["content-hash"] != hex.EncodeToString(sum[:8]) {
			w.Errorf("message %s: content-hash %s is not of its bytes", m.Key, m.Headers["content-hash"])
		}
	}
	found, elsewhere := map[place]bool{}, 0
	for _, queue := range w.sim.Queues() {
		for _, c := range w.sim.Conversations(queue, w.windows.From, w.windows.To) {
			found[place{queue, c.ID, string(c.JSON)}] = true
			switch {
			case there[place{queue, c.ID, string(c.JSON)}]:
			case anywhere[place{"", c.ID, string(c.JSON)}]:
				elsewhere++
			default:
				w.Errorf("missing or changed: conversation %s of queue %s", c.ID, queue)
			}
		}
	}
	if len(found) == 0 {
		w.Error("the API has nothing")
	}
	if superseded := w.log.Count("page completed") - w.log.Count("page completed", "superseded=0"); elsewhere > 0 && superseded == 0 {
		w.Errorf("%d conversations are there for another queue only, and no page says that it had superseded ones", elsewhere)
	}
}

// repeats counts, for each queue, the messages that came more than once under the
// same queue, window, pass and content, and lists the pages that they are of.
func repeats(messages []kafkatest.Message) (count map[string]int, pages map[string][]string) {
	count, pages = map[string]int{}, map[string][]string{}
	seen := map[[5]string]bool{}
	for _, m := range messages {
		h := m.Headers
		version := [5]string{h["queue-id"], h["window"], h["pass"], m.Key, h["content-hash"]}
		if seen[version] {
			count[h["queue-id"]]++
			if page := h["window"] + " page " + h["page"]; !slices.Contains(pages[h["queue-id"]], page) {
				pages[h["queue-id"]] = append(pages[h["queue-id"]], page)
			}
		}
		seen[version] = true
	}
	return count, pages
}

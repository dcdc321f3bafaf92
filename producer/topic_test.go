package producer_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/producer/kafkatest"
)

// windowsOf lists the windows from the beginning to the end of the run.
func (w *world) windowsOf() (windows [][2]time.Time) {
	for at := w.windows.From; at.Before(w.windows.To); at = at.Add(w.windows.Length) {
		windows = append(windows, [2]time.Time{at, at.Add(w.windows.Length)})
	}
	return windows
}

// checkNothingMissing holds the topic against the API: every conversation of every
// queue and window is there, in its bytes, under its key. One that is not there for
// its own queue and window must be there for another, and be counted as superseded.
func (w *world) checkNothingMissing(messages []kafkatest.Message) {
	w.Helper()
	type place struct{ queue, window, id, bytes string }
	there, anywhere := map[place]bool{}, map[place]bool{}
	for _, m := range messages {
		anywhere[place{id: m.Key, bytes: string(m.Value)}] = true
		there[place{m.Headers["queue-id"], m.Headers["window"], m.Key, string(m.Value)}] = true
		sum := sha256.Sum256(m.Value)
		if m.Headers["content-hash"] != hex.EncodeToString(sum[:8]) {
			w.Errorf("message %s: content-hash %s is not of its bytes", m.Key, m.Headers["content-hash"])
		}
	}
	want, elsewhere := 0, 0
	for _, queue := range w.sim.Queues() {
		for _, window := range w.windowsOf() {
			for _, c := range w.sim.Conversations(queue, window[0], window[1]) {
				want++
				interval := genesys.Query{From: window[0], To: window[1]}.Interval()
				switch {
				case there[place{queue, interval, c.ID, string(c.JSON)}]:
				case anywhere[place{id: c.ID, bytes: string(c.JSON)}]:
					elsewhere++
				default:
					w.Errorf("missing or changed: conversation %s of queue %s in %s", c.ID, queue, interval)
				}
			}
		}
	}
	if want == 0 || len(there)+elsewhere != want {
		w.Errorf("the topic has %d conversations by queue and window, and %d are there for another, the API has %d", len(there), elsewhere, want)
	}
	if superseded := w.log.count("page completed") - w.log.count("page completed", "superseded=0"); elsewhere > 0 && superseded == 0 {
		w.Errorf("%d conversations are there for another queue or window only, and no page says that it had superseded ones", elsewhere)
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

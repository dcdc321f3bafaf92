package main

import (
	"encoding/hex"
	"maps"
	"slices"
	"strings"
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
	wanted, windows := map[known]bool{}, map[walked]expected{}
	enter := func(window walked, since, to time.Time) expected {
		e := expected{closed: time.Now(), answers: map[string]map[digest]bool{}}
		for _, c := range w.sim.Conversations(window.queue, since, to) {
			key, sum := w.keyOf(c), digestOf(c.JSON)
			wanted[known{window, key, sum}] = true
			e.answers[key] = map[digest]bool{sum: true}
			if !w.left[c.ID] {
				e.ids = append(e.ids, key)
			}
		}
		return e
	}
	for window, cut := range w.cut() {
		windows[window] = enter(window, cut[0], cut[1])
	}
	if len(wanted) == 0 {
		w.Error("the API has no conversations")
	}
	audit := newAudit(w.T, func(window walked, v reading) bool {
		if _, there := windows[window]; !there && w.halved { // one that was too long
			from, to := interval(window.window)
			enter(window, w.before(from, to), to)
		}
		return wanted[known{window, v.id, v.sum}] && (w.scribe == nil || w.scribe.has(window, v))
	})
	audit.disordered, audit.several, audit.inHand = w.disordered, w.several, !w.exact()
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
	for _, window := range slices.SortedFunc(maps.Keys(windows), func(a, b walked) int { return strings.Compare(a.window, b.window) }) {
		audit.judge(window, windows[window])
	}
	found := audit.end()
	if !w.several {
		found.verdicts = w.checkAttestations(found, windows)
	}
	return found
}

// read is what is on a topic, and was before it was deleted.
func (w *world) read(topic string) []kafkatest.Message {
	w.Helper()
	return slices.Concat(w.gone[topic], w.cluster.Read(w, topic))
}

// windows is how many each queue has.
func (w *world) windows() int { return int(w.to.Sub(w.from) / w.length) }

// begin is where the n-th window begins, and since where the interval does that is asked
// for.
func (w *world) begin(n int) time.Time { return w.from.Add(time.Duration(n) * w.length) }
func (w *world) since(n int) time.Time { return w.before(w.begin(n), w.begin(n+1)) }
func (w *world) before(from, to time.Time) time.Time {
	return from.Add(-min(w.settle, to.Sub(from)))
}

// window names the n-th window of a queue, and says which interval is asked for.
func (w *world) window(queue string, n int) (window walked, since, to time.Time) {
	return walkedWindow(queue, w.begin(n), w.length), w.since(n), w.begin(n + 1)
}

// cut are the windows, and which interval is asked for. Where too long ones were cut, that
// is as it is attested: they must follow each other.
func (w *world) cut() map[walked][2]time.Time {
	w.Helper()
	all := map[walked][2]time.Time{}
	if !w.halved {
		for _, queue := range w.sim.Queues() {
			for n := range w.windows() {
				window, since, to := w.window(queue, n)
				all[window] = [2]time.Time{since, to}
			}
		}
		return all
	}
	ends := map[string]time.Time{}
	attested := slices.Collect(maps.Keys(attested(w, w.read(w.attestations()), w.exact())))
	slices.SortFunc(attested, func(a, b walked) int { return strings.Compare(a.window, b.window) })
	for _, window := range attested {
		from, to := interval(window.window)
		if before, ok := ends[window.queue]; ok && !before.Equal(from) || !ok && !from.Equal(w.from) {
			w.Errorf("queue %s: window %s does not follow the one before", window.queue, window.window)
		}
		ends[window.queue] = to
		all[window] = [2]time.Time{w.before(from, to), to}
	}
	for _, queue := range w.sim.Queues() {
		if !ends[queue].Equal(w.to) {
			w.Errorf("queue %s: the last window ends at %v", queue, ends[queue])
		}
	}
	if len(all) == w.windows()*len(w.sim.Queues()) {
		w.Error("no window was cut")
	}
	return all
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

// mustHaveGoneOn expects that no window was begun anew: where nothing slides, a walk goes on
// after the last completed page.
func (f findings) mustHaveGoneOn(w *world) {
	w.Helper()
	if f.late > 0 || f.elsewhere > 0 {
		w.Errorf("%d messages are of a second pass, %d versions were published again with another page", f.late, f.elsewhere)
	}
}

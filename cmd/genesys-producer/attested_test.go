package main

import (
	"bytes"
	"encoding/json"

	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// attestations is the topic of what is said of windows at their end.
func (w *world) attestations() string { return w.topic + ".windows" }

// attested reads the attestations of live windows. One that is there twice, as after a
// kill, says the same.
func attested(t interface {
	Helper()
	Errorf(format string, args ...any)
}, messages []kafkatest.Message, exact bool) map[walked]producer.Attestation {
	t.Helper()
	all, texts := map[walked]producer.Attestation{}, map[walked][]byte{}
	for _, m := range messages {
		var a producer.Attestation
		if err := json.Unmarshal(m.Value, &a); err != nil || m.Key != a.Queue+"/"+a.Window {
			t.Errorf("attestation %s (%v): %s", m.Key, err, m.Value)
			continue
		}
		if a.Lane != "live" {
			continue
		}
		window := walked{a.Queue, a.Window}
		if before, again := texts[window]; again && (exact || !bytes.Equal(before, m.Value)) {
			t.Errorf("attested twice:\n%s\n%s", before, m.Value)
		}
		all[window], texts[window] = a, m.Value
	}
	return all
}

// checkAttestations expects that every window is attested, with what the topic has of it.
func (w *world) checkAttestations(found findings, windows map[walked]expected) map[producer.Verdict]int {
	w.Helper()
	verdicts := map[producer.Verdict]int{}
	all := attested(w, w.read(w.attestations()), w.exact())
	for window, e := range windows {
		a, there := all[window]
		if !there {
			w.Errorf("window %s of queue %s is not attested", window.window, window.queue)
			continue
		}
		found.checkAttestation(w, a, !w.exact())
		verdicts[a.Verdict]++
		if len(w.left) == 0 && a.Distinct != len(e.ids) {
			w.Errorf("window %s of queue %s has %d conversations, attested are %d", window.window, window.queue, len(e.ids), a.Distinct)
		}
		delete(all, window)
	}
	for window := range all {
		w.Errorf("attested is window %s of queue %s, which nobody was to walk", window.window, window.queue)
	}
	return verdicts
}

// checkAttestation expects what the topics have of a window, or less: a page in hand may
// have had versions that were not there any more when it was asked for again, or superseded.
func (f findings) checkAttestation(w *world, a producer.Attestation, orLess bool) {
	w.Helper()
	got, want := f.windows[walked{a.Queue, a.Window}], written{a.Published, a.DeadLetters}
	less := orLess && got.messages > want.messages && got.letters >= want.letters
	if got != want && !less {
		w.Errorf("window %s of queue %s has brought %d messages and %d dead letters, attested are %d and %d",
			a.Window, a.Queue, got.messages, got.letters, a.Published, a.DeadLetters)
	}
}

package producer_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// newYear is when a bubble's clock starts: the tests of revisits live through days from
// then on.
var newYear = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

const oneDay = 24 * time.Hour

// inDays runs a test in a world whose conversations begin on the first day, unless it says
// otherwise, walked live by the hour. The test says how long it lives through, up to 40 days.
func inDays(t *testing.T, config genesystest.Config, test func(*world)) {
	t.Helper()
	if config.From.IsZero() {
		config.From, config.To = newYear, newYear.Add(oneDay)
	}
	inWorld(t, config, func(w *world) {
		w.ctx = w.T.Context()
		w.windows = producer.Windows{From: newYear, Start: "begin", Length: time.Hour, Settle: 5 * time.Minute}
		w.remembered = oneDay
		w.keepForEver()
		test(w)
	})
}

// runUntil runs a continuous service until an instant.
func (w *world) runUntil(at time.Time) {
	w.Helper()
	if err := w.runFor(time.Until(at)); err != nil {
		w.Fatalf("run: %v", err)
	}
}

// attested are the attestations so far, in order, also those that are repeated.
func (w *world) attested() (all []producer.Attestation) {
	w.Helper()
	for _, m := range w.cluster.Read(w, w.attestations) {
		var a producer.Attestation
		if err := json.Unmarshal(m.Value, &a); err != nil {
			w.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}

// visits are those of the attestations that are of revisits.
func visits(all []producer.Attestation) []producer.Attestation {
	return slices.DeleteFunc(slices.Clone(all), func(a producer.Attestation) bool { return a.Lane != checkpoint.Revisit })
}

// inWindow are the messages of an attested window, wherever they lie.
func inWindow(messages []kafkatest.Message, a producer.Attestation) (its []kafkatest.Message) {
	for _, m := range messages {
		if m.Headers["queue-id"] == a.Queue && m.Headers["window"] == a.Window {
			its = append(its, m)
		}
	}
	return its
}

// ofDay reports whether a request asks for the first day as a whole, as revisits do.
func ofDay(r genesystest.Request) bool {
	return !r.Token && r.From.Equal(newYear) && r.To.Equal(newYear.Add(oneDay-time.Millisecond))
}

// checkNothingIsSaidTwice: for one queue, no version follows itself.
func (w *world) checkNothingIsSaidTwice(messages []kafkatest.Message) {
	w.Helper()
	last := map[[2]string]string{}
	for _, m := range messages { // of one key, in order
		place := [2]string{m.Headers["queue-id"], m.Key}
		if last[place] == string(m.Value) {
			w.Errorf("conversation %s of queue %s, window %s page %s: the version was published before", m.Key, place[0], m.Headers["window"], m.Headers["page"])
		}
		last[place] = string(m.Value)
	}
}

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// attested is what the service itself has said of its windows, held against the topic.
type attested struct {
	expected int // windows, of all queues
	complete int // no sign that anything was missed
	stable   int // signs that have come to nothing
	wrong    []string
}

// hold reports whether all windows are attested, with the counts that the topic has.
func (a attested) hold() bool {
	return a.expected > 0 && a.complete+a.stable == a.expected && len(a.wrong) == 0
}

func (a attested) note() string {
	switch {
	case len(a.wrong) > 0:
		return fmt.Sprintf("of %d; %d not as in the topic", a.expected, len(a.wrong))
	case a.stable > 0:
		return fmt.Sprintf("of %d, %d stable; counts agree", a.expected, a.stable)
	}
	return fmt.Sprintf("of %d; counts agree with the topic", a.expected)
}

// named is a window of a queue, as headers and attestations name it.
type named struct{ queue, window string }

func (n named) String() string { return short(n.queue) + " " + hours(n.window) }

// attest holds attestations against the messages of the windows. A version that was on a
// page in hand when the service was killed may be in the topic and in no account: so many
// more than attested the window of a queue may have.
func (t truth) attest(attestations, messages []kafkatest.Message, more int) attested {
	a := attested{expected: len(t.queues) * len(t.windows)}
	versions := map[named]map[sighting]bool{}
	for _, m := range messages {
		window := named{m.Headers["queue-id"], m.Headers["window"]}
		if versions[window] == nil {
			versions[window] = map[sighting]bool{}
		}
		versions[window][sighting{window.queue, m.Key, digestOf(m.Value)}] = true
	}
	last := map[named]producer.Attestation{} // one that comes again says the same
	for _, m := range attestations {
		var said producer.Attestation
		if err := json.Unmarshal(m.Value, &said); err == nil {
			last[named{said.Queue, said.Window}] = said
		}
	}
	for _, queue := range t.queues {
		for _, w := range t.windows {
			window := named{queue, w.String()}
			said, there := last[window]
			delete(last, window)
			extra := len(versions[window]) - said.Published
			switch {
			case !there || extra < 0 || extra > more:
				a.wrong = append(a.wrong, window.String())
			case said.Verdict == producer.Complete:
				a.complete++
			case said.Verdict == producer.Stable:
				a.stable++
			}
		}
	}
	for _, window := range slices.SortedFunc(maps.Keys(last), func(a, b named) int { return cmp.Compare(a.window, b.window) }) {
		a.wrong = append(a.wrong, window.String()) // of which nobody knows
	}
	return a
}

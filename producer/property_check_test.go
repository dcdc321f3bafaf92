package producer_test

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// tally counts what was shown, so that a check that checks nothing is noticed.
type tally struct {
	Histories, Kills, Messages, Repeated, Conversations, Late int
	Windows, Visits, Complete, Stable, Unstable, Truncated    int
	Unchanged, LeftOpen, Outside, MoreLooks, Beyond           int
	Sagas, Readings, Daily, CaughtUp                          int
}

func (t tally) add(u tally) tally {
	return tally{t.Histories + u.Histories, t.Kills + u.Kills, t.Messages + u.Messages, t.Repeated + u.Repeated, t.Conversations + u.Conversations, t.Late + u.Late,
		t.Windows + u.Windows, t.Visits + u.Visits, t.Complete + u.Complete, t.Stable + u.Stable, t.Unstable + u.Unstable, t.Truncated + u.Truncated,
		t.Unchanged + u.Unchanged, t.LeftOpen + u.LeftOpen, t.Outside + u.Outside, t.MoreLooks + u.MoreLooks, t.Beyond + u.Beyond,
		t.Sagas + u.Sagas, t.Readings + u.Readings, t.Daily + u.Daily, t.CaughtUp + u.CaughtUp}
}

// check holds the topics against the API and against each other.
func (h *history) check() tally {
	messages := h.cluster.Read(h, h.topic)
	slices.SortStableFunc(messages, func(a, b kafkatest.Message) int { return cmp.Compare(a.Time.UnixNano(), b.Time.UnixNano()) })
	t := tally{Histories: 1, Kills: h.kills, Messages: len(messages)}
	h.checkOrder(messages, &t)
	windows := h.readAttestations(&t)
	h.checkCoverage(windows)
	h.checkCounts(windows, messages)
	h.checkLastStates(windows, messages, &t)
	if h.mostResults == 0 { // days that are cut are read in parts
		t.Readings = h.checkVisits(windows, h.begin, h.up, h.last)
	}
	h.saga.count(h, windows, &t)
	return t
}

// checkOrder: of one key no older version comes after a newer one, and nothing comes twice
// for one queue with the same content, but for the pages that a killed process had in hand.
func (h *history) checkOrder(messages []kafkatest.Message, t *tally) {
	fetched, content := map[string]string{}, map[[2]string]string{}
	for _, m := range messages {
		at := m.Headers["fetched-at"]
		if at < fetched[m.Key] {
			h.Errorf("conversation %s: a version fetched at %s comes after one of %s", m.Key, at, fetched[m.Key])
		}
		fetched[m.Key] = at
		place := [2]string{m.Headers["queue-id"], m.Key}
		if hash := m.Headers["content-hash"]; content[place] == hash {
			t.Repeated++
		} else {
			content[place] = hash
		}
	}
	if most := h.kills * h.pageSize * len(h.sim.Queues()); h.exactly && t.Repeated > 0 || t.Repeated > most {
		h.Errorf("%d messages say nothing new, after %d kills", t.Repeated, h.kills)
	}
}

// readAttestations reads the attestations, each once: a repeated one is the same.
func (h *history) readAttestations(t *tally) (windows []producer.Attestation) {
	type turn struct {
		key  string
		lane checkpoint.Lane
		turn int
	}
	seen := map[turn]string{}
	for _, m := range h.cluster.Read(h, h.attestations) {
		var a producer.Attestation
		if err := json.Unmarshal(m.Value, &a); err != nil {
			h.Fatal(err)
		}
		if m.Key != a.Queue+"/"+a.Window {
			h.Errorf("attestation of %s %s has the key %s", a.Queue, a.Window, m.Key)
		}
		this := turn{m.Key, a.Lane, a.Turn}
		if was, ok := seen[this]; ok {
			if was != string(m.Value) {
				h.Errorf("window %v is attested twice, as %s and as %s", this, was, m.Value)
			}
			continue
		}
		seen[this] = string(m.Value)
		windows = append(windows, a)
		t.count(a)
	}
	return windows
}

func (t *tally) count(a producer.Attestation) {
	if a.Lane == checkpoint.Revisit {
		t.Visits++
	} else {
		t.Windows++
	}
	switch a.Verdict {
	case producer.Complete:
		t.Complete++
	case producer.Stable:
		t.Stable++
	case producer.Unstable:
		t.Unstable++
	case producer.Truncated:
		t.Truncated++
	}
	t.Unchanged += a.Unchanged
	t.LeftOpen += a.LeftOpen
	t.Outside += a.Outside
	if a.Looks > 1 {
		t.MoreLooks++
	}
}

func interval(a producer.Attestation) (from, to time.Time) {
	first, last, _ := strings.Cut(a.Window, "/")
	from, _ = time.Parse(time.RFC3339, first)
	to, _ = time.Parse(time.RFC3339, last)
	return from, to
}

// checkCoverage: the live windows of each queue follow one another without a gap, from the
// beginning to what had settled at the end.
func (h *history) checkCoverage(windows []producer.Attestation) {
	for _, queue := range h.sim.Queues() {
		var all [][2]time.Time
		for _, a := range windows {
			if from, to := interval(a); a.Queue == queue && a.Lane == checkpoint.Live {
				all = append(all, [2]time.Time{from, to})
			}
		}
		slices.SortFunc(all, func(a, b [2]time.Time) int { return a[0].Compare(b[0]) })
		at := h.begin
		for _, window := range all {
			if !window[0].Equal(at) {
				h.Fatalf("queue %s: a window begins at %v, the one before ended at %v", queue, window[0], at)
			}
			at = window[1]
		}
		if settled := h.last.Add(-h.windows.Settle - h.windows.Length - time.Hour); at.Before(settled) {
			h.Errorf("queue %s: the last window that is attested ends at %v, want %v at least", queue, at, settled)
		}
	}
}

// checkCounts: between the offsets of an attestation there are as many messages of its
// window as it says; a killed process may have left some more.
func (h *history) checkCounts(windows []producer.Attestation, messages []kafkatest.Message) {
	for _, a := range windows {
		n := 0
		ids := map[string]bool{}
		for _, m := range messages {
			between := m.Offset >= a.Offsets[m.Partition][0] && m.Offset < a.Offsets[m.Partition][1]
			if between && m.Headers["queue-id"] == a.Queue && m.Headers["window"] == a.Window {
				n++
				ids[m.Key] = true
			}
		}
		if n < a.Published || n > a.Published && (h.exactly || h.kills == 0) {
			h.Errorf("window %s of %s (%s, pass %d) is attested with %d messages, and has %d", a.Window, a.Queue, a.Lane, a.Pass, a.Published, n)
		}
		if known := len(ids) + a.Unchanged; (h.exactly || h.kills == 0) && (a.Distinct < known || a.Distinct > known+a.Superseded) {
			h.Errorf("window %s of %s (%s, pass %d): %d conversations, of which %d are published and %d unchanged, and %d were superseded",
				a.Window, a.Queue, a.Lane, a.Pass, a.Distinct, len(ids), a.Unchanged, a.Superseded)
		}
		if len(a.Digest) != hex.EncodedLen(32) {
			h.Errorf("digest %q", a.Digest)
		}
	}
}

// checkLastStates: what changed last before its day's last revisit, and was shown in that,
// is on the topic as it was shown.
func (h *history) checkLastStates(windows []producer.Attestation, messages []kafkatest.Message, t *tally) {
	newest := map[string]string{}
	for _, m := range messages {
		newest[m.Key] = m.Headers["content-hash"]
	}
	truncated := map[string]bool{} // days
	for _, a := range windows {
		if from, _ := interval(a); a.Verdict == producer.Truncated {
			truncated[from.Format(time.DateOnly)] = true
		}
	}
	for _, c := range h.sim.Conversations("", h.begin, h.last) {
		day := c.Start.UTC().Truncate(24 * time.Hour)
		changed := h.sim.Changed(c.ID)
		if !h.saga.covers(h, c.ID, day, changed) {
			t.Late++
			continue
		}
		shown := h.seen.shown(c.ID, changed)
		if len(shown) == 0 && truncated[day.Format(time.DateOnly)] {
			t.Beyond++
			continue
		}
		if len(shown) == 0 {
			h.Errorf("conversation %s of %v changed at %v, and was not shown since", c.ID, day, changed)
			continue
		}
		t.Conversations++
		if !slices.Contains(shown, newest[c.ID]) {
			h.Errorf("conversation %s of %v changed at %v and was shown %d times since: its last state is not on the topic (%q is)", c.ID, day, changed, len(shown), newest[c.ID])
		}
	}
}

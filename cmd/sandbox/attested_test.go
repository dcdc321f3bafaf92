package main

import (
	"encoding/json"
	"testing"
	"time"

	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// attestation is one as the service writes it.
func attestation(t *testing.T, queue, window string, published int, verdict producer.Verdict) kafkatest.Message {
	t.Helper()
	text, err := json.Marshal(producer.Attestation{Queue: queue, Window: window, Published: published, Verdict: verdict})
	if err != nil {
		t.Fatal(err)
	}
	return kafkatest.Message{Key: queue + "/" + window, Value: text}
}

// Each case attests something of two windows, the first of which has two messages, and
// one of those twice.
func TestAttest(t *testing.T) {
	midnight := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	truth := truth{queues: []string{"a"}, windows: []window{{midnight, midnight.Add(time.Hour)}, {midnight.Add(time.Hour), midnight.Add(2 * time.Hour)}}}
	messages := []kafkatest.Message{published("a", first, "x", "1"), published("a", first, "y", "2"), published("a", first, "x", "1"), published("a", second, "z", "3")}
	said := func(window string, published int, verdict producer.Verdict) kafkatest.Message {
		return attestation(t, "a", window, published, verdict)
	}
	for _, c := range []struct {
		name   string
		said   []kafkatest.Message
		more   int
		holds  bool
		stable int
		wrong  int
	}{
		{"as it is", []kafkatest.Message{said(first, 2, "complete"), said(second, 1, "complete")}, 0, true, 0, 0},
		{"twice the same", []kafkatest.Message{said(first, 2, "complete"), said(first, 2, "complete"), said(second, 1, "complete")}, 0, true, 0, 0},
		{"one stable", []kafkatest.Message{said(first, 2, "stable"), said(second, 1, "complete")}, 0, true, 1, 0},
		{"one unstable", []kafkatest.Message{said(first, 2, "unstable"), said(second, 1, "complete")}, 0, false, 0, 0},
		{"one missing", []kafkatest.Message{said(second, 1, "complete")}, 0, false, 0, 1},
		{"more than there are", []kafkatest.Message{said(first, 3, "complete"), said(second, 1, "complete")}, 5, false, 0, 1},
		{"fewer than there are", []kafkatest.Message{said(first, 1, "complete"), said(second, 1, "complete")}, 0, false, 0, 1},
		{"but for the page in hand", []kafkatest.Message{said(first, 1, "complete"), said(second, 1, "complete")}, 1, true, 0, 0},
		{"another window", []kafkatest.Message{said(first, 2, "complete"), said(second, 1, "complete"), said("another", 0, "complete")}, 0, false, 0, 1},
		{"nothing", nil, 0, false, 0, 2},
	} {
		got := truth.attest(c.said, messages, c.more)
		if got.hold() != c.holds || got.stable != c.stable || len(got.wrong) != c.wrong || got.expected != 2 {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// Hours, and what is left of a day that is over.
func TestWindows(t *testing.T) {
	midnight := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ first, hours, want int }{{1, 3, 3}, {0, 8, 8}, {-3, 8, 6}, {-8, 8, 1}} {
		all := demo{scale: scale{hours: c.hours}}.windows(midnight.Add(time.Duration(c.first) * time.Hour))
		if len(all) != c.want {
			t.Errorf("%d hours from %d: %v", c.hours, c.first, all)
		}
		for i, w := range all[1:] {
			if !w.from.Equal(all[i].to) {
				t.Errorf("%v does not follow %v", w, all[i])
			}
		}
	}
}

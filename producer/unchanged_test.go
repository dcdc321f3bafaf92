package producer_test

import (
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// What has ended is found by the next window again, whose interval begins before it, and
// by the revisit of its day. It is not published again.
func TestUnchangedConversationsAreNotPublishedAgain(t *testing.T) {
	inDays(t, genesystest.Config{Conversations: 240, TransferShare: -1}, func(w *world) {
		w.revisits = producer.Revisits{Ages: []time.Duration{2 * time.Hour, 4 * time.Hour}, Share: .5}
		w.runUntil(newYear.Add(oneDay + 5*time.Hour))
		messages := w.cluster.Read(w, w.topic)
		w.checkNothingIsSaidTwice(messages)
		unchanged, made := 0, map[string]int{}
		for _, a := range w.attested() {
			its := inWindow(messages, a)
			if a.Lane == "live" {
				unchanged += a.Unchanged
				if a.Published != len(its) {
					w.Errorf("window %s is attested with %d messages, and has %d", a.Window, a.Published, len(its))
				}
				continue
			}
			made[a.Queue]++
			if a.Unchanged < a.Distinct*9/10 || a.Unchanged+a.Published < a.Distinct || a.Verdict != producer.Complete {
				w.Errorf("revisit %d is %s, with %d conversations, %d unchanged and %d messages: nearly all should be unchanged",
					a.Turn, a.Verdict, a.Distinct, a.Unchanged, a.Published)
			}
		}
		if unchanged == 0 {
			w.Error("no window found again what the one before it had: nothing was shown")
		}
		for _, queue := range w.sim.Queues() {
			if made[queue] != 2 {
				w.Errorf("queue %s was revisited %d times, want twice", queue, made[queue])
			}
		}
	})
}

// It begins before midnight and ends after it, when the day's last window has been walked:
// its last state is found by the next day's first window, which asks a little further back.
func TestConversationOverMidnightIsPublishedInItsLastState(t *testing.T) {
	inDays(t, genesystest.Config{Conversations: 30, Queues: []string{"queue-a"}}, func(w *world) {
		midnight := newYear.Add(oneDay)
		w.sim.Put(nil, genesystest.Conversation{ID: "night", Start: midnight.Add(-10 * time.Minute), End: midnight.Add(20 * time.Minute)})
		w.runUntil(midnight.Add(90 * time.Minute))
		last, _ := w.sim.Conversation("night")
		var windows []string
		for _, m := range w.cluster.Read(w, w.topic) {
			if m.Key == "night" {
				windows = append(windows, m.Headers["window"])
				if final := string(m.Value) == string(last.JSON); final != (len(windows) == 2) {
					w.Errorf("message %d of it is its last state: %t", len(windows), final)
				}
			}
		}
		if len(windows) != 2 || windows[0] != "2000-01-01T23:00:00.000Z/2000-01-02T00:00:00.000Z" ||
			windows[1] != "2000-01-02T00:00:00.000Z/2000-01-02T01:00:00.000Z" {
			w.Errorf("it was published in the windows %v, want the last one of its day and the first one after it", windows)
		}
	})
}

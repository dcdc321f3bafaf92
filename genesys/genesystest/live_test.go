package genesystest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestRecordGrowsWithTime follows one conversation from before its start to
// after its end.
func TestRecordGrowsWithTime(t *testing.T) {
	c := &clock{now: noon()}
	s := New(Config{Seed: 3, Conversations: -1, Now: c.Now})
	queues := s.Queues()[:2]
	s.Put(queues, Conversation{ID: "call", Start: noon().Add(time.Minute), End: noon().Add(21 * time.Minute)})

	if _, ok := s.Conversation("call"); ok {
		t.Fatal("visible before its start")
	}
	lengths, secondQueue := 0, time.Time{}
	for range 20 {
		c.Advance(time.Minute)
		one, ok := s.Conversation("call")
		if !ok || !json.Valid(one.JSON) {
			t.Fatalf("at %s: %v, %s", c.Now(), ok, one.JSON)
		}
		if !one.End.IsZero() || bytes.Contains(one.JSON, []byte("conversationEnd")) {
			t.Fatalf("at %s it has an end", c.Now())
		}
		if !openSegments(t, one.JSON) {
			t.Fatalf("at %s no segment is open", c.Now())
		}
		if in := strings.Contains(string(one.JSON), queues[1]); in != (len(one.Queues) == 2) ||
			in != (len(s.IDs(queues[1], noon(), noon().Add(time.Hour))) == 1) {
			t.Fatalf("at %s: record, Queues and query disagree about the second queue", c.Now())
		} else if in && secondQueue.IsZero() {
			secondQueue = c.Now()
		}
		if len(one.JSON) < lengths-40 { // an open end is some bytes shorter than a missing one
			t.Fatalf("at %s it has shrunk from %d to %d bytes", c.Now(), lengths, len(one.JSON))
		}
		lengths = len(one.JSON)
	}
	if secondQueue.IsZero() || secondQueue.Equal(noon().Add(time.Minute)) {
		t.Errorf("came to its second queue at %v", secondQueue)
	}
	c.Advance(time.Minute)
	final, _ := s.Conversation("call")
	if final.End.IsZero() || openSegments(t, final.JSON) {
		t.Error("not in its final state after its end")
	}
	c.Advance(100 * time.Hour)
	if again, _ := s.Conversation("call"); !bytes.Equal(again.JSON, final.JSON) {
		t.Error("the final state changes")
	}
}

func openSegments(t *testing.T, raw []byte) bool {
	t.Helper()
	var record told
	if err := json.Unmarshal(raw, &record); err != nil {
		t.Fatal(err)
	}
	for _, p := range record.Participants {
		for _, s := range p.Sessions {
			for _, g := range s.Segments {
				if g.End == nil {
					return true
				}
			}
		}
	}
	return false
}

func TestLiveShareIsOfTheNewest(t *testing.T) {
	later := noon().Add(1000 * time.Hour)
	s := New(Config{Seed: 1, Conversations: 1000, LiveShare: 0.05, From: noon().Add(-time.Hour), To: noon(),
		Now: func() time.Time { return later }})
	for n, c := range s.Conversations("", time.Time{}, time.Time{}) {
		if live := c.End.IsZero(); live != (n >= 950) {
			t.Fatalf("conversation %d of 1000: live %t", n, live)
		}
	}
}

func TestLateChange(t *testing.T) {
	c := &clock{now: noon()}
	s := New(Config{Seed: 1, Conversations: 300, LateShare: 0.5, LiveShare: -1, Now: c.Now,
		From: noon().Add(-40 * time.Hour), To: noon().Add(-30 * time.Hour)})
	evaluated := func() (n int) {
		for _, one := range s.Conversations("", time.Time{}, time.Time{}) {
			n += bytes.Count(one.JSON, []byte(`"evaluationId"`))
		}
		return n
	}
	early := evaluated()
	c.Advance(300 * time.Hour)
	if late := evaluated(); late <= early || late < 120 || late > 180 {
		t.Errorf("%d evaluated early, %d of 300 late, want about 150", early, late)
	}
}

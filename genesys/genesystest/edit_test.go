package genesystest

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

func TestPutServesRawBytes(t *testing.T) {
	odd := map[string]string{
		"missing id":       `{"conversationStart":"2026-03-02T01:00:00.000Z"}`,
		"empty id":         `{"conversationId":"","x":1}`,
		"number for an id": `{"conversationId":17}`,
		"doubled id":       `{"conversationId":"a","conversationId":"b"}`,
		"null for an id":   `{"conversationId":null}`,
		"no object":        `["conversationId"]`,
		"null":             `null`,
		"bad UTF-8":        "{\"conversationId\":\"u\",\"n\":\"\xff\xfe\"}",
		"spaces":           "{ \"conversationId\" : \"s\" ,\n\t\"value\" : 1.50e+3 }",
	}
	for _, d := range []Dialect{Conversations, Entities} {
		a := newAsker(t, settled(Config{Dialect: d, Conversations: -1}))
		for name, text := range odd {
			a.Put(a.Queues()[:1], Conversation{ID: name, Start: noon().Add(-time.Hour), End: noon(), JSON: []byte(text)})
		}
		body := a.raw(a.Queues()[0], noon().Add(-2*time.Hour), noon(), 1, 100).Body.Bytes()
		for name, text := range odd {
			if !bytes.Contains(body, []byte(text)) {
				t.Errorf("%s: %s is not in the answer verbatim", d, name)
			}
		}
	}
}

func TestPutReplacesByID(t *testing.T) {
	s := settled(Config{Conversations: 20})
	queues := s.Queues()
	start := noon().Add(-3 * time.Hour)
	from, to := noon().Add(-24*time.Hour), noon()
	count := len(s.IDs("", from, to))

	s.Put(queues[:2], Conversation{ID: "x", Start: start, JSON: []byte(`{"conversationId":"x","v":1}`)})
	if !slices.Contains(s.IDs(queues[0], from, to), "x") || !slices.Contains(s.IDs(queues[1], from, to), "x") {
		t.Error("not in both queues")
	}
	s.Put(nil, Conversation{ID: "x", Start: start.Add(time.Hour), End: noon(), JSON: []byte(`{"conversationId":"x","v":2}`)})
	one, ok := s.Conversation("x")
	if !ok || string(one.JSON) != `{"conversationId":"x","v":2}` || !slices.Equal(one.Queues, queues[:2]) || one.End.IsZero() {
		t.Errorf("after a second Put: %v %+v", ok, one)
	}
	s.Put(queues[2:], one)
	if slices.Contains(s.IDs(queues[0], from, to), "x") || !slices.Contains(s.IDs(queues[2], from, to), "x") {
		t.Error("has not moved to the third queue")
	}
	if got := len(s.IDs("", from, to)); got != count+1 {
		t.Errorf("%d conversations, want %d", got, count+1)
	}
	if !s.Remove("x") || s.Remove("x") || len(s.IDs("", from, to)) != count {
		t.Error("not removed, or removed twice")
	}
}

func TestReviseChangesTheRecordAlone(t *testing.T) {
	s := settled(Config{Conversations: 20})
	old := s.Conversations("", time.Time{}, time.Time{})[3]
	if !s.Revise(old.ID) {
		t.Fatal("not revised")
	}
	first, _ := s.Conversation(old.ID)
	s.Revise(old.ID)
	second, _ := s.Conversation(old.ID)
	if bytes.Equal(old.JSON, first.JSON) || bytes.Equal(first.JSON, second.JSON) {
		t.Error("the record has not changed")
	}
	if !old.Start.Equal(second.Start) || !old.End.Equal(second.End) {
		t.Error("start or end has changed")
	}
	if s.Revise("nobody") {
		t.Error("revised a conversation that is not there")
	}
}

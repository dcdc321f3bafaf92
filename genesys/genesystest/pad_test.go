package genesystest

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

func TestPadBringsARecordToItsSize(t *testing.T) {
	for _, d := range []Dialect{Conversations, Entities} {
		a := newAsker(t, settled(Config{Dialect: d, Conversations: 3, Queues: []string{"only"}}))
		id := a.IDs("only", noon().Add(-24*time.Hour), noon())[1]
		bare, _ := a.Conversation(id)
		for _, random := range []bool{false, true} {
			for _, size := range []int{5 << 20, 1_000_001, 1_000_000, len(bare.JSON) + 23} {
				if !a.Pad(id, size, random) {
					t.Fatalf("%s: not padded to %d", d, size)
				}
				padded, ok := a.Conversation(id)
				if !ok || len(padded.JSON) != size || !json.Valid(padded.JSON) || !bytes.HasPrefix(padded.JSON, bare.JSON[:len(bare.JSON)-1]) {
					t.Errorf("%s: %d bytes, want %d that begin as the record does", d, len(padded.JSON), size)
				}
				if again, _ := a.Conversation(id); !bytes.Equal(again.JSON, padded.JSON) {
					t.Errorf("%s: asked again, the record is another", d)
				}
				body := a.raw("only", noon().Add(-24*time.Hour), noon(), 1, 10).Body.Bytes()
				if !json.Valid(body) || bytes.Count(body, padded.JSON) != 1 || bytes.Count(body, []byte(padName)) != 1 {
					t.Errorf("%s: the record of %d bytes is not in the answer, or another is padded too", d, size)
				}
				if zip := len(compressed(padded.JSON)); size > 1<<20 && (random != (zip > size/2)) {
					t.Errorf("%s: %d bytes compress to %d, random: %t", d, size, zip, random)
				}
			}
		}
	}
}

func TestPadStaysUntilItIsTakenAway(t *testing.T) {
	s := settled(Config{Conversations: 3})
	id := s.IDs("", time.Time{}, time.Time{})[0]
	read := func() string { c, _ := s.Conversation(id); return string(c.JSON) }
	bare := read()
	if !s.Pad(id, 90_000, true) {
		t.Fatal("not padded")
	}
	first := read()
	if !s.Revise(id) || len(read()) != 90_000 || read() == first {
		t.Errorf("revised: %d bytes, another: %t", len(read()), read() != first)
	}
	if !s.Pad(id, 80_000, false) || len(read()) != 80_000 {
		t.Errorf("padded to less: %d bytes", len(read()))
	}
	if !s.Pad(id, 0, false) || len(read()) <= len(bare) || len(read()) > 80_000 {
		t.Errorf("the padding taken away: %d bytes of %d before the revision", len(read()), len(bare))
	}
}

// A record grows when the conversation ends or is revised.
func TestARecordThatOutgrowsItsPaddingIsServedWithout(t *testing.T) {
	s := settled(Config{Conversations: 1})
	id := s.IDs("", time.Time{}, time.Time{})[0]
	bare, _ := s.Conversation(id)
	if !s.Pad(id, len(bare.JSON)+23, false) {
		t.Fatal("not padded")
	}
	s.Revise(id)
	if grown, _ := s.Conversation(id); bytes.Contains(grown.JSON, []byte(padName)) || !json.Valid(grown.JSON) {
		t.Errorf("record %s", grown.JSON)
	}
}

func TestPadOfARecordThatATestHasWritten(t *testing.T) {
	for text, fits := range map[string]bool{
		`{}`: true, "{ \n}": true, `{"x":1 }`: true, `{"conversationId":7}`: true,
		`null`: false, `[{}]`: false, `"}"`: false, `{"x":1} `: false,
	} {
		s := settled(Config{Conversations: -1})
		s.Put(nil, Conversation{ID: "own", Start: noon(), End: noon(), JSON: []byte(text)})
		if got := s.Pad("own", 500, true); got != fits {
			t.Errorf("%q: padded: %t, want %t", text, got, fits)
		}
		c, _ := s.Conversation("own")
		if !json.Valid(c.JSON) || fits != (len(c.JSON) == 500) || !fits && string(c.JSON) != text {
			t.Errorf("%q is served as %q", text, c.JSON)
		}
		s.Put(nil, Conversation{ID: "own", Start: noon(), End: noon(), JSON: []byte(text)})
		if c, _ := s.Conversation("own"); string(c.JSON) != text {
			t.Errorf("%q, put again, is served as %q", text, c.JSON)
		}
	}
}

func TestPadReportsWhatItCannotDo(t *testing.T) {
	s := settled(Config{Conversations: 1})
	id := s.IDs("", time.Time{}, time.Time{})[0]
	before, _ := s.Conversation(id)
	for _, size := range []int{-1, 1, len(before.JSON), len(before.JSON) + 22} {
		if s.Pad(id, size, false) {
			t.Errorf("a record of %d bytes was padded to %d", len(before.JSON), size)
		}
	}
	if s.Pad("nobody", 5000, false) {
		t.Error("padded a conversation that is not there")
	}
	if after, _ := s.Conversation(id); !bytes.Equal(before.JSON, after.JSON) {
		t.Error("the record has changed all the same")
	}
}

package genesystest

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

// TestChangedAgreesWithTheBytes moves the clock in small steps: whatever differs
// from one step to the next has changed in between, and nothing else has.
func TestChangedAgreesWithTheBytes(t *testing.T) {
	for _, dialect := range []Dialect{Conversations, Entities} {
		at := &clock{now: noon().Add(-30 * time.Hour)}
		s := New(Config{Seed: 61, Dialect: dialect, Conversations: 30, Now: at.Now, From: at.now, To: noon(), MeanSize: 9000,
			LateShare: 0.5, LiveShare: 0.1, TransferShare: 0.5, Life: fullLife()})
		last, changes := make(map[string][]byte), 0
		for range 100 {
			before := at.Now()
			at.Advance(82 * time.Minute)
			for _, one := range s.Conversations("", time.Time{}, time.Time{}) {
				changed := s.Changed(one.ID)
				differs := !bytes.Equal(last[one.ID], one.JSON)
				if differs != changed.After(before) || changed.After(at.Now()) {
					t.Fatalf("%s: differs from %s: %t, at %s changed at %s", one.ID, before, differs, at.Now(), changed)
				}
				if differs {
					onTheInstant(t, s, at, one, changed)
					changes++
				}
				last[one.ID] = one.JSON
			}
		}
		if len(last) != 30 || changes < 80 {
			t.Errorf("%d conversations with %d changes", len(last), changes)
		}
	}
}

// onTheInstant sets the clock to a change and to a millisecond before it.
func onTheInstant(t *testing.T, s *Simulator, at *clock, one Conversation, changed time.Time) {
	t.Helper()
	now := at.now
	defer func() { at.now = now }()
	at.now = changed
	on, found := s.Conversation(one.ID)
	at.now = changed.Add(-time.Millisecond)
	before, foundBefore := s.Conversation(one.ID)
	if !found || !bytes.Equal(on.JSON, one.JSON) || foundBefore && bytes.Equal(before.JSON, one.JSON) {
		t.Fatalf("%s did not become at %s what it is at %s", one.ID, changed, now)
	}
}

func TestChangedByATest(t *testing.T) {
	a, at := lively(t, Config{Seed: 62, Conversations: 20})
	at.Advance(500 * time.Hour)
	id := a.IDs("", time.Time{}, time.Time{})[4]
	one, _ := a.Conversation(id)
	if !a.Changed(id).Equal(one.End) {
		t.Errorf("changed at %s, ended at %s", a.Changed(id), one.End)
	}
	for n, edit := range []func(){
		func() { a.Revise(id) },
		func() { a.Pad(id, 50_000, false) },
		func() { a.Put(nil, Conversation{ID: id, Start: noon().Add(-time.Hour), End: noon()}) },
		func() { a.Put(nil, Conversation{ID: id, Start: noon().Add(-time.Hour), JSON: []byte(`{}`)}) },
	} {
		at.Advance(time.Hour)
		edit()
		made := at.Now()
		at.Advance(time.Minute)
		if !a.Changed(id).Equal(made) {
			t.Errorf("edit %d at %s: changed at %s", n, made, a.Changed(id))
		}
	}
	ahead := at.Now().Add(time.Hour)
	a.Put(nil, Conversation{ID: "ahead", Start: ahead, JSON: []byte(`{}`)})
	if !a.Changed("ahead").IsZero() || !a.Changed("nobody").IsZero() {
		t.Error("changed without being there")
	}
	at.Advance(2 * time.Hour)
	if !a.Changed("ahead").Equal(ahead) {
		t.Errorf("it is there since %s, changed at %s", ahead, a.Changed("ahead"))
	}
}

func TestArrivalsChangeWhenTheyArrive(t *testing.T) {
	a, at := lively(t, Config{Seed: 63, Conversations: -1})
	at.Advance(100 * time.Hour)
	a.Drift(1, Arrive)
	a.page("only", noon().Add(-10*time.Hour), noon(), 1, 10)
	for _, id := range a.IDs("", time.Time{}, time.Time{}) {
		if !a.Changed(id).Equal(at.Now()) {
			t.Errorf("arrived at %s, changed at %s", at.Now(), a.Changed(id))
		}
	}
}

// TestFindingDependsOnNowAlone compares a simulator that is asked all the time, and
// keeps what it found, with one that is asked for the first time.
func TestFindingDependsOnNowAlone(t *testing.T) {
	for _, whole := range []bool{false, true} {
		at := &clock{now: noon().Add(-30 * time.Hour)}
		c := Config{Seed: 64, Conversations: 60, Now: at.Now, From: at.now, To: noon(), MeanSize: 2500, WholeDays: whole,
			TransferShare: 0.5, LiveShare: 0.1, Life: fullLife()}
		s := New(c)
		for range 600 {
			at.Advance(7 * time.Minute)
			fresh := New(c)
			for n := range 6 {
				from := noon().Add(time.Duration(n*9-36) * time.Hour)
				queue := append(s.Queues(), "")[n%4]
				for _, filter := range [][2]bool{{}, {true}, {false, true}} {
					i := s.interval(queue, from, from.Add(11*time.Hour))
					i.endedOnly, i.liveOnly = filter[0], filter[1]
					got, want := s.library.find(i, at.now.UnixMilli()), fresh.library.find(i, at.now.UnixMilli())
					if !slices.EqualFunc(got, want, func(a, b *sketch) bool { return a.id == b.id }) {
						t.Fatalf("at %s, %+v: %d are found, %d by who asks for the first time", at.now, i, len(got), len(want))
					}
				}
			}
		}
	}
}

package genesystest

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestJournalCountsAttempts(t *testing.T) {
	a := newAsker(t, settled(Config{Conversations: 5}))
	from := noon().Add(-time.Hour)
	for _, page := range []int{1, 1, 2, 1} {
		a.page("q", from, noon(), page, 10)
	}
	a.page("r", from, noon(), 1, 10)
	a.page("q", from.Add(time.Minute), noon(), 1, 10)
	signIn(t, a.Simulator)
	var got []string
	for _, r := range a.Requests() {
		got = append(got, fmt.Sprintf("%t %s %d: %d", r.Token, r.Queue, r.Page, r.Attempt))
	}
	want := []string{"true  0: 1", "false q 1: 1", "false q 1: 2", "false q 2: 1", "false q 1: 3", "false r 1: 1", "false q 1: 1", "true  0: 2"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	last := a.Requests()[1]
	if !last.From.Equal(from) || !last.To.Equal(noon()) || last.PageSize != 10 || last.Status != 200 || last.Bytes == 0 {
		t.Errorf("%+v", last)
	}
}

func TestRequestsAreTakenOnce(t *testing.T) {
	a := newAsker(t, settled(Config{Conversations: 5}))
	from := noon().Add(-time.Hour)
	a.page("q", from, noon(), 1, 10)
	if got := len(a.TakeRequests()); got != 2 { // a token's and the page's
		t.Errorf("%d requests, want 2", got)
	}
	var taken []Request
	a.Script(func(Request) *Fault { taken = append(taken, a.TakeRequests()...); return nil })
	a.page("q", from, noon(), 1, 10) // is answered after it was taken
	a.Script(nil)
	a.page("q", from, noon(), 2, 10)
	if len(taken) != 1 || taken[0].Attempt != 1 || taken[0].Status != 0 {
		t.Errorf("taken: %+v", taken)
	}
	if left := a.TakeRequests(); len(left) != 1 || left[0].Page != 2 || left[0].Status != 200 {
		t.Errorf("left: %+v", left)
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	a := newAsker(t, settled(Config{Conversations: 200, MeanSize: 2000, RequestsPerMinute: -1}))
	from := noon().Add(-24 * time.Hour)
	var users sync.WaitGroup
	for n := range 8 {
		users.Go(func() {
			queue := a.Queues()[n%3]
			for page := range 10 {
				a.page(queue, from, noon(), page+1, 10)
				id := fmt.Sprintf("put-%d", n)
				a.Put([]string{queue}, Conversation{ID: id, Start: from, End: noon()})
				a.Revise(id)
				a.Drift(page)
				a.Script(Random(uint64(n), 0.1, ShortBy(1)))
				a.IDs("", from, noon())
				a.Requests()
				a.TakeRequests()
			}
		})
	}
	users.Wait()
}

func TestDefaults(t *testing.T) {
	s := New(Config{Now: noon})
	all := s.Conversations("", noon().Add(-24*time.Hour), noon())
	if len(s.Queues()) != 3 || len(all) != 1000 {
		t.Errorf("%d queues, %d conversations", len(s.Queues()), len(all))
	}
	live := 0
	for _, c := range all {
		if c.Start.Before(noon().Add(-24*time.Hour)) || !c.Start.Before(noon()) {
			t.Errorf("starts at %s", c.Start)
		}
		if c.End.IsZero() {
			live++
		}
	}
	if live < 10 || live > 200 {
		t.Errorf("%d live", live)
	}
}

func TestConfigThatContradictsItselfPanics(t *testing.T) {
	for name, c := range map[string]Config{
		"dialect":  {Dialect: "graphql"},
		"backward": {From: noon(), To: noon().Add(-time.Hour)},
		"status":   {PastEndStatus: 7},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			New(c)
		}()
	}
}

func TestDice(t *testing.T) {
	d := dice(1)
	var sum, logs float64
	for range 20_000 {
		sum += d.unit()
		logs += math.Log(d.lognormal(100, 0.5))
	}
	if mean := sum / 20_000; mean < 0.49 || mean > 0.51 {
		t.Errorf("mean of unit %f", mean)
	}
	if median := math.Exp(logs / 20_000); median < 98 || median > 102 {
		t.Errorf("median of lognormal %f", median)
	}
	if d.below(0) != 0 || mix(1, 2) == mix(2, 1) || mixText("a") == mixText("b") {
		t.Error("the dice are loaded")
	}
}

// BenchmarkPage is a page of 100 records of the usual sizes, without HTTP.
func BenchmarkPage(b *testing.B) {
	a := newAsker(b, settled(Config{Conversations: 100_000, RequestsPerMinute: -1, TokenLife: math.MaxInt64}))
	queue, from := a.Queues()[0], noon().Add(-12*time.Hour)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		w := a.raw(queue, from, from.Add(time.Hour), n%10+1, 100)
		b.SetBytes(int64(w.Body.Len()))
	}
}

package genesystest

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// TestPagesCoverTheTruth reads everything, page by page, and compares bytes.
func TestPagesCoverTheTruth(t *testing.T) {
	for _, d := range []Dialect{Conversations, Entities} {
		a := newAsker(t, settled(Config{Seed: 1, Dialect: d, Conversations: 500, RequestsPerMinute: -1}))
		from, to := noon().Add(-12*time.Hour), noon()
		for _, queue := range a.Queues() {
			truth := a.Conversations(queue, from, to)
			for _, size := range []int{1, 7, 50, 100} {
				rows := a.walk(queue, from, to, size)
				if len(rows) != len(truth) {
					t.Fatalf("%s: %d rows at %d a page, truth has %d", d, len(rows), size, len(truth))
				}
				for n := range rows {
					if !bytes.Equal(rows[n], truth[n].JSON) {
						t.Fatalf("%s: row %d differs from the truth", d, n)
					}
				}
			}
			if total := a.page(queue, from, to, 1, 10).total(); total != len(truth) {
				t.Errorf("%s: total %d, truth has %d", d, total, len(truth))
			}
			if !slices.Equal(a.IDs(queue, from, to), idsOf(truth)) {
				t.Errorf("%s: IDs differ from Conversations", d)
			}
		}
	}
}

func idsOf(all []Conversation) (ids []string) {
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return ids
}

// told is what a record says of itself, for judging it from outside.
type told struct {
	ID           string     `json:"conversationId"`
	Start        time.Time  `json:"conversationStart"`
	End          *time.Time `json:"conversationEnd"`
	Participants []struct {
		Sessions []struct {
			Segments []toldSegment
		}
	}
}

type toldSegment struct {
	Start   time.Time  `json:"segmentStart"`
	End     *time.Time `json:"segmentEnd"`
	QueueID string
}

// found applies the published words to the record alone: started on a day that
// the interval touches, and started, ended or was active in it.
func (c told) found(queue string, from, to, now time.Time) bool {
	midnight := from.Truncate(24 * time.Hour)
	if c.Start.Before(midnight) || !c.Start.Before(to) {
		return false
	}
	inside := func(t time.Time) bool { return !t.Before(from) && t.Before(to) }
	active := inside(c.Start) || c.End != nil && inside(*c.End)
	queued := false
	for _, p := range c.Participants {
		for _, s := range p.Sessions {
			for _, g := range s.Segments {
				end := now.Add(time.Millisecond) // an open segment goes on to this moment
				if g.End != nil {
					end = *g.End
				}
				active = active || g.Start.Before(to) && end.After(from)
				queued = queued || g.QueueID == queue
			}
		}
	}
	return active && queued
}

// TestSelectionAgreesWithTheRecords judges every record by what it says of
// itself, at several times and for intervals of many lengths.
func TestSelectionAgreesWithTheRecords(t *testing.T) {
	for _, life := range []Life{{}, {ReopenShare: 0.6, LagShare: 0.5, LagMost: 3 * time.Hour, MidnightShare: 0.2}} {
		selectionAgrees(t, life)
	}
}

func selectionAgrees(t *testing.T, life Life) {
	t.Helper()
	c := &clock{now: noon()}
	s := New(Config{Seed: 5, Conversations: 250, Now: c.Now, TransferShare: 0.5, LiveShare: 0.05, MeanSize: 3000,
		From: noon().Add(-36 * time.Hour), To: noon().Add(6 * time.Hour), Life: life})
	d := dice(99)
	for range 4 {
		now := c.Now()
		var all []told
		for _, one := range s.Conversations("", time.Time{}, time.Time{}) {
			var record told
			if err := json.Unmarshal(one.JSON, &record); err != nil {
				t.Fatal(err)
			}
			all = append(all, record)
		}
		for range 40 {
			from := noon().Add(-40 * time.Hour).Add(time.Duration(d.below(50*3600)) * time.Second)
			to := from.Add(time.Duration(1+d.below(20*3600)) * time.Second)
			queue := s.Queues()[d.below(3)]
			var want []string
			for _, record := range all {
				if record.found(queue, from, to, now) {
					want = append(want, record.ID)
				}
			}
			if got := s.IDs(queue, from, to); !slices.Equal(got, want) {
				t.Fatalf("at %s, [%s, %s): %d found, the records say %d", now, from, to, len(got), len(want))
			}
		}
		c.Advance(7*time.Hour + 13*time.Minute)
	}
}

func TestIntervalsShorterThanADayOverlap(t *testing.T) {
	a := newAsker(t, settled(Config{Conversations: -1}))
	queue := a.Queues()[0]
	day := noon().Truncate(24 * time.Hour)
	a.Put([]string{queue}, Conversation{ID: "over-one-o-clock", Start: day.Add(50 * time.Minute), End: day.Add(70 * time.Minute)})
	a.Put([]string{queue}, Conversation{ID: "over-midnight", Start: day.Add(-10 * time.Minute), End: day.Add(10 * time.Minute)})
	for _, c := range []struct {
		name     string
		from, to time.Duration
		want     []string
	}{
		{"first hour", 0, time.Hour, []string{"over-one-o-clock"}},
		{"second hour", time.Hour, 2 * time.Hour, []string{"over-one-o-clock"}},
		{"third hour", 2 * time.Hour, 3 * time.Hour, nil},
		{"before its start", 0, 50 * time.Minute, nil},
		{"its first millisecond", 50 * time.Minute, 50*time.Minute + time.Millisecond, []string{"over-one-o-clock"}},
		{"its end is still in", 70 * time.Minute, 2 * time.Hour, []string{"over-one-o-clock"}},
		{"just after its end", 70*time.Minute + time.Millisecond, 2 * time.Hour, nil},
		{"today does not see what began yesterday", 0, 24*time.Hour - time.Millisecond, []string{"over-one-o-clock"}},
		{"yesterday does", -24 * time.Hour, 0, []string{"over-midnight"}},
		{"yesterday, as sent", -24 * time.Hour, -time.Millisecond, []string{"over-midnight"}},
		{"from yesterday's last minute on", -time.Minute, time.Minute, []string{"over-midnight"}},
		{"both days", -24 * time.Hour, 24 * time.Hour, []string{"over-midnight", "over-one-o-clock"}},
	} {
		if got := a.IDs(queue, day.Add(c.from), day.Add(c.to)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWholeDaysSelectsByTheDayAlone(t *testing.T) {
	s := settled(Config{Conversations: -1, WholeDays: true})
	day := noon().Truncate(24 * time.Hour)
	s.Put(nil, Conversation{ID: "morning", Start: day.Add(9 * time.Hour), End: day.Add(10 * time.Hour)})
	if got := s.IDs("", day.Add(20*time.Hour), day.Add(21*time.Hour)); len(got) != 1 {
		t.Errorf("evening: %q, want the morning's", got)
	}
	if got := s.IDs("", day.Add(time.Hour), day.Add(2*time.Hour)); len(got) != 1 {
		t.Errorf("night: %q, want the morning's", got)
	}
	if got := s.IDs("", day.Add(-time.Hour), day); len(got) != 0 {
		t.Errorf("yesterday: %q, want none", got)
	}
}

func TestUnknownQueueMatchesNothing(t *testing.T) {
	for _, d := range []Dialect{Conversations, Entities} {
		a := newAsker(t, settled(Config{Dialect: d, Conversations: 50}))
		read := a.page("11111111-2222-4333-8444-555555555555", noon().Add(-24*time.Hour), noon(), 1, 100)
		if len(read.rows()) != 0 || read.total() != 0 {
			t.Errorf("%s: %d rows, total %d", d, len(read.rows()), read.total())
		}
		if d == Conversations && read.Conversations != nil {
			t.Error("the key conversations is there on an empty page")
		}
		if d == Entities && read.Entities == nil {
			t.Error("the key entities is missing on an empty page")
		}
	}
}

package genesystest

import (
	"encoding/json"
	"testing"
	"time"
)

// lively is a simulator of one queue and one day, before whose noon all of its
// conversations start, with a clock that is at the first start.
func lively(t testing.TB, c Config) (*asker, *clock) {
	t.Helper()
	at := &clock{now: noon().Add(-10 * time.Hour)}
	c.From, c.To, c.Now = noon().Add(-10*time.Hour), noon(), at.Now
	c.Queues, c.RequestsPerMinute, c.TokenLife = []string{"only"}, -1, 10_000*time.Hour
	setDefault(&c.LiveShare, -1)
	setDefault(&c.MeanSize, 2500)
	return newAsker(t, New(c)), at
}

// lived is what a record says of what Life has done to it.
type lived struct {
	ID           string     `json:"conversationId"`
	Start        time.Time  `json:"conversationStart"`
	End          *time.Time `json:"conversationEnd"`
	Surveys      []struct{ EventTime time.Time }
	Participants []struct {
		Purpose  string
		Sessions []struct {
			Segments []struct {
				SegmentType, WrapUpCode string
				SegmentStart            time.Time
				SegmentEnd              *time.Time
			}
		}
	}
	raw json.RawMessage
}

// today walks the whole day of noon.
func (a *asker) today() map[string]lived {
	a.t.Helper()
	day := noon().Truncate(24 * time.Hour)
	return a.lives(a.walk("only", day, day.AddDate(0, 0, 1), 100))
}

func (a *asker) lives(rows []json.RawMessage) map[string]lived {
	a.t.Helper()
	all := make(map[string]lived, len(rows))
	for _, raw := range rows {
		one := lived{raw: raw}
		if err := json.Unmarshal(raw, &one); err != nil {
			a.t.Fatal(err)
		}
		all[one.ID] = one
	}
	return all
}

// segments counts those of a kind (empty: any), and how many of them are open.
func (l lived) segments(kind string) (count, open int) {
	for _, p := range l.Participants {
		for _, s := range p.Sessions {
			for _, g := range s.Segments {
				if kind == "" || g.SegmentType == kind {
					count++
				}
				if (kind == "" || g.SegmentType == kind) && g.SegmentEnd == nil {
					open++
				}
			}
		}
	}
	return count, open
}

// fullLife has everything happen to many.
func fullLife() Life {
	return Life{ReopenShare: 0.4, WrapUpShare: 0.4, SurveyShare: 0.4, LagShare: 0.4, LagMost: time.Hour, MidnightShare: 0.1,
		TotalAbove: 3, TotalAboveShare: 0.02, TotalOffShare: 0.2, ReorderShare: 0.5}
}

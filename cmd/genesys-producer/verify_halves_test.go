package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/genesys/genesystest"
)

// capped is how many records the API of these tests pages through.
const capped = 20

// intervals are how many different ones have been asked for.
func (i *inquiry) intervals() int {
	asked := map[[2]time.Time]bool{}
	for _, r := range i.sim.Requests() {
		if !r.Token {
			asked[[2]time.Time{r.From, r.To}] = true
		}
	}
	return len(asked)
}

// refused is how many pages the API has refused.
func (i *inquiry) refused() (n int) {
	for _, r := range i.sim.Requests() {
		if r.Status == http.StatusBadRequest {
			n++
		}
	}
	return n
}

// An hour that holds more than the API pages through is read in halves, and what is missing
// anywhere in it is found for sure. The total of the first page tells it, where the cap is
// known, and nothing is refused; else the API's refusal does.
func TestVerifyHalvesWhatTheAPIDoesNotPageThrough(t *testing.T) {
	for name, c := range map[string]struct {
		most    int
		refused bool
		total   bool
	}{
		"the total says so":                    {capped, false, true},
		"the API refuses by itself":            {0, true, true},
		"the API refuses, and tells no totals": {0, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			inHour(t, genesystest.Config{Conversations: 60, MaxResults: capped}, func(i *inquiry) {
				i.most = c.most
				i.lost = []string{i.rows[1].ID, i.rows[30].ID, i.rows[58].ID}
				if !c.total {
					i.sim.Script(func(genesystest.Request) *genesystest.Fault { return genesystest.WithoutTotal() })
				}
				i.verify()
				i.mustHaveFound(i.lost, false)
				if n := i.refused(); n > 0 != c.refused {
					t.Errorf("%d pages were refused", n)
				}
				if !strings.Contains(i.out.String(), "\n1 windows show 60 conversations: 3 missing") {
					t.Errorf("it is not one window with all conversations:\n%s", i.out.String())
				}
			})
		})
	}
}

// It is halved from nine tenths of the cap on: the rest may come while it is read.
func TestVerifyHalvesFromNineTenthsOfTheCapOn(t *testing.T) {
	for rows, want := range map[int]int{capped*9/10 - 1: 1, capped * 9 / 10: 3} {
		inHour(t, genesystest.Config{Conversations: rows, MaxResults: capped}, func(i *inquiry) {
			i.most = capped
			i.verify()
			i.mustHaveFound(nil, false)
			if n := i.intervals(); n != want {
				t.Errorf("%d conversations: %d intervals were asked for, want %d", rows, n, want)
			}
		})
	}
}

// Where an interval shows all of its day, halves are of no use. The hour is judged as far
// as the API pages, and that this is not all is said, and is no success.
func TestVerifyJudgesWhatCannotBeHalvedAsFarAsItGoes(t *testing.T) {
	for name, c := range map[string]struct{ conversations, most, pages int }{
		"the total says so":         {60, capped, 1 + 2 + 3},
		"the API refuses by itself": {60, 0, 3 + 2 + 3},
		"nearly, and it is all":     {capped - 1, capped, 1 + 2 + 2},
	} {
		t.Run(name, func(t *testing.T) {
			inHour(t, genesystest.Config{Conversations: c.conversations, MaxResults: capped, WholeDays: true}, func(i *inquiry) {
				i.most = c.most
				shown, all := i.rows[3].ID, c.conversations <= capped
				if i.lost = []string{shown}; !all {
					i.lost = append(i.lost, i.rows[50].ID)
				}
				i.verify()
				i.mustHaveFound([]string{shown}, !all)
				if n := i.pages(); n != c.pages {
					t.Errorf("%d pages were asked for, want %d", n, c.pages)
				}
				if said := strings.Contains(i.out.String(), "unsure 1999-12-24T23:55Z/1999-12-25T01:00Z: the API pages no further"); said == all {
					t.Errorf("it shows all: %v\n%s", all, i.out.String())
				}
			})
		})
	}
}

// A millisecond is not halved. What lies beside it is found all the same.
func TestVerifyHalvesDownToAMillisecond(t *testing.T) {
	inHour(t, genesystest.Config{Conversations: 12, MaxResults: capped}, func(i *inquiry) {
		i.most = capped
		at := christmas.Add(30 * time.Minute)
		for n := range 30 {
			id := "at-once-" + string(rune('a'+n))
			i.sim.Put([]string{"q"}, genesystest.Conversation{ID: id, Start: at, End: at})
			c, _ := i.sim.Conversation(id)
			i.rows = append(i.rows, c)
		}
		i.lost = []string{i.rows[0].ID, i.rows[11].ID}
		i.verify()
		i.mustHaveFound(i.lost, true)
		for _, line := range i.lines("unsure") {
			if !strings.HasPrefix(line, "unsure 1999-12-25T00:30Z/00:30:00.001Z: ") {
				t.Error(line)
			}
		}
	})
}

// A row that slides within a half is found by a second pass of that half; the other half
// is read once.
func TestVerifyLooksAtAHalfAgain(t *testing.T) {
	inHour(t, genesystest.Config{Conversations: 30, MaxResults: capped}, func(i *inquiry) {
		i.most = capped
		end := christmas.Add(time.Hour)
		second := i.sim.IDs("q", end.Add(-65*time.Minute/2), end)
		i.lost = second[10:11]
		i.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if r.Page == 2 && r.To.Equal(end) && r.Attempt == 1 {
				i.sim.Remove(second[0])
			}
			return nil
		})
		i.verify()
		i.mustHaveFound(i.lost, false)
		if n := i.pages(); n != 1+1+2+2*2 {
			t.Errorf("%d pages were asked for, want the first one, one of a half, two of each, and two again", n)
		}
	})
}

// Where the API shows a part only, the command fails though the topic lacks nothing of that.
func TestVerifyThatIsNotSureFails(t *testing.T) {
	beside(t)
	w := newWorld(t, genesystest.Config{Conversations: 100, MaxResults: capped, WholeDays: true})
	w.publishAll(func(r *kgo.Record) []*kgo.Record { return []*kgo.Record{r} })
	c := w.verify("--queue", w.sim.Queues()[0])
	c.mustEnd(failed, "verify: windows cannot be judged for sure: see the lines that begin with unsure")
	c.mustSay("4 windows show 80 conversations", " 0 missing, 0 stale, 0 extra, ", "\nunsure 2025-03-03T09:55Z/11:00Z: ", "\nunsure, where the API pages no further: ")
}

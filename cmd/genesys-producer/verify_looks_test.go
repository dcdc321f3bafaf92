package main

import (
	"slices"
	"strings"
	"testing"

	"genesys-producer/genesys/genesystest"
)

// A row leaves page 1 while page 2 is asked for: the one that slid back in its place was on
// neither. A second pass shows it, and is enough.
func TestVerifyFindsARowThatSlidBetweenPages(t *testing.T) {
	inHour(t, genesystest.Config{Conversations: 27}, func(i *inquiry) {
		slid := i.rows[10].ID // the first of page 2
		i.lost = []string{slid}
		i.whilePage2(func(pass int) {
			if pass == 1 {
				i.sim.Remove(i.rows[0].ID)
			}
		})
		i.verify()
		i.mustHaveFound([]string{slid}, false)
		if n := i.pages(); n != 6 {
			t.Errorf("%d pages were asked for, want each of three twice", n)
		}
	})
}

// An hour is read again for as long as there are signs and other conversations, three
// times at most; what is left then is said, and is no success.
func TestVerifyLooksThreeTimesAtMost(t *testing.T) {
	for _, c := range []struct {
		name          string
		comes, leaves int // in how many passes a conversation does
		pages         int // there are three in a pass
		unsure        bool
	}{
		{"nothing moves", 0, 0, 3, false},
		{"one comes in the first pass", 1, 0, 6, false},
		{"and in the second", 2, 0, 9, false},
		{"and in the third", 3, 0, 9, true},
		{"and in all", 9, 0, 9, true},
		{"one leaves in each, and the third finds nothing new", 0, 9, 9, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHour(t, genesystest.Config{Conversations: 25}, func(i *inquiry) {
				var late []string
				i.whilePage2(func(pass int) {
					if pass <= c.comes {
						late = append(late, i.arrive(pass))
					}
					if pass <= c.leaves {
						i.sim.Remove(i.rows[pass-1].ID)
					}
				})
				i.verify()
				i.mustHaveFound(late[:min(len(late), 2)], c.unsure) // what comes in the third pass is not shown any more
				if n := i.pages(); n != c.pages {
					t.Errorf("%d pages were asked for, want %d", n, c.pages)
				}
			})
		})
	}
}

// What is not sure is said with its signs, and with the command that asks again; it fails
// though nothing is missing that was shown.
func TestVerifySaysWhatIsNotSure(t *testing.T) {
	inHour(t, genesystest.Config{Conversations: 25}, func(i *inquiry) {
		i.whilePage2(func(pass int) {
			c, _ := i.sim.Conversation(i.arrive(pass))
			i.rows = append(i.rows, c) // the service has found it
		})
		i.verify()
		i.mustHaveFound(nil, true)
		const want = "unsure 1999-12-24T23:55Z/1999-12-25T01:00Z: the API counts 1 more than there are; 1 records came again on a later page; " +
			"the total moved, from 27 to 28; the last of 3 passes still found 1 other conversations"
		if got := i.lines("unsure"); !slices.Equal(got, []string{want}) {
			t.Errorf("%q, want %q", got, want)
		}
		if !strings.Contains(i.out.String(), "\n  genesys-producer verify --queue q --from 1999-12-25T00:00:00Z --to 1999-12-25T01:00:00Z\n") {
			t.Errorf("it does not say how to ask again:\n%s", i.out.String())
		}
	})
}

// Totals that are above what there is, by nature, are a sign each time: where a whole pass
// more shows no other conversation it is sure, and what is missing is found all the same.
func TestVerifyIsSureOfTotalsThatAreOffByNature(t *testing.T) {
	for name, lost := range map[string]int{"nothing is missing": 0, "one is missing": 1} {
		t.Run(name, func(t *testing.T) {
			inHour(t, genesystest.Config{Conversations: 27, Life: genesystest.Life{TotalAbove: 2}}, func(i *inquiry) {
				for _, c := range i.rows[:lost] {
					i.lost = append(i.lost, c.ID)
				}
				i.verify()
				i.mustHaveFound(i.lost, false)
				if n := i.pages(); n != 8 {
					t.Errorf("%d pages were asked for, want three and one beyond the rows, twice", n)
				}
			})
		})
	}
}

// An answer without a row, though its total tells of some, is not the last word.
func TestVerifyLooksAgainWhereNothingIsShown(t *testing.T) {
	inHour(t, genesystest.Config{Conversations: 5}, func(i *inquiry) {
		i.lost = []string{i.rows[2].ID}
		i.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if !r.Token && r.Attempt == 1 {
				return genesystest.EmptyArray()
			}
			return nil
		})
		i.verify()
		i.mustHaveFound(i.lost, false)
	})
}

// A conversation that was changed between two passes is judged as the later one had it.
func TestVerifyJudgesTheNewestVersion(t *testing.T) {
	inHour(t, genesystest.Config{Conversations: 27}, func(i *inquiry) {
		revised := i.rows[20].ID
		i.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if r.Page == 2 && r.Attempt == 1 {
				i.sim.Remove(i.rows[0].ID)
			}
			if r.Page == 1 && r.Attempt == 2 {
				i.sim.Revise(revised)
			}
			return nil
		})
		i.verify()
		i.mustHaveFound(nil, false)
		if got := i.lines("stale"); !slices.Equal(got, []string{"stale " + revised}) {
			t.Errorf("%q, want %s", got, revised)
		}
	})
}

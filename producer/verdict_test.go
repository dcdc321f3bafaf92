package producer

import (
	"strings"
	"testing"

	"genesys-producer/checkpoint"
)

// account is that of a pass that had so many conversations, where the API counted short
// more than these.
func account(distinct, short int) checkpoint.Account {
	total := distinct + short
	return checkpoint.Account{Totals: checkpoint.Totals{First: total, Last: total}, Distinct: distinct, News: distinct}
}

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*checkpoint.Account) // of a pass of 10 that gives no sign
		want   Verdict                   // empty: another look
		why    string
	}{
		"nothing hints at anything":      {func(*checkpoint.Account) {}, Complete, ""},
		"an empty window":                {func(a *checkpoint.Account) { *a = checkpoint.Account{} }, Complete, ""},
		"the API says no total":          {func(a *checkpoint.Account) { a.Totals.First, a.Totals.Last = -1, -1 }, Complete, ""},
		"the total is too low":           {func(a *checkpoint.Account) { a.Totals.First, a.Totals.Last = 8, 8 }, Complete, ""},
		"sign 1: the total is higher":    {func(a *checkpoint.Account) { a.Totals.First, a.Totals.Last = 11, 11 }, "", "counts 1 more"},
		"sign 2: a record came again":    {func(a *checkpoint.Account) { a.Repeated = 2 }, "", "2 records came again"},
		"sign 3: the total moved":        {func(a *checkpoint.Account) { a.Totals.First, a.Totals.Moved = 9, true }, "", "moved, from 9 to 10"},
		"a second look found nothing":    {func(a *checkpoint.Account) { a.Repeated, a.Looks, a.News = 1, 1, 0 }, Stable, "found no other conversation"},
		"a second look found something":  {func(a *checkpoint.Account) { a.Repeated, a.Looks, a.News = 1, 1, 1 }, "", "came again"},
		"a second look without a sign":   {func(a *checkpoint.Account) { a.Looks, a.News = 1, 1 }, Complete, ""},
		"a third look found nothing":     {func(a *checkpoint.Account) { a.Repeated, a.Looks, a.News = 1, 2, 0 }, Stable, "found no other conversation"},
		"a third look found something":   {func(a *checkpoint.Account) { a.Repeated, a.Looks, a.News = 1, 2, 4 }, Unstable, "4 other conversations"},
		"more than the API pages":        {func(a *checkpoint.Account) { a.Truncated = true }, Truncated, "pages no further"},
		"more than that, and other news": {func(a *checkpoint.Account) { a.Truncated, a.Repeated = true, 3 }, Truncated, "pages no further"},
	} {
		t.Run(name, func(t *testing.T) {
			a := account(10, 0)
			c.change(&a)
			got, why := new(nature).judge(a)
			if got != c.want || !strings.Contains(why, c.why) || c.why == "" && why != "" {
				t.Errorf("judged %q because of %q, want %q because of %q", got, why, c.want, c.why)
			}
		})
	}
}

func TestSignsAreAllTold(t *testing.T) {
	a := checkpoint.Account{Totals: checkpoint.Totals{First: 12, Last: 13, Moved: true}, Distinct: 10, Repeated: 1}
	want := "the API counts 3 more than there are; 1 records came again on a later page; the total moved, from 12 to 13"
	if got := Signs(a); got != want {
		t.Errorf("signs are %q, want %q", got, want)
	}
}

// looks closes a window of an account whose further looks find nothing, and returns how
// many it took.
func looks(n *nature, a checkpoint.Account) int {
	for ; ; a.Looks, a.News = a.Looks+1, 0 {
		if verdict, _ := n.judge(a); verdict != "" {
			return a.Looks + 1
		}
	}
}

// learnt is the nature of a queue where second looks have found nothing several times, at
// a total that was 5 too high.
func learnt(t *testing.T) *nature {
	t.Helper()
	n := new(nature)
	for window := range 3 {
		if got := looks(n, account(10, 5)); got != 2 {
			t.Fatalf("window %d was looked at %d times, want twice", window, got)
		}
	}
	return n
}

// Totals that are too high by nature: after 3 windows one look suffices, and each time
// that it has sufficed 20 times, it is seen whether it still does.
func TestOneLookComesToSuffice(t *testing.T) {
	n := learnt(t)
	for round := range 3 {
		for window := range 20 {
			if got := looks(n, account(10, 1+window%5)); got != 1 {
				t.Fatalf("round %d: window %d was looked at %d times, want once", round, window, got)
			}
		}
		if got := looks(n, account(10, 5)); got != 2 {
			t.Fatalf("round %d: after 20 windows with one look, the next had %d, want 2", round, got)
		}
	}
	if verdict, why := n.judge(account(10, 5)); verdict != Stable || !strings.Contains(why, "in at least 3 earlier windows that lacked as many, and as large a share,") {
		t.Errorf("one look is judged %q because of %q", verdict, why)
	}
}

func TestOneLookDoesNotSuffice(t *testing.T) {
	repeated, moved := account(10, 5), account(10, 5)
	repeated.Repeated, moved.Totals.Moved = 1, true
	for name, a := range map[string]checkpoint.Account{
		"for an empty window":        account(0, 5),
		"where more is lacking":      account(11, 6),
		"where a larger share is":    account(9, 5),
		"where records came again":   repeated,
		"where the total moved too":  moved,
		"for nothing but repetition": {Totals: checkpoint.Totals{First: 10, Last: 10}, Distinct: 10, Repeated: 1},
	} {
		if got := looks(learnt(t), a); got != 2 {
			t.Errorf("%s: %d looks, want 2", name, got)
		}
	}
}

// What whole days lack says nothing of an hour, and what quiet hours lack nothing of a busy
// one, however often either was looked at twice for nothing.
func TestOneLookSufficesForWhatIsAlike(t *testing.T) {
	n := new(nature)
	for range 30 {
		looks(n, account(5000, 50)) // a day
		looks(n, account(2, 1))     // an hour of the night
	}
	if got := looks(n, account(4000, 40)); got != 1 {
		t.Errorf("a day that lacks as little as days did was looked at %d times, want once", got)
	}
	for _, a := range []checkpoint.Account{account(60, 40), account(100, 50), account(1000, 11)} {
		if got := looks(n, a); got != 2 {
			t.Errorf("%d of %d were found, in %d looks, want 2", a.Distinct, a.Totals.Last, got)
		}
	}
}

// Three windows must have lacked as much, each of them: one among others is not enough.
func TestOneWindowTeachesNothing(t *testing.T) {
	n := learnt(t)
	for window, want := range []int{2, 2, 2, 1} {
		if got := looks(n, account(100, 50)); got != want {
			t.Errorf("window %d that lacks ten times as many was looked at %d times, want %d", window, got, want)
		}
	}
}

// Where a third look was needed, a second one has not found nothing.
func TestNothingIsLearntFromAThirdLook(t *testing.T) {
	n := new(nature)
	for look, news := range []int{10, 1, 0} {
		a := account(10, 5)
		a.Looks, a.News = look, news
		n.judge(a)
	}
	for range 2 {
		looks(n, account(10, 5))
	}
	if got := looks(n, account(10, 5)); got != 2 {
		t.Errorf("%d looks, want 2", got)
	}
}

// What second looks of such windows came to says nothing of a total that is too high by
// nature: an empty window, or one whose rows slid.
func TestNothingIsLearntFromOtherSigns(t *testing.T) {
	repeated := account(10, 5)
	repeated.Repeated = 1
	for name, a := range map[string]checkpoint.Account{"empty windows": account(0, 5), "records that came again": repeated} {
		n := new(nature)
		for range 6 {
			looks(n, a)
		}
		if got := looks(n, account(10, 5)); got != 2 {
			t.Errorf("after %s a window was looked at %d times, want twice", name, got)
		}
	}
}

// A second look that finds something, even a third: it is learnt anew, from the start.
func TestOneLookIsUnlearnt(t *testing.T) {
	for name, looked := range map[string]int{"a second look": 1, "the last look that is allowed": 2} {
		n := learnt(t)
		a := account(10, 5)
		a.Looks, a.News = looked, 1
		n.judge(a)
		for window := range 3 {
			if got := looks(n, account(10, 5)); got != 2 {
				t.Errorf("%s found something; window %d after it was looked at %d times, want twice", name, window, got)
			}
		}
		if got := looks(n, account(10, 5)); got != 1 {
			t.Errorf("%s found something: it is not learnt again", name)
		}
	}
}

package producer

import (
	"fmt"
	"strings"
	"sync"

	"genesys-producer/checkpoint"
)

// Verdict says what a window's walks amount to.
type Verdict string

const (
	// Complete: no sign that a record was missed.
	Complete Verdict = "complete"
	// Stable: there were signs, and a whole pass more found no other conversation; or
	// such signs have proved, again and again, to be of no meaning for this queue.
	Stable Verdict = "stable"
	// Unstable: there were signs still, and other conversations, in the last pass that is allowed.
	Unstable Verdict = "unstable"
	// Truncated: there is more than the API pages through, and the window cannot be cut.
	Truncated Verdict = "truncated"
)

// MostPasses is how often a window is walked to its end, at most.
const MostPasses = 3

// Signs say why a pass may have missed a record; empty: nothing hints at it.
func Signs(a checkpoint.Account) string {
	var all []string
	if short := a.Totals.Last - a.Distinct; short > 0 {
		all = append(all, fmt.Sprintf("the API counts %d more than there are", short))
	}
	if a.Repeated > 0 {
		all = append(all, fmt.Sprintf("%d records came again on a later page", a.Repeated))
	}
	if a.Totals.Moved {
		all = append(all, fmt.Sprintf("the total moved, from %d to %d", a.Totals.First, a.Totals.Last))
	}
	return strings.Join(all, "; ")
}

// judge is the verdict on a window whose pass has ended, and why; empty: it is to be
// walked once more.
func (n *nature) judge(a checkpoint.Account) (verdict Verdict, why string) {
	why = Signs(a)
	switch {
	case a.Truncated:
		return Truncated, "the API pages no further, and the window cannot be cut, or has no fewer records for it"
	case why == "":
		return Complete, ""
	case a.Looks > 0 && a.News == 0:
		n.learn(a)
		return Stable, why + "; a whole pass more found no other conversation"
	case a.Looks == 0 && n.suffices(a):
		return Stable, fmt.Sprintf("%s; in at least %d earlier windows that lacked as many, and as large a share, a second pass found no other conversation", why, enough)
	case a.Looks+1 >= MostPasses:
		n.unlearn()
		return Unstable, fmt.Sprintf("%s; the last of %d passes still found %d other conversations", why, MostPasses, a.News)
	}
	if a.Looks > 0 {
		n.unlearn() // the second look was worth it
	}
	return "", why
}

const (
	// enough is how many windows that lacked as much must have been looked at twice for nothing.
	enough = 3
	// probe is after how many windows that had one look the next one has two.
	probe = 20
	// lessons is how many windows that were looked at twice are remembered.
	lessons = 60
)

// nature is what is known of a queue whose totals are higher than its records are many:
// the API calls them approximate. Where second looks have found nothing several times, and
// only the total was the sign, one look suffices where no more is lacking than in those.
// It is learnt anew by each process, and safe for concurrent use.
type nature struct {
	mu     sync.Mutex
	learnt []shortfall // of the last windows whose second look found nothing; no other found anything since
	once   int         // windows since that had one look
}

// shortfall is how many conversations a window lacks by its total, beside those it has.
type shortfall struct{ short, distinct int }

// within reports whether s is no more than other, as a number and as a share: what whole
// days lack says nothing of an hour, and what quiet hours lack nothing of a busy one.
func (s shortfall) within(other shortfall) bool {
	return s.short <= other.short && s.short*other.distinct <= other.short*s.distinct
}

// byTotalAlone is by how much a total was too high, where that is the only sign and there
// are records at all.
func byTotalAlone(a checkpoint.Account) (s shortfall, ok bool) {
	s = shortfall{a.Totals.Last - a.Distinct, a.Distinct}
	return s, s.short > 0 && a.Distinct > 0 && a.Repeated == 0 && !a.Totals.Moved
}

func (n *nature) learn(a checkpoint.Account) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s, ok := byTotalAlone(a); ok && a.Looks == 1 { // where a third was needed, the second had found something
		n.learnt, n.once = append(n.learnt[max(0, len(n.learnt)-lessons+1):], s), 0
	}
}

func (n *nature) unlearn() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.learnt, n.once = nil, 0
}

func (n *nature) suffices(a checkpoint.Account) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, ok := byTotalAlone(a)
	alike := 0
	for _, l := range n.learnt {
		if s.within(l) {
			alike++
		}
	}
	if !ok || alike < enough || n.once >= probe {
		return false
	}
	n.once++
	return true
}

package checkpoint

import (
	"cmp"
	"fmt"
	"slices"
)

// Lane separates the positions of one queue that advance independently of
// each other: 1 to 32 lower-case letters, digits and hyphens, beginning with
// a letter.
type Lane string

const (
	// Live is the lane of the windows that follow the clock.
	Live Lane = "live"
	// Revisit is the lane of the days that are walked again for late changes.
	Revisit Lane = "revisit"
)

// Key says whose position it is, within one checkpoint name.
type Key struct {
	Queue string // id of the routing queue, 1 to 64 bytes of UTF-8
	Lane  Lane
}

// String returns the key as it appears in errors: "queue 3f lane live".
func (k Key) String() string {
	return fmt.Sprintf("queue %s lane %s", k.Queue, k.Lane)
}

// SortKeys sorts keys by their text.
func SortKeys(keys []Key) {
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Compare(a.String(), b.String()) })
}

// Destination is where the records went: a position holds for it alone
// (invariant 3).
type Destination struct {
	Cluster string `json:"cluster"` // Kafka cluster id; empty where the brokers tell none
	Topic   string `json:"topic"`   // required
}

// Position says how far a lane has come: which page of which walk was the
// last one completed, under which query, and what the walk has found so far.
// It is a value, safe to copy. The zero Position means: none.
type Position struct {
	Query       Query       `json:"query"`
	Destination Destination `json:"destination"`
	Start       string      `json:"start"`   // WINDOW_FROM as it was configured when the queue began, e.g. "24h"
	Turn        int         `json:"turn"`    // of lane revisit: which of its revisits this is; of lane live: 0
	Pass        int         `json:"pass"`    // 0: first walk of the window
	Page        int         `json:"page"`    // last completed page; 0: none yet
	Read        int         `json:"read"`    // records read on pages 1 to Page of this pass
	Last        bool        `json:"last"`    // Page is the last one of this pass
	Ended       bool        `json:"ended"`   // the window has its verdict, and is yet to be attested
	Closed      bool        `json:"closed"`  // the walk of the window has ended; the next window begins at Query.To
	Account     Account     `json:"account"` // of the window
	Ledgers     [2]Mark     `json:"ledgers"` // how far they hold for this position; of the later day first
	Agenda      string      `json:"agenda"`  // of lane revisit: what is to be revisited, in the words of package producer
}

// Account is what the walk of a window has come to. Counts are of all passes of
// the window, but where they say otherwise.
type Account struct {
	Looks      int    `json:"looks"`      // earlier passes that were walked to their end
	Totals     Totals `json:"totals"`     // as the API had them
	Before     int    `json:"before"`     // the total that made the window half as long; 0: none did; -1: it is not to be cut
	Truncated  bool   `json:"truncated"`  // it holds more than the API pages through, and cannot be cut
	Distinct   int    `json:"distinct"`   // conversations of this pass
	Repeated   int    `json:"repeated"`   // records of this pass that had been on an earlier page
	News       int    `json:"news"`       // conversations of this pass that no earlier one had
	Pages      int    `json:"pages"`      // completed
	Published  int    `json:"published"`  // messages
	Superseded int    `json:"superseded"` // records that were not published because a later read was
	Letters    int    `json:"letters"`    // dead letters
	Outside    int    `json:"outside"`    // records of this pass without any time in the interval
	Rows       int    `json:"rows"`       // records of the last completed page
	Print      string `json:"print"`      // fingerprint of their ids
	FirstAt    int    `json:"firstAt"`    // when the first page of this pass was sent for, in Unix milliseconds
	ReadAt     int    `json:"readAt"`     // when the last completed page was
	Begin      string `json:"begin"`      // ends of the topic's partitions before the first message; empty: not known
	Final      Final  `json:"final"`      // set with Ended
}

// Totals are the totals that came with the pages of a pass. -1: the API said none.
type Totals struct {
	First int  `json:"first"`
	Last  int  `json:"last"`
	Moved bool `json:"moved"` // they were not all the same
}

// See takes note of the total of a page of the pass. The first one begins it.
func (t *Totals) See(page, total int) {
	switch {
	case page == 1:
		*t = Totals{First: total, Last: total}
	case total >= 0: // a page beyond the last may say none
		t.Moved = t.Moved || t.Last >= 0 && total != t.Last
		t.Last = total
	}
}

// Final is what is known of a window at its end.
type Final struct {
	Verdict   string `json:"verdict"`   // in the words of package producer
	Why       string `json:"why"`       // in plain words
	Found     int    `json:"found"`     // conversations
	Unchanged int    `json:"unchanged"` // of those, the ones of which every version had been published before
	Open      int    `json:"open"`      // of those, the ones that had no end
	Digest    string `json:"digest"`    // over their ids and hashes
	End       string `json:"end"`       // ends of the topic's partitions behind the last message
}

// Mark says how much of a ledger holds for a position.
type Mark struct {
	Day    Day    `json:"day"`    // empty: no ledger
	Length int    `json:"length"` // bytes
	Sum    string `json:"sum"`    // of these bytes, frame by frame: see the package comment; empty: of none
}

// Compare orders the positions of one lane: -1 if p comes before q, 0 if
// neither comes before the other, +1 if p comes after q. The order is that of
// (turn, begin of the window, pass, page, ended, closed); the zero Position comes
// before every valid one (invariant 2).
//
// The end of the window has no part in it: a later pass may walk a shorter
// window from the same begin, and comes after the earlier pass all the same.
// Within one pass the whole query is frozen, which [MayFollow] enforces.
func (p Position) Compare(q Position) int {
	return cmp.Or(
		cmp.Compare(p.Turn, q.Turn),
		p.Query.From.Compare(q.Query.From),
		cmp.Compare(p.Pass, q.Pass),
		cmp.Compare(p.Page, q.Page),
		cmp.Compare(p.rank(), q.rank()),
	)
}

// IsZero reports whether p is no position at all.
func (p Position) IsZero() bool {
	return p == Position{}
}

// String returns the position for logs and errors, such as
// "window 2026-03-01T00:00Z/01:00Z pass 0 page 7", with " ended" or
// " closed" after the end of a walk; "none" for the zero Position.
func (p Position) String() string {
	if p.IsZero() {
		return "none"
	}
	end := ""
	switch {
	case p.Closed:
		end = " closed"
	case p.Ended:
		end = " ended"
	}
	turn := ""
	if p.Turn > 0 {
		turn = fmt.Sprintf("revisit %d ", p.Turn)
	}
	return fmt.Sprintf("%swindow %s pass %d page %d%s", turn, p.Query.Window(), p.Pass, p.Page, end)
}

// rank orders an open walk before one that has ended, and that before its close.
func (p Position) rank() int {
	switch {
	case p.Closed:
		return 2
	case p.Ended:
		return 1
	default:
		return 0
	}
}

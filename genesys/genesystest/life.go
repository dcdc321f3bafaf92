package genesystest

import (
	"fmt"
	"time"
)

// Life is what befalls conversations besides that they begin, move on and end,
// and how inexactly they are told of. Every share is of all conversations, from
// 0 to 1, and is drawn for by itself: to set one does not change whom the others
// hit, nor anybody's id, times or size. The zero value: nothing of all this.
//
// A conversation that never ends (LiveShare) may lag and be told in another
// order; nothing of what follows an end happens to it. What a test puts, and
// what drift has arrive, is reordered at most, and bytes that a test has put
// are not even that.
type Life struct {
	// ReopenShare is the share that goes on once more, 5 minutes to 6 hours
	// after its end, as when another email joins it: it has no end again and a
	// new segment of its customer and its agent, and ends 1 minute to 2 hours
	// later for good. In between it is not active.
	ReopenShare float64
	// WrapUpShare is the share whose last wrap-up is told only 2 minutes to 5
	// hours after the end: segment and code, with their times in the past, and
	// the metrics made of them. Calls that nobody answered have no wrap-up.
	WrapUpShare float64
	// SurveyShare is the share whose customer answers a survey, 2 to 48 hours
	// after the last end: the member surveys.
	SurveyShare float64
	// LagShare is the share that no query finds at its start, but only after a
	// lag of one second up to LagMost, short ones more often than long ones.
	// Many are over when they are found.
	LagShare float64
	// LagMost defaults to 20 minutes.
	LagMost time.Duration
	// MidnightShare is the share that starts at most 10 minutes before one of
	// the UTC midnights between From and To, and ends after it. Where there is
	// no midnight between the two, none does.
	MidnightShare float64

	// TotalAbove and TotalAboveShare are by how much every total is larger than
	// the number of rows, always: a constant, which an empty answer has too, and
	// a share of the rows, rounded up. There is never a row to it.
	TotalAbove      int
	TotalAboveShare float64
	// TotalOffShare is the share of answers whose total is off by chance, by 1 to
	// TotalOffMost rows more or fewer, though never below 0. It is drawn for by
	// what is asked, at which attempt and when.
	TotalOffShare float64
	// TotalOffMost defaults to 3.
	TotalOffMost int

	// ReorderShare is the share of records in answers that are written with
	// their members in another order, and their participants too: the content is
	// the same, the bytes are not, and both differ from those that
	// [Simulator.Conversation] tells. It is drawn for by conversation and by
	// minute of Now, so that a record keeps its order for a minute.
	ReorderShare float64
}

func (l Life) withDefaults() Life {
	setDefault(&l.LagMost, 20*time.Minute)
	setDefault(&l.TotalOffMost, 3)
	for _, share := range []float64{l.ReopenShare, l.WrapUpShare, l.SurveyShare, l.LagShare, l.MidnightShare,
		l.TotalAboveShare, l.TotalOffShare, l.ReorderShare} {
		if !(share >= 0 && share <= 1) {
			panic(fmt.Sprintf("genesystest: a share of Life is %v, not from 0 to 1", share))
		}
	}
	if l.LagMost < 0 || l.TotalOffMost < 0 || l.TotalAbove < 0 {
		panic("genesystest: LagMost, TotalOffMost and TotalAbove cannot be negative")
	}
	return l
}

package main

import (
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
)

// lane is a position as it is told.
type lane struct {
	Queue      string          `json:"queue"`
	Lane       checkpoint.Lane `json:"lane"`
	Configured bool            `json:"configured"` // the queue is one of GENESYS_QUEUES
	From       time.Time       `json:"from,omitzero"`
	To         time.Time       `json:"to,omitzero"`
	Turn       int             `json:"turn"`
	Pass       int             `json:"pass"`
	Page       int             `json:"page"`
	State      string          `json:"state"`
	ClosedTo   time.Time       `json:"closedUpTo,omitzero"`     // of lane live
	Behind     *int64          `json:"behindSeconds,omitempty"` // of lane live
	Verdict    string          `json:"verdict,omitempty"`       // of a window that has ended, until the next one begins
	Days       *int            `json:"daysToRevisit,omitempty"` // of lane revisit
	NextVisit  time.Time       `json:"nextRevisitDue,omitzero"` // of lane revisit
	Error      string          `json:"error,omitempty"`         // why it cannot be read

	window string
}

// The states of a position.
const (
	stateBegins     = "begins"   // no page is completed
	stateMidWalk    = "mid-walk" // a page is
	stateEnded      = "ended"    // the window has its verdict, and is yet to be attested
	stateClosed     = "closed"   // the next window is next
	stateUnreadable = "unreadable"
)

// stateOf is the state of a position.
func stateOf(p checkpoint.Position) string {
	switch {
	case p.Closed:
		return stateClosed
	case p.Ended:
		return stateEnded
	case p.Page+p.Pass > 0:
		return stateMidWalk
	}
	return stateBegins
}

// newLane tells a position, as of now.
func newLane(f found, now time.Time) lane {
	p := f.Position
	if f.err != nil {
		return lane{Queue: f.Queue, Lane: f.Lane, State: stateUnreadable, Error: f.err.Error()}
	}
	one := lane{Queue: f.Queue, Lane: f.Lane, From: p.Query.From, To: p.Query.To, Turn: p.Turn, Pass: p.Pass, Page: p.Page,
		State: stateOf(p), Verdict: p.Account.Final.Verdict, window: p.Query.Window()}
	if f.Lane == checkpoint.Live {
		one.ClosedTo = producer.WalkedTo(p)
		behind := int64(now.Sub(one.ClosedTo).Seconds())
		one.Behind = &behind
	}
	return one
}

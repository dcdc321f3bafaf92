package genesys

import (
	"context"
	"time"
)

// Call names what a request asks for.
type Call string

const (
	CallPage   Call = "page"   // of the conversation-details query
	CallToken  Call = "token"  // an access token
	CallQueues Call = "queues" // the queue lookup
)

// Exchange is one request that was sent, and what came of it.
type Exchange struct {
	Call        Call
	Status      int           // of the answer; 0: there was none
	Again       bool          // it repeats one that failed
	Waited      time.Duration // until it might be sent: the line, the pace, a budget that was closed
	Took        time.Duration // from then until its answer was read
	Bytes       int           // of the answer, as it was read
	RetryAfter  time.Duration // for which it asks to stay away; 0: it does not
	Correlation string        // the API's id of it, for the vendor's support; may be empty
}

// State is how a client stands with the API.
type State struct {
	Token       bool          // there is an access token that is good, as far as anybody knows
	PerMinute   float64       // requests a minute that it may send now: its own pace, or less where others use the token
	Waiting     int           // requests that wait until they may be sent
	ClosedUntil time.Time     // nothing is sent until then; zero: the budget is open
	Allowed     int           // requests a minute of the token, as the API last said; 0: it has not
	Counted     int           // requests of the token in the API's minute, everybody's, as it last said
	Heard       time.Time     // the last answer; zero: there was none
	Ahead       time.Duration // how far the API's clock was ahead of ours by that, to the second; negative: behind
}

// State is how the client stands with the API. It sends nothing.
func (c *Client) State() State { return State{} }

// Queues looks queues up, as few requests as can be, and returns the names of those that
// the client sees, by id. One that is not among them does not exist, is deleted, or is of a
// division that the client's role does not reach. An [*Error] of [Forbidden] says that the client lacks the
// permission routing:queue:view, so that nobody can tell; so does one of [Rejected], of a
// server that does not have the call.
func (c *Client) Queues(ctx context.Context, ids []QueueID) (map[QueueID]string, error) {
	return nil, nil
}

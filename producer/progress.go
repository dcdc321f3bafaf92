package producer

import (
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// Progress tells how far a lane of a queue is: once as the service begins, then of each
// page and each window, and where it is parked.
type Progress struct {
	Queue    string
	Lane     checkpoint.Lane // revisits cover no new time
	From, To time.Time       // the window, which a pass over its first half makes shorter
	Start    string          // WINDOW_FROM as it was configured when the queue began

	Resumed bool  // where the lane stands as the service begins; nothing was completed
	Matched bool  // conversations of the queue have been found: before, if Resumed; else by this pass
	Page    int   // the page that was completed; 0: none was
	Closed  bool  // the window is walked, and the next one begins at To
	Parked  error // why the lane is not walked any more until the next start; nil: it is

	Verdict Verdict // with Closed
	Why     string  // with Closed: what the verdict rests on, in plain words; may be empty

	At       int // the last completed page of the pass; a further pass begins with 0 again
	PageSize int // records a page, of the window's query
	Read     int // records of the pass so far, as At
	Total    int // of the window, as the API last said; 0 before the first page, -1: it does not say

	Records     int // on this page
	Bytes       int // of these
	Outcome         // what became of them
	Discrepancy genesys.Discrepancy
}

// Turn tells what the service is about to do. It comes whenever a walk begins or ends, and
// whenever the wait for the next one is over.
type Turn struct {
	Walks int       // under way
	Next  time.Time // with none under way: when the next one is to begin; zero: none will by itself
	Visit time.Time // when the revisit was due, or will be, that is due first, and has not ended; zero: there is none
}

// tellResumed tells where all queues are, before the first of them is walked.
func (s *Service) tellResumed(queues []*queue) {
	for _, q := range queues {
		found := q.live.Ledgers[0].Length > 0 || q.revisit.Ledgers[0].Length > 0
		s.tell(checkpoint.Live, q.live, Progress{Resumed: true, Matched: found, Closed: q.live.Closed})
		if !q.revisit.IsZero() {
			s.tell(checkpoint.Revisit, q.revisit, Progress{Resumed: true, Matched: found, Closed: q.revisit.Closed})
		}
	}
}

// tellTurn tells how many walks are under way, and how long it is until the next, where
// nothing else is.
func (s *Service) tellTurn(queues []*queue, walks int, wait time.Duration) {
	if s.Turn == nil {
		return
	}
	turn := Turn{Walks: walks}
	if due := s.firstDue(queues); !due.IsZero() {
		turn.Visit = time.Now().Add(due.Sub(s.API.Now()))
	}
	if walks == 0 && wait > 0 {
		turn.Next = time.Now().Add(wait)
	}
	s.Turn(turn)
}

// firstDue is when the revisit is due, of all that are to be made, that is due first; zero:
// there is none. Those of a queue that is parked do not count: that is told of it.
func (s *Service) firstDue(queues []*queue) (first time.Time) {
	if !s.revisits() {
		return first
	}
	for _, q := range queues {
		if q.parked != nil || q.visitsParked != nil {
			continue
		}
		for _, v := range q.agenda.visits {
			if due := s.Revisits.due(v); !due.IsZero() && (first.IsZero() || due.Before(first)) {
				first = due
			}
		}
	}
	return first
}

// tell adds what the position knows.
func (s *Service) tell(lane checkpoint.Lane, pos checkpoint.Position, p Progress) {
	if s.Progress == nil {
		return
	}
	q := pos.Query
	p.Start = pos.Start
	p.Queue, p.Lane, p.From, p.To = q.Queue, lane, q.From, q.To
	p.At, p.PageSize, p.Read, p.Total = pos.Page, q.PageSize, pos.Read, pos.Account.Totals.Last
	p.Matched = p.Matched || pos.Account.Distinct > 0 || pos.Account.Final.Found > 0
	if p.Closed {
		p.Verdict, p.Why = Verdict(pos.Account.Final.Verdict), pos.Account.Final.Why
	}
	s.Progress(p)
}

func (s *Service) report(lane checkpoint.Lane, pos checkpoint.Position, page *genesys.Page, o Outcome) {
	size := 0
	for _, r := range page.Records {
		size += len(r.Raw)
	}
	s.tell(lane, pos, Progress{Page: page.Number, Records: len(page.Records), Bytes: size, Outcome: o, Discrepancy: page.Discrepancy})
	attributes := []any{"queue", pos.Query.Queue, "lane", lane, "window", pos.Query.Window(), "pass", pos.Pass, "page", page.Number, "records", len(page.Records),
		"published", o.Published, "unchanged", o.Unchanged, "superseded", o.Superseded, "dead_letters", o.DeadLetters, "read", page.Read, "total", page.Total}
	if page.Discrepancy != "" {
		attributes = append(attributes, "discrepancy", page.Discrepancy)
	}
	if page.Correlation != "" {
		attributes = append(attributes, "correlation_id", page.Correlation)
	}
	s.Log.Debug("page completed", attributes...)
}

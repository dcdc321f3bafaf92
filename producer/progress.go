package producer

import (
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// Progress tells how far the live windows of a queue are. Revisits are not told of: they
// cover no new time.
type Progress struct {
	Queue    string
	From, To time.Time // the window, which a pass over its first half makes shorter
	Start    string    // WINDOW_FROM as it was configured when the queue began
	Resumed  bool      // where the queue stands as the service begins; nothing was completed
	Page     int       // the page that was completed; 0: none was
	Closed   bool      // the window is walked, and the next one begins at To

	Read  int // records of the pass so far; a further pass begins with 0 again
	Total int // of the window, as the API last said; -1: it has not

	Records, Published int // on this page, and of it
}

// tellResumed tells where all queues are, before the first of them is walked.
func (s *Service) tellResumed(queues []*queue) {
	for _, q := range queues {
		s.tell(q.live, Progress{Resumed: true, Closed: q.live.Closed})
	}
}

// tellPage tells of a page that is completed.
func (s *Service) tellPage(pos checkpoint.Position, page *genesys.Page, o Outcome) {
	s.tell(pos, Progress{Page: page.Number, Records: len(page.Records), Published: o.Published})
}

// tell adds what the position knows. A turn is of a revisit.
func (s *Service) tell(pos checkpoint.Position, p Progress) {
	if s.Progress == nil || pos.Turn > 0 {
		return
	}
	q := pos.Query
	p.Start = pos.Start
	p.Queue, p.From, p.To, p.Read, p.Total = q.Queue, q.From, q.To, pos.Read, pos.Account.Totals.Last
	s.Progress(p)
}

func (s *Service) report(pos checkpoint.Position, page *genesys.Page, o Outcome) {
	s.tellPage(pos, page, o)
	s.Log.Debug("page completed", "queue", pos.Query.Queue, "window", pos.Query.Window(), "page", page.Number, "records", len(page.Records),
		"published", o.Published, "unchanged", o.Unchanged, "superseded", o.Superseded, "dead_letters", o.DeadLetters, "read", page.Read, "total", page.Total)
	if page.Discrepancy != "" {
		s.Log.Debug("discrepancy", "queue", pos.Query.Queue, "window", pos.Query.Window(),
			"page", page.Number, "what", page.Discrepancy, "read", page.Read, "total", page.Total)
	}
}

package producer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// walk reads the pages of a position's window that are not yet completed, commits
// each, and returns the position it came to: that of the last page it completed,
// also with an error.
//
// Asking ends with ctx. The page in hand is committed under hold, which outlives
// ctx by the grace of a shutdown: what Kafka already has is not to be repeated
// (invariant 6).
func (s *Service) walk(ctx, hold context.Context, pos checkpoint.Position) (checkpoint.Position, error) {
	key := liveKey(pos.Query.Queue)
	defer s.Store.Release(key)
	switch stored, err := s.take(ctx, key, pos); {
	case err != nil && ctx.Err() != nil && !hopeless(err):
		return pos, ctx.Err() // told to stop while it waited for brokers, with no page in hand
	case err != nil || stored.Compare(pos) != 0:
		return stored, err
	}
	tally := tally{began: time.Now()}
	for !pos.Closed {
		after := genesys.Cursor{Page: pos.Page, Read: pos.Read}
		for page, err := range s.API.Pages(ctx, query(pos), after) {
			if err != nil {
				return pos, err
			}
			next := completed(pos, page)
			outcome, err := s.Committer.Commit(hold, page, next)
			if errors.Is(err, errStale) {
				s.Log.Info("page is asked again: it waited too long for its turn", "queue", pos.Query.Queue, "page", page.Number)
				break
			}
			if err != nil {
				return pos, fmt.Errorf("page %d: %w", page.Number, err)
			}
			pos = next
			s.report(pos, page, &tally, outcome)
		}
	}
	s.reportClosed(pos, tally)
	return pos, nil
}

// completed is the position that follows a completed page.
func completed(pos checkpoint.Position, page *genesys.Page) checkpoint.Position {
	pos.Page, pos.Read, pos.Closed = page.Number, page.Read, page.Last
	return pos
}

// tally counts what a walk did since it began or was resumed.
type tally struct {
	began         time.Time
	pages         int
	published     int
	superseded    int
	deadLetters   int
	discrepancies int
	told          genesys.Discrepancy // the last one
	total         int                 // as the last page had it
}

func (s *Service) report(pos checkpoint.Position, page *genesys.Page, t *tally, o Outcome) {
	t.pages++
	t.published += o.Published
	t.superseded += o.Superseded
	t.deadLetters += o.DeadLetters
	t.total = page.Total
	s.Log.Debug("page completed", "queue", pos.Query.Queue, "window", pos.Query.Window(),
		"page", page.Number, "records", len(page.Records), "superseded", o.Superseded, "dead_letters", o.DeadLetters, "read", page.Read, "total", page.Total)
	if page.Discrepancy != "" {
		level := slog.LevelWarn
		if page.Discrepancy == t.told {
			level = slog.LevelDebug // most often it follows from the first: what is short once stays behind the total
		}
		t.told = page.Discrepancy
		t.discrepancies++
		s.Log.Log(context.Background(), level, "discrepancy", "queue", pos.Query.Queue, "window", pos.Query.Window(),
			"page", page.Number, "what", page.Discrepancy, "read", page.Read, "total", page.Total)
	}
}

func (s *Service) reportClosed(pos checkpoint.Position, t tally) {
	s.Log.Info("window closed", "queue", pos.Query.Queue, "window", pos.Query.Window(), "pass", pos.Pass,
		"pages", t.pages, "published", t.published, "superseded", t.superseded, "dead_letters", t.deadLetters,
		"read", pos.Read, "total", t.total, "discrepancies", t.discrepancies,
		"took", time.Since(t.began).Round(time.Millisecond))
}

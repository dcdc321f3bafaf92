package producer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
)

// leg is what a walk is sent out on: one pass of one window of a queue.
type leg struct {
	queue   *queue
	lane    checkpoint.Lane
	stored  checkpoint.Position // the lane's, as it is known
	pos     checkpoint.Position // to begin at: the stored one, or that of the window after it
	until   time.Time           // of a revisit: when a live window of the queue settles; zero: none will
	keep    checkpoint.Day      // ledgers of earlier days are of no use any more
	forgets bool                // those are to be deleted now
}

func (l leg) key() checkpoint.Key { return checkpoint.Key{Queue: string(l.queue.id), Lane: l.lane} }

// walk reads the pages of a position's window that are not yet completed, commits
// each, and closes the window where nothing hints at a record that was missed; else it
// begins another pass. It returns the position that is stored then, also with an error.
//
// Asking ends with ctx. The page in hand is committed under hold, which outlives
// ctx by the grace of a shutdown: what Kafka already has is not to be repeated
// (invariant 6).
func (s *Service) walk(ctx, hold context.Context, leg leg) (checkpoint.Position, error) {
	key, pos := leg.key(), leg.pos
	defer s.Store.Release(key)
	if stored, err := s.take(ctx, key, leg.stored); err != nil || stored.Compare(leg.stored) != 0 {
		return stored, told(ctx, err)
	}
	stored := leg.stored
	if leg.forgets {
		s.forget(ctx, leg)
	}
	if pos.Turn > stored.Turn {
		var err error
		if pos, err = s.enter(ctx, hold, key, pos); err != nil {
			return stored, told(ctx, err)
		}
		stored = pos
	}
	ledgers := openLedgers(s.Store, s.Log, leg.lane, pos)
	if intact, err := ledgers.intact(ctx); err != nil {
		return stored, told(ctx, err)
	} else if !intact && pos.Page > 0 && !pos.Ended {
		return s.withoutLedger(hold, key, stored, pos, ledgers)
	}
	for !pos.Last && !pos.Ended {
		if err := s.mark(ctx, &pos); err != nil {
			return stored, told(ctx, err)
		}
		for page, err := range s.API.Pages(ctx, query(pos), cursor(pos)) {
			if genesys.IsResultCap(err) {
				part, ok, err := s.cut(ctx, pos, s.held(pos))
				if err != nil {
					return stored, err
				}
				if ok {
					return s.again(hold, key, stored, part, "it holds more than the API pages through")
				}
				pos.Last, pos.Account.Truncated = true, true
				break
			}
			if err != nil {
				return stored, err
			}
			if page.Number == pos.Page { // the last completed one, which was asked for again
				if fingerprint(page) != pos.Account.Print {
					return s.again(hold, key, stored, anew(pos), "its pages have slid since they were read")
				}
				pos.Last = page.Last
				continue
			}
			if page.Number == 1 && page.Total >= s.mostResults()/10*9 {
				part, ok, err := s.cut(ctx, pos, page.Total)
				if err != nil {
					return stored, err
				}
				if ok {
					return s.again(hold, key, stored, part, "it holds nearly as much as the API pages through")
				}
			}
			sheet, err := ledgers.sift(ctx, page, key, pos)
			if err != nil {
				return stored, told(ctx, err)
			}
			outcome, err := s.Committer.Commit(hold, sheet)
			if errors.Is(err, errStale) {
				s.Log.Info("page is asked again: it waited too long for its turn", "queue", key.Queue, "lane", key.Lane, "window", pos.Query.Window(), "page", page.Number)
				break
			}
			if err != nil {
				return stored, fmt.Errorf("page %d: %w", page.Number, err)
			}
			pos, stored = sheet.pos, sheet.pos
			s.report(leg.lane, pos, page, outcome)
		}
	}
	return s.close(ctx, hold, leg, ledgers, stored, pos)
}

// told is what an error means that came with no page in hand: where the walk was told to
// stop meanwhile, no more than that.
func told(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && !hopeless(err) {
		return ctx.Err()
	}
	return err
}

// forget deletes the ledgers that are of no use any more. That it fails is no reason to
// stop: the next day tries again.
func (s *Service) forget(ctx context.Context, leg leg) {
	if err := s.Store.Forget(ctx, string(leg.queue.id), leg.keep); err != nil && ctx.Err() == nil {
		s.Log.Warn("ledgers of days that are past cannot be deleted", "queue", leg.queue.id, "lane", leg.lane, "before", leg.keep, "error", err)
	}
}

// mark notes how far the topic goes before the window's first message.
func (s *Service) mark(ctx context.Context, pos *checkpoint.Position) error {
	if pos.Account.Begin != "" {
		return nil
	}
	ends, err := s.Topic.Ends(ctx)
	pos.Account.Begin = offsets(ends)
	return err
}

// again stores the beginning of another pass.
func (s *Service) again(hold context.Context, key checkpoint.Key, stored, next checkpoint.Position, why string) (checkpoint.Position, error) {
	s.Log.Info("window is walked again", "queue", key.Queue, "lane", key.Lane, "window", next.Query.Window(), "pass", next.Pass, "why", why)
	if err := s.Committer.Save(hold, key, next); err != nil {
		return stored, err
	}
	return next, nil
}

// withoutLedger is again where a ledger is lost: nobody knows what the walk has had.
func (s *Service) withoutLedger(hold context.Context, key checkpoint.Key, stored, pos checkpoint.Position, ledgers *ledgers) (checkpoint.Position, error) {
	next := anew(pos)
	next.Ledgers = ledgers.marks // what is left of them
	return s.again(hold, key, stored, next, "its ledger is lost")
}

// cursor is where the pages of a position go on: with the last completed one, which is
// asked for again to see whether it still is the same.
func cursor(pos checkpoint.Position) genesys.Cursor {
	if pos.Page == 0 {
		return genesys.Cursor{}
	}
	return genesys.Cursor{Page: pos.Page - 1, Read: pos.Read - pos.Account.Rows}
}

package producer

import (
	"context"
	"log/slog"
	"slices"

	"genesys-producer/checkpoint"
)

// close gives a window its verdict, attests it and closes it; or begins another pass.
func (s *Service) close(ctx, hold context.Context, leg leg, ledgers *ledgers, stored, pos checkpoint.Position) (checkpoint.Position, error) {
	if !pos.Ended {
		verdict, why := leg.queue.nature.judge(pos.Account)
		if verdict == "" {
			next := anew(pos)
			next.Account.Looks++
			return s.again(hold, leg.key(), stored, next, why)
		}
		items, open, intact, err := ledgers.found(ctx)
		if err != nil {
			return stored, told(ctx, err)
		}
		if !intact {
			return s.withoutLedger(hold, leg.key(), stored, pos, ledgers)
		}
		ends, err := s.Topic.Ends(ctx)
		if err != nil {
			return stored, told(ctx, err)
		}
		if pos.Account.ReadAt == 0 { // not even its first page was answered
			pos.Account.ReadAt = int(s.API.Now().UnixMilli())
			pos.Account.FirstAt = pos.Account.ReadAt
		}
		pos.Ended, pos.Ledgers = true, ledgers.marks
		pos.Account.Final = checkpoint.Final{Verdict: string(verdict), Why: why, Found: len(items), Unchanged: unchanged(items),
			Open: open, Digest: checkpoint.Digest(items), End: offsets(ends)}
		// Stored before it is attested: attested again after a crash, it says the same.
		if err := s.Committer.Save(hold, leg.key(), pos); err != nil {
			return stored, err
		}
		stored = pos
	}
	closed, leftOpen := s.closed(leg.lane, pos)
	if err := s.Committer.Attest(hold, leg.key(), attest(s.WindowsTopic, s.Program, leg.lane, pos, leftOpen), closed); err != nil {
		return stored, err
	}
	s.reportClosed(leg.lane, closed, leftOpen)
	return closed, nil
}

// anew is the beginning of another pass of a position's window.
func anew(pos checkpoint.Position) checkpoint.Position {
	was := pos.Account
	pos.Pass, pos.Page, pos.Read, pos.Last = pos.Pass+1, 0, 0, false
	pos.Account = checkpoint.Account{Looks: was.Looks, Before: was.Before, Truncated: was.Truncated, Pages: was.Pages,
		Published: was.Published, Superseded: was.Superseded, Letters: was.Letters, Begin: was.Begin}
	return pos
}

// closed is the position by which a window is closed, and how many conversations are left
// open by it. In the lane of revisits, the end of a day ends a visit.
func (s *Service) closed(lane checkpoint.Lane, pos checkpoint.Position) (closed checkpoint.Position, leftOpen int) {
	closed = pos
	closed.Closed = true
	done := func(v visit) bool { return !pos.Query.To.Before(v.end()) && s.Revisits.due(v).IsZero() }
	if lane != checkpoint.Revisit {
		v := visit{day: checkpoint.DayOf(pos.Query.From)}
		if whole := pos.Query.From.Equal(v.day.Begin()); s.revisits() && whole && done(v.after(pos)) { // too late for a visit
			leftOpen = pos.Account.Final.Open
		}
		return closed, leftOpen
	}
	a, err := readAgenda(pos.Agenda)
	if err != nil {
		return closed, 0 // it was read when the visit began
	}
	if i := a.index(checkpoint.DayOf(pos.Query.From)); i >= 0 {
		if a.visits[i] = a.visits[i].after(pos); done(a.visits[i]) {
			a.visits, leftOpen = slices.Delete(a.visits, i, i+1), pos.Account.Final.Open
		}
	}
	closed.Agenda = a.String()
	return closed, leftOpen
}

// unchanged counts the conversations that had no new version.
func unchanged(items []checkpoint.Item) (n int) {
	for _, item := range items {
		if item.Known {
			n++
		}
	}
	return n
}

func (s *Service) reportClosed(lane checkpoint.Lane, pos checkpoint.Position, leftOpen int) {
	s.tell(lane, pos, Progress{Closed: true})
	a, level, text := pos.Account, slog.LevelInfo, "window closed"
	if v := Verdict(a.Final.Verdict); v == Unstable || v == Truncated {
		level, text = slog.LevelWarn, "discrepancy: window closed, and records may be missing that the API did not show; genesys-producer verify tells"
	}
	s.Log.Log(context.Background(), level, text, "queue", pos.Query.Queue, "lane", lane, "window", pos.Query.Window(), "pass", pos.Pass,
		"verdict", a.Final.Verdict, "why", a.Final.Why, "looks", a.Looks+1, "pages", a.Pages, "conversations", a.Final.Found,
		"published", a.Published, "unchanged", a.Final.Unchanged, "superseded", a.Superseded, "dead_letters", a.Letters,
		"total", a.Totals.Last, "outside_window", a.Outside, "open", a.Final.Open, "left_open", leftOpen)
	if lane == checkpoint.Revisit && (pos.Pass > 1 || len(s.Revisits.Ages) == 1) && a.Published*5 > a.Final.Found && a.Final.Found >= fewest && s.changing.CompareAndSwap(false, true) {
		s.Log.Warn("a revisit found more than a fifth of its conversations changed: either much is changed after the end of a day, or the API writes the same conversation in another way each time; this is told once",
			"queue", pos.Query.Queue, "lane", lane, "day", checkpoint.DayOf(pos.Query.From), "conversations", a.Final.Found, "published", a.Published)
	}
}

// fewest conversations of which a share says something.
const fewest = 20

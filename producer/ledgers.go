package producer

import (
	"context"
	"log/slog"

	"genesys-producer/checkpoint"
)

// ledgers are what the walk of a window knows of earlier versions: of the day of the
// window, and of the day before where the interval touches that. One day of them is in
// memory at a time; records come in the order of their start, so that seldom changes.
type ledgers struct {
	store Store
	log   *slog.Logger
	queue string
	lane  checkpoint.Lane
	walk  checkpoint.Walk
	marks [2]checkpoint.Mark // as the next position names them; of the window's day first
	read  *checkpoint.Ledger // nil: none
}

// openLedgers are those of a position's walk.
func openLedgers(store Store, log *slog.Logger, lane checkpoint.Lane, pos checkpoint.Position) *ledgers {
	l := &ledgers{store: store, log: log, queue: pos.Query.Queue, lane: lane, walk: checkpoint.WalkOf(lane, pos)}
	l.marks[0].Day = checkpoint.DayOf(pos.Query.From)
	if before := checkpoint.DayOf(pos.Query.Since); before != l.marks[0].Day {
		l.marks[1].Day = before
	}
	for i := range l.marks {
		for _, named := range pos.Ledgers {
			if named.Day == l.marks[i].Day {
				l.marks[i] = named
			}
		}
	}
	return l
}

// day is the ledger in which the conversations of a day are: that of the window's day
// also has what the API should not have answered.
func (l *ledgers) day(day checkpoint.Day) int {
	if day != "" && day == l.marks[1].Day {
		return 1
	}
	return 0
}

// open reads the n-th ledger, unless it is the one in memory. false: it is not what the
// position names.
func (l *ledgers) open(ctx context.Context, n int) (intact bool, err error) {
	want := l.marks[n]
	if l.read != nil && l.read.Mark().Day == want.Day {
		return true, nil
	}
	text, err := l.store.Ledger(ctx, l.queue, want.Day)
	if err != nil {
		return false, err
	}
	l.read, intact = checkpoint.ReadLedger(text, want.Day, want, l.walk)
	l.marks[n] = l.read.Mark()
	if !intact {
		l.log.Warn("ledger is lost or damaged: what it had may be published again, and nothing is missing for it",
			"queue", l.queue, "lane", l.lane, "day", want.Day, "bytes", len(text), "want_bytes", want.Length)
	}
	return intact, nil
}

// intact reports whether the ledgers have what the position names, without which
// nobody knows what the walk has had.
func (l *ledgers) intact(ctx context.Context) (all bool, err error) {
	all = true
	for n := range l.marks {
		if l.marks[n].Day == "" {
			continue
		}
		intact, err := l.open(ctx, n)
		if err != nil {
			return false, err
		}
		all = all && intact
	}
	return all, nil
}

// stored takes note of chunks that are stored, and of the marks with them.
func (l *ledgers) stored(chunks []checkpoint.Chunk, marks [2]checkpoint.Mark) {
	for _, c := range chunks {
		if l.read != nil && l.read.Mark().Day == c.Day {
			l.read.Take(c)
		}
	}
	l.marks = marks
}

// found is what the passes of the window have had, of all days, and how many conversations
// of these days have no end yet. false: a ledger is not what it was.
func (l *ledgers) found(ctx context.Context) (items []checkpoint.Item, open int, all bool, err error) {
	all = true
	for n := range l.marks {
		if l.marks[n].Day == "" {
			continue
		}
		intact, err := l.open(ctx, n)
		if err != nil {
			return nil, 0, false, err
		}
		all = all && intact
		items = append(items, l.read.Found()...)
		open += l.read.Open()
	}
	return items, open, all, nil
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// stretch is what one query asks for: a window with what lies before it, or a part of that.
type stretch struct {
	from, to time.Time
	uncut    bool // it is not to be halved: that is impossible, or has not helped
}

// interval is the stretch for people.
func (s stretch) interval() string { return checkpoint.Query{From: s.from, To: s.to}.Window() }

// halves are the parts of a stretch. Unlike the windows that the service would walk in its
// place, they have nothing in common: both are read now, so that nothing is left to be found
// late by the second. false: it is too short.
func (s stretch) halves() (halves [2]stretch, ok bool) {
	half := (s.to.Sub(s.from) / 2).Truncate(time.Millisecond)
	middle := s.from.Add(half)
	return [2]stretch{{from: s.from, to: middle}, {from: middle, to: s.to}}, half > 0
}

// look reads a window, with what lies before it as the service asks for it.
func (v *verification) look(ctx context.Context, l *look) error {
	return v.lookAt(ctx, l, stretch{from: l.since, to: l.to})
}

// lookAt reads a stretch of a window; in halves where it holds as much as the API pages
// through, or nearly so. Where halves have as much as the whole, because the API shows all
// conversations of a day whatever the interval, it is read as far as the API goes.
func (v *verification) lookAt(ctx context.Context, l *look, s stretch) error {
	held, err := v.lookUntilSure(ctx, l, s)
	if held == 0 || err != nil {
		return err
	}
	halves, ok := s.halves()
	if ok {
		ok, err = v.helps(ctx, l, held, halves)
	}
	if err != nil {
		return err
	}
	if !ok {
		s.uncut = true
		_, err = v.lookUntilSure(ctx, l, s)
		return err
	}
	for _, half := range halves {
		if err := v.lookAt(ctx, l, half); err != nil {
			return err
		}
	}
	return nil
}

// helps reports whether at least one half of a stretch has less than the whole, which holds
// so many. One page of each tells.
func (v *verification) helps(ctx context.Context, l *look, held int, halves [2]stretch) (bool, error) {
	for _, half := range halves {
		for page, err := range v.api.Pages(ctx, v.query(l, half), genesys.Cursor{}) {
			if genesys.IsResultCap(err) {
				break
			}
			if err != nil {
				return false, err
			}
			if page.Total < 0 {
				return half.to.Sub(half.from) > producer.Shortest, nil
			}
			if page.Total < held*9/10 {
				return true, nil
			}
			break
		}
	}
	return false, nil
}

// lookUntilSure reads a stretch, and again while there are signs that a row has slid past,
// by the rule of the service's verdict: a whole pass more that finds no other conversation
// makes sure. What is not sure then is noted in the look. Where the stretch is to be
// halved, it returns how many it holds; else 0.
func (v *verification) lookUntilSure(ctx context.Context, l *look, s stretch) (held int, err error) {
	seen := map[string]int{}
	for n := 1; ; n++ {
		a, err := v.pass(ctx, l, s, seen, n)
		why := producer.Signs(a)
		switch {
		case err != nil:
			return 0, err
		case a.Truncated && !s.uncut:
			return max(a.Totals.Last, a.Distinct, 1), nil // the total may be too low, or not be told
		case a.Truncated:
			l.beyond = append(l.beyond, fmt.Sprintf("%s: the API pages no further, and it cannot be halved, or its halves hold as much", s.interval()))
			return 0, nil
		case why == "" || n > 1 && a.News == 0:
			return 0, nil
		case n == producer.MostPasses:
			l.moving = append(l.moving, fmt.Sprintf("%s: %s; the last of %d passes still found %d other conversations", s.interval(), why, n, a.News))
			return 0, nil
		}
	}
}

// pass reads all pages of a stretch, the n-th time, into the look. Seen is in which pass
// each record was met last. The account has what the service's has of such a pass.
func (v *verification) pass(ctx context.Context, l *look, s stretch, seen map[string]int, n int) (a checkpoint.Account, err error) {
	for page, err := range v.api.Pages(ctx, v.query(l, s), genesys.Cursor{}) {
		if genesys.IsResultCap(err) {
			a.Truncated = true
			return a, nil
		}
		if err != nil {
			return a, err
		}
		a.Totals.See(page.Number, page.Total)
		if page.Number == 1 && !s.uncut && page.Total >= v.mostResults()/10*9 {
			a.Truncated = true // nearly: it may be, before all of it is read
			return a, nil
		}
		for _, r := range page.Records {
			id := l.enter(r, page.SentAt)
			if seen[id] == n {
				a.Repeated++
				continue
			}
			if a.Distinct++; seen[id] == 0 {
				a.News++
			}
			seen[id] = n
		}
	}
	return a, nil
}

func (v *verification) query(l *look, s stretch) genesys.Query {
	return genesys.Query{
		Dialect: genesys.Dialect(v.cfg.Dialect), Host: v.api.Host(), Queue: genesys.QueueID(l.queue),
		From: s.from, To: s.to, PageSize: v.cfg.PageSize,
	}
}

// mostResults is how many records of a query the API pages through.
func (v *verification) mostResults() int { return cmp.Or(v.most, genesys.MostResults) }

package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// count is one request for how many conversations a queue has in a stretch of time.
type count struct {
	queue    int // which one
	from, to time.Time
}

// longestStretch is how long an interval the API accepts.
const longestStretch = 31 * 24 * time.Hour

// stretches cut what a queue has ahead into intervals that the API counts: at midnights,
// because it finds conversations by the day of their start.
func stretches(queue int, ahead producer.Ahead) (counts []count) {
	for from := ahead.From; from.Before(ahead.To); {
		to := from.Truncate(24 * time.Hour).Add(longestStretch)
		if to.After(ahead.To) {
			to = ahead.To
		}
		counts = append(counts, count{queue, from, to})
		from = to
	}
	return counts
}

// count has the API count a stretch: the total of a page of one record.
func (f *forecast) count(ctx context.Context, cfg config, api *genesys.Client, waits *trouble, c count) error {
	q := &f.Queues[c.queue]
	query := counting(cfg, api, genesys.QueueID(q.Queue), c.from, c.to)
	f.Requests++
	return answered(ctx, cfg, api, waits, fmt.Sprintf("queue %s: count %s", q.Queue, query.Interval()), func(ctx context.Context) error {
		total, _, err := firstTotal(ctx, api, query)
		if err == nil {
			q.Unknown = q.Unknown || total < 0
			q.Conversations += max(total, 0)
		}
		return err
	})
}

// counting is the query that asks how many conversations a queue has had: of pages of one
// record, the first of which has the total.
func counting(cfg config, api *genesys.Client, queue genesys.QueueID, from, to time.Time) genesys.Query {
	return genesys.Query{Dialect: genesys.Dialect(cfg.Dialect), Host: api.Host(), Queue: queue, From: from, To: to, PageSize: 1}
}

// firstTotal asks for the first page of a query: its total, -1 where the API tells none, and how many
// records it has.
func firstTotal(ctx context.Context, api *genesys.Client, q genesys.Query) (total, records int, err error) {
	for page, err := range api.Pages(ctx, q, genesys.Cursor{}) {
		if err != nil {
			return 0, 0, err
		}
		return page.Total, len(page.Records), nil
	}
	return 0, 0, ctx.Err()
}

// estimate makes pages and minutes of what was counted, and what is needed for ever.
func (f *forecast) estimate(cfg config) {
	all := 0.0
	for i := range f.Queues {
		q := &f.Queues[i]
		pages := math.Ceil(pagesOf(float64(q.Conversations), q.Windows, f.PageSize)) - float64(min(q.Page, q.Conversations/f.PageSize))
		aDay, known := q.aDay()
		pages += float64(q.Visits) * pagesOf(aDay, 1, f.PageSize)
		q.Pages, q.Minutes = int(math.Ceil(pages)), pages/f.PerMinute
		f.Sum.add(q.work)
		all += pages
		if f.lasts() {
			f.Steady.add(cfg, f.PageSize, aDay, known)
		}
	}
	f.Sum.Minutes = all / f.PerMinute
	f.Steady.sum(f.PerMinute)
}

// pagesOf is how many pages so many windows have on average that hold so many conversations:
// at least one each, and half a page more than are full, for the last page is not.
func pagesOf(conversations float64, windows, pageSize int) float64 {
	return max(float64(windows), conversations/float64(pageSize)+float64(windows)/2)
}

// add adds what one queue has.
func (w *work) add(other work) {
	w.Windows += other.Windows
	w.Conversations += other.Conversations
	w.Visits += other.Visits
	w.Pages += other.Pages
}

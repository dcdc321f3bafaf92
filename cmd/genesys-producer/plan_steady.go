package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// steady is what the windows need of the API once they are caught up with; nothing, of a
// run whose end is past.
type steady struct {
	Windows float64  `json:"windowRequestsPerMinute"`
	Visits  float64  `json:"revisitRequestsPerMinute"`
	Share   *float64 `json:"share"`                    // of requestsPerMinute, of both; null: nobody can tell
	Unknown int      `json:"queuesUnknown"`            // of so many nobody knows how much they have: both count them as idle, and are the least
	Why     string   `json:"unknownBecause,omitempty"` // of the first of them
}

// fullDay is how much has to lie ahead of a queue to tell how many conversations it has in
// a day: an hour of the night does not, and nothing at all does not.
const fullDay = 24 * time.Hour

// lasts reports whether the run goes on once what lies ahead is walked.
func (f *forecast) lasts() bool { return f.To.IsZero() || f.To.After(f.At) }

// short are the queues of which the last day is to be counted, because what lies ahead
// does not tell how many conversations they have in a day.
func (f *forecast) short() (queues []int) {
	for i, q := range f.Queues {
		if f.lasts() && q.To.Sub(q.From) < fullDay {
			queues = append(queues, i)
		}
	}
	return queues
}

// countLastDays has the API count the last day of queues. What lies ahead is told without,
// so that it cannot is no error. Where it does not answer it is not asked for the others, by
// requests of which each may take as long.
func (f *forecast) countLastDays(ctx context.Context, cfg config, api *genesys.Client, waits *trouble, queues []int) error {
	for _, i := range queues {
		q := &f.Queues[i]
		f.Requests++
		err := answered(ctx, cfg, api, waits, fmt.Sprintf("queue %s: count its last 24 h", q.Queue), func(ctx context.Context) error {
			total, records, err := lastDay(ctx, cfg, api, genesys.QueueID(q.Queue))
			if err == nil && (total >= 0 || records == 0) {
				total = max(total, 0)
				q.LastDay = &total
			}
			return err
		})
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			f.Steady.Why = cmp.Or(f.Steady.Why, err.Error())
			if !producer.Parks(err) {
				return nil
			}
		}
	}
	return nil
}

// lastDay asks how many conversations a queue has had in 24 hours: the total, -1 where the
// API tells none, and how many records the first page has.
func lastDay(ctx context.Context, cfg config, api *genesys.Client, queue genesys.QueueID) (total, records int, err error) {
	now := api.Now().UTC().Truncate(time.Millisecond)
	return firstTotal(ctx, api, counting(cfg, api, queue, now.Add(-24*time.Hour), now))
}

// aDay is how many conversations the queue has in a day: by the last one, or by what lies
// ahead of it. Where nobody knows, none.
func (q *queueAhead) aDay() (conversations float64, known bool) {
	ahead := q.To.Sub(q.From)
	switch {
	case q.LastDay != nil:
		return float64(*q.LastDay), true
	case q.Unknown || ahead < fullDay:
		return 0, false
	}
	return float64(q.Conversations) / ahead.Hours() * 24, true
}

// add adds what a queue needs that has so many conversations in a day.
func (s *steady) add(cfg config, pageSize int, aDay float64, known bool) {
	const minutes = 24 * 60
	length := cfg.WindowLength.Minutes()
	asked := length + min(cfg.WindowSettle.Minutes(), length) // each query begins a settle before its window
	s.Windows += pagesOf(aDay/minutes*asked, 1, pageSize) / length
	if cfg.WindowTo.Text == "" {
		s.Visits += float64(len(cfg.WindowRevisit)) * pagesOf(aDay, 1, pageSize) / minutes
	}
	if !known {
		s.Unknown++
	}
}

// sum makes the share of the allowance, once all queues are added.
func (s *steady) sum(perMinute float64) {
	switch {
	case s.Unknown == 0:
		share := s.least(perMinute)
		s.Share = &share
	case s.Why == "":
		s.Why = "the API tells no totals"
	}
}

// least is which share of the allowance is needed at least.
func (s *steady) least(perMinute float64) float64 { return (s.Windows + s.Visits) / perMinute }

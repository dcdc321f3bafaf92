package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
	"genesys-producer/producer/status/words"
)

// countPatience is how long the API may take to count one stretch of time, once it is asked.
const countPatience = time.Minute

// forecast is what plan tells.
type forecast struct {
	Checkpoint string       `json:"checkpoint"` // CHECKPOINT_NAME
	Store      string       `json:"store"`
	At         time.Time    `json:"at"`          // by the clock that the service goes by
	To         time.Time    `json:"to,omitzero"` // WINDOW_TO
	PageSize   int          `json:"pageSize"`
	Length     string       `json:"windowLength"`
	PerMinute  float64      `json:"requestsPerMinute"` // at which the service paces itself
	Queues     []queueAhead `json:"queues"`
	Sum        work         `json:"sum"`
	Steady     steady       `json:"steady"`
	Requests   int          `json:"requestsMade"` // by plan itself
}

// work is what there is to walk. Pages and minutes are estimates.
type work struct {
	Windows       int     `json:"windows"`
	Conversations int     `json:"conversations"`
	Visits        int     `json:"revisitsDue"`
	Pages         int     `json:"pages"`
	Minutes       float64 `json:"minutes"`
}

// queueAhead is what a queue has ahead of it.
type queueAhead struct {
	Queue   string    `json:"queue"`
	Begins  bool      `json:"begins"` // it has no position
	From    time.Time `json:"from"`
	Page    int       `json:"page"` // the last completed one of the window in hand
	To      time.Time `json:"to"`
	Unknown bool      `json:"conversationsUnknown"` // the API tells no totals
	LastDay *int      `json:"conversationsLastDay"` // asked for where less than a day lies ahead; null: was not, or nobody can tell
	work
}

// plan tells what there is to walk and how long that takes. It publishes and stores
// nothing, and takes no position from a service that runs.
func plan(ctx context.Context, o options, now time.Time, stdout, stderr io.Writer) int {
	cfg, brokers, ok := prepare(stderr, textLog(stderr))
	if !ok {
		return misuse
	}
	windows := cutTime(cfg, now)
	cfg.ReadAhead = 0 // the first page tells the total
	stored, err := takeInventory(ctx, cfg, brokers)
	if err == nil {
		err = errors.Join(stored.unreadable()...)
	}
	var f forecast
	if err == nil {
		var api *genesys.Client
		var waits trouble
		if api, err = waits.newAPI(cfg, brokers.Log); err == nil {
			f, err = foresee(ctx, cfg, stored, api, &waits, windows, stderr)
		}
	}
	if err == nil && o.json {
		err = writeJSON(stdout, f)
	} else if err == nil {
		err = f.write(stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "plan:", err)
		return failed
	}
	return done
}

// foresee asks the API how much there is.
func foresee(ctx context.Context, cfg config, stored inventory, api *genesys.Client, waits *trouble, windows producer.Windows, tell io.Writer) (f forecast, err error) {
	if err := answered(ctx, cfg, api, waits, "log in", api.Login); err != nil {
		return f, err
	}
	now := api.Now().UTC() // as the service judges windows
	f = forecast{Checkpoint: cfg.CheckpointName, Store: stored.place, At: now.Truncate(time.Second), To: windows.To, PageSize: cfg.PageSize,
		Length: shortened(cfg.WindowLength), PerMinute: genesys.Share * float64(cfg.RequestsPerMinute)}
	var counts []count
	for _, queue := range cfg.Queues {
		live := stored.of(queue, checkpoint.Live).Position
		ahead := windows.Ahead(live, now)
		q := queueAhead{Queue: queue, Begins: live.IsZero(), From: ahead.From, To: ahead.To, work: work{Windows: ahead.Windows}}
		if !live.Closed {
			q.Page = live.Page
		}
		if q.Visits, err = visitsDue(cfg, stored, queue, now); err != nil {
			return f, fmt.Errorf("queue %s: %w", queue, err)
		}
		counts = append(counts, stretches(len(f.Queues), ahead)...)
		f.Queues = append(f.Queues, q)
	}
	short := f.short()
	requests := len(counts) + len(short)
	fmt.Fprintf(tell, "asking the API to count, by %s%s\n", words.Several(requests, "request", "requests"), lasting(api, requests))
	for _, c := range counts {
		if err := f.count(ctx, cfg, api, waits, c); err != nil {
			return f, err
		}
	}
	if err := f.countLastDays(ctx, cfg, api, waits, short); err != nil {
		return f, err
	}
	f.estimate(cfg)
	return f, nil
}

// visitsDue is how many days of a queue are due to be revisited.
func visitsDue(cfg config, stored inventory, queue string, now time.Time) (due int, err error) {
	if cfg.WindowTo.Text != "" {
		return 0, nil // a run with an end makes none
	}
	visits, err := producer.Revisits{Ages: cfg.WindowRevisit}.Agenda(stored.of(queue, checkpoint.Live).Position, stored.of(queue, checkpoint.Revisit).Position)
	for _, v := range visits {
		if !v.Due.After(now) {
			due++
		}
	}
	return due, err
}

// newAPI makes a client that logs what it waits for, and of which the trouble is known.
func (t *trouble) newAPI(cfg config, log *slog.Logger) (*genesys.Client, error) {
	c, told := apiConfig(cfg), tell(log)
	c.Observe = func(i genesys.Incident) {
		t.observe(i)
		told(i)
	}
	return genesys.New(c)
}

// lasting says how long so many requests take at the pace of now, where that is long.
func lasting(api *genesys.Client, requests int) string {
	if d := time.Duration(requests) * between(api.State()); d > 10*time.Second {
		return fmt.Sprintf(", which takes about %v", d.Round(time.Second))
	}
	return ""
}

// answered bounds a step that waits for the API, which the service does for ever. It may
// wait for its turn besides, which is far off where few requests a minute are allowed.
func answered(ctx context.Context, cfg config, api *genesys.Client, waits *trouble, what string, step func(context.Context) error) error {
	limit := countPatience + between(api.State())
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := step(bounded)
	switch {
	case err == nil:
		return nil
	case !isTimeout(bounded, err) || ctx.Err() != nil:
		return fmt.Errorf("%s: %w", what, err)
	}
	if used := waits.usedUp(api.State(), bounded.Err() == nil, cfg, "plan"); used != nil {
		return fmt.Errorf("%s: %w", what, used)
	}
	return fmt.Errorf("%s: the API at %s has not answered for it within %v: see to it, or correct GENESYS_DOMAIN, and run it again", what, cfg.APIURL, limit.Round(time.Second))
}

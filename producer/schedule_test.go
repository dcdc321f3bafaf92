package producer_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// queries are the requests for pages, in order of arrival.
func (w *world) queries() (queries []genesystest.Request) {
	for _, r := range w.sim.Requests() {
		if !r.Token {
			queries = append(queries, r)
		}
	}
	return queries
}

// runFor runs a continuous service for a while.
func (w *world) runFor(d time.Duration) error {
	w.Helper()
	w.windows.To = time.Time{}
	ctx, cancel := context.WithTimeout(w.Context(), d)
	defer cancel()
	return w.run(ctx)
}

func TestContinuousServiceWaitsForEachWindowToSettle(t *testing.T) {
	for name, behind := range map[string]time.Duration{"clocks agree": 0, "the API's clock is 10 minutes behind": 10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when a bubble's clock starts
			config := genesystest.Config{From: begin, To: begin.Add(6 * time.Hour),
				Now: func() time.Time { return time.Now().Add(-behind) }}
			inWorld(t, config, func(w *world) {
				w.windows.From = begin
				if err := w.runFor(5*time.Hour + 30*time.Minute); err != nil {
					w.Fatalf("told to stop, a continuous service says %v", err)
				}
				windows := map[string]bool{}
				for _, r := range w.queries() {
					settled := r.To.Round(time.Second).Add(w.windows.Settle) // 23:59:59.999 stands for midnight
					if early := settled.Sub(r.Time); early > 0 {
						w.Errorf("the window up to %v was asked %v before it had settled", r.To, early)
					}
					if late := r.Time.Sub(settled); late > 10*time.Second {
						w.Errorf("the window up to %v was asked %v after it had settled", r.To, late)
					}
					windows[r.From.String()] = true
				}
				if want := 5; len(windows) != want {
					w.Errorf("%d windows were walked, want %d", len(windows), want)
				}
			})
		})
	}
}

func TestBoundedRunAheadWaitsAndCutsTheLastWindow(t *testing.T) {
	begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	inWorld(t, genesystest.Config{From: begin, To: begin.Add(2 * time.Hour)}, func(w *world) {
		w.windows.From, w.windows.To = begin, begin.Add(90*time.Minute)
		w.mustRun()
		if took := time.Since(begin); took < 95*time.Minute || took > 96*time.Minute {
			w.Errorf("the run ended after %v, want soon after 95m", took)
		}
		last := w.position(0)
		if !last.Closed || !last.Query.From.Equal(begin.Add(time.Hour)) || !last.Query.To.Equal(w.windows.To) {
			w.Errorf("the run ended at %v, want the window from 01:00 cut at 01:30", last)
		}
	})
}

// many is a world of n queues.
func many(n int) genesystest.Config {
	config := genesystest.Config{Conversations: 20 * n, TransferShare: -1}
	for i := range n {
		config.Queues = append(config.Queues, fmt.Sprintf("00000000-0000-4000-8000-%012d", i))
	}
	return config
}

func TestFurthestBehindWalksFirstAndAtMostEightAtOnce(t *testing.T) {
	inWorld(t, many(12), func(w *world) {
		// The last four queues are an hour behind the others.
		p := w.start(nil)
		d, err := p.Topic.Destination(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		for i, queue := range w.sim.Queues() {
			at := from.Add(time.Hour)
			if i >= 8 {
				at = from
			}
			key := checkpoint.Key{Queue: queue, Lane: checkpoint.Live}
			err := w.store.Save(w.Context(), key, checkpoint.Position{
				Query: checkpoint.Query{Dialect: "conversations", API: "api.test", Queue: queue, Since: at, From: at,
					To: at.Add(time.Hour), Order: genesys.Order, PageSize: 5},
				Destination: d, Start: "from"})
			if err != nil {
				w.Fatal(err)
			}
		}
		busy := &busy{walking: map[string]bool{}}
		inner := p.Committer
		p.Committer = committer{inner, func(ctx context.Context, s *producer.Sheet) (producer.Outcome, error) {
			busy.enter(s.Queue())
			time.Sleep(time.Minute) // so that walks overlap for as long as they can
			n, err := inner.Commit(ctx, s)
			if s.Page.Last {
				busy.leave(s.Queue())
			}
			return n, err
		}}
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		if busy.most != 8 {
			w.Errorf("%d walks ran at once at the most, want 8", busy.most)
		}
		first := map[string]bool{}
		for _, r := range w.queries() {
			if len(first) < 8 {
				first[r.Queue] = true
			}
		}
		for _, queue := range w.sim.Queues()[8:] {
			if !first[queue] {
				w.Errorf("queue %s was not among the first to walk, though it was furthest behind", queue)
			}
		}
	})
}

// busy counts the queues that walk at once.
type busy struct {
	mu      sync.Mutex
	walking map[string]bool
	most    int
}

func (b *busy) enter(queue string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.walking[queue] = true
	b.most = max(b.most, len(b.walking))
}

func (b *busy) leave(queue string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.walking, queue)
}

func TestParkedQueueKeepsItsPositionAndOthersGoOn(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
		parked := w.sim.Queues()[1]
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if r.Queue == parked && r.Page >= 3 {
				return genesystest.Status(400, "bad.request", "no such thing")
			}
			return nil
		})
		err := w.run(w.Context())
		if err == nil || !strings.Contains(err.Error(), "1 of 3 queues are parked") {
			w.Fatalf("run says %v", err)
		}
		for i := range w.sim.Queues() {
			last, wantPage := w.position(i), i == 1
			if wantPage && (last.Page != 2 || last.Closed) {
				w.Errorf("the parked queue is at %v, want page 2", last)
			}
			if !wantPage && !last.Query.To.Equal(to) {
				w.Errorf("a queue that is not parked stopped at %v", last)
			}
		}
		if w.log.Count("queue is parked") != 1 || w.log.Count("bad.request") != 1 {
			w.Error("the parking is to be said once, with its cause")
		}
		// What it was parked for is mended: the next process completes the run.
		w.sim.Script(nil)
		w.mustRun()
		w.checkNothingMissing(w.cluster.Read(w, w.topic))
	})
}

func TestServiceStops(t *testing.T) {
	for name, c := range map[string]struct {
		fault *genesystest.Fault
		want  string
	}{
		"403 concerns every queue":   {genesystest.Forbidden(), "analytics:conversationDetail:view"},
		"the other dialect does too": {genesystest.OtherDialect(), "GENESYS_DIALECT=entities"},
		"every queue is parked":      {genesystest.Status(404, "not.found", "no such thing"), "3 of 3 queues are parked"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{}, func(w *world) {
				w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
					if r.Token {
						return nil
					}
					return c.fault
				})
				if err := w.runFor(time.Hour); err == nil || !strings.Contains(err.Error(), c.want) {
					w.Fatalf("run says %v, want %q in it", err, c.want)
				}
			})
		})
	}
}

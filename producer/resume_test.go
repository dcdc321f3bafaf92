package producer_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// stopAfter runs a process of the first queue that is told to stop once the topic
// has so many pages, and returns its error.
func (w *world) stopAfter(pages int) error {
	ctx, stop := context.WithCancel(w.Context())
	defer stop()
	p := w.start(&fuse{left: -1})
	p.Queues = p.Queues[:1]
	p.Committer = &counting{p.Committer, pages, stop}
	return p.Run(ctx)
}

func TestRestartAsksForTheNextPageFirst(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
		if err := w.stopAfter(3); err == nil || !strings.Contains(err.Error(), "goes on there") {
			w.Fatalf("a bounded run that was stopped says %v", err)
		}
		stopped := w.position(0)
		if stopped.Page != 3 || stopped.Closed || stopped.Read != 15 {
			w.Fatalf("stopped at %v with %d records read, want page 3 with 15", stopped, stopped.Read)
		}
		before := len(w.sim.Requests())
		w.mustRun()
		var asked []int
		for _, r := range w.sim.Requests()[before:] {
			if r.Queue == w.sim.Queues()[0] {
				if !r.From.Equal(stopped.Query.Since) {
					break // the next window
				}
				asked = append(asked, r.Page)
			}
		}
		if asked[0] != 3 || slices.Min(asked) != 3 {
			w.Errorf("the restarted process asked for pages %v, want 3 first, to see whether it still is the same, and none before it", asked)
		}
		messages := w.cluster.Read(w, w.topic)
		w.checkNothingMissing(messages)
		if count, _ := repeats(messages); len(count) > 0 {
			w.Errorf("a clean stop repeated %v", count)
		}
	})
}

// Invariant 3: a changed page size takes effect at the next window, not in the
// middle of one.
func TestPageSizeIsFrozenInAWindow(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
		_ = w.stopAfter(2)
		window := w.position(0).Query
		before := len(w.sim.Requests())
		w.pageSize = 9
		w.mustRun()
		for _, r := range w.sim.Requests()[before:] {
			if r.Token || r.Queue != window.Queue {
				continue
			}
			if want := map[bool]int{true: 5, false: 9}[r.From.Equal(window.Since)]; r.PageSize != want {
				w.Errorf("window from %v, page %d was asked at %d a page, want %d", r.From, r.Page, r.PageSize, want)
			}
		}
		w.checkNothingMissing(w.cluster.Read(w, w.topic))
	})
}

// Invariant 3: what a page number means is not reinterpreted.
func TestPositionOfAnotherQueryIsRefused(t *testing.T) {
	for name, change := range map[string]func(*checkpoint.Position){
		"api.other":   func(p *checkpoint.Position) { p.Query.API = "api.other" },
		"entities":    func(p *checkpoint.Position) { p.Query.Dialect = "entities" },
		"cluster-2":   func(p *checkpoint.Position) { p.Destination.Cluster = "cluster-2" },
		"other-topic": func(p *checkpoint.Position) { p.Destination.Topic = "other-topic" },
		"end desc":    func(p *checkpoint.Position) { p.Query.Order = "end desc" },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{}, func(w *world) {
				_ = w.stopAfter(1)
				changed := w.position(0)
				change(&changed)
				changed.Pass++ // any later position of the queue
				key := checkpoint.Key{Queue: changed.Query.Queue, Lane: checkpoint.Live}
				if err := w.store.Save(w.Context(), key, changed); err != nil {
					w.Fatal(err)
				}
				before := len(w.sim.Requests())
				err := w.run(w.Context())
				if err == nil || !strings.Contains(err.Error(), `"`+name+`"`) || !strings.Contains(err.Error(), "CHECKPOINT_NAME") {
					w.Fatalf("run says %v; want both values named, and the way out", err)
				}
				for _, r := range w.sim.Requests()[before:] {
					if !r.Token {
						w.Fatal("a page was asked under a position of another query")
					}
				}
			})
		})
	}
}

// Invariant 5: what cannot be read never means "start over".
func TestUnreadablePositionStopsTheService(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		p := w.start(nil)
		torn := errors.New("checkpoint: torn file")
		p.Store = failingLoad{torn}
		if err := p.Run(w.Context()); !errors.Is(err, torn) {
			w.Fatalf("run says %v, want the store's error", err)
		}
		if messages := w.cluster.Read(w, w.topic); len(messages) > 0 {
			w.Fatalf("%d messages were published", len(messages))
		}
	})
}

// WINDOW_FROM as a duration before now is resolved once, before the first request.
func TestBeginningDoesNotMoveWithRestarts(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		ctx, cancel := context.WithCancel(w.Context())
		fuse := &fuse{left: 10, kill: cancel} // two steps each of the token, load, take, forget and save
		p := w.start(fuse)
		p.Queues = p.Queues[:1]
		_ = p.Run(ctx)
		w.store = w.store.Reopen()
		first := w.position(0)
		if first.IsZero() || first.Page != 0 || !first.Query.From.Equal(from) {
			w.Fatalf("before the first page the store holds %v, want page 0 from %v", first, from)
		}
		w.windows.From, w.windows.Start = from.Add(30*time.Minute), "later"
		w.mustRun()
		w.windows.From = from
		if w.log.Count("WINDOW_FROM has no effect") == 0 {
			w.Error("nobody was told that WINDOW_FROM has no effect")
		}
		queue := w.sim.Queues()[0]
		for _, r := range w.sim.Requests() {
			if r.Queue == queue {
				if !r.From.Equal(first.Query.Since) {
					w.Errorf("the queue began at %v, want %v", r.From, first.Query.Since)
				}
				break
			}
		}
	})
}

// stale is a store whose positions have moved since they were loaded: by another process,
// or by a commit that was not answered.
type stale struct {
	producer.Store
	windows producer.Windows
}

func (s stale) Load(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	p, found, err := s.Store.Load(ctx, key)
	p.Query.From, p.Query.To = s.windows.From, s.windows.From.Add(s.windows.Length)
	p.Page, p.Read, p.Closed = 0, 0, false
	return p, found, err
}

// A walk begins where the queue is when it is taken, not where it was planned.
func TestWalkGoesOnWhereTheQueueHasMoved(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		w.mustRun()
		asked := len(w.queries())
		p := w.start(nil)
		p.Store = stale{p.Store, w.windows}
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		if again := len(w.queries()) - asked; again > 0 || w.log.Count("queue goes on elsewhere") != 3 {
			w.Errorf("%d pages were asked again, and %d queues said that they go on elsewhere", again, w.log.Count("queue goes on elsewhere"))
		}
	})
}

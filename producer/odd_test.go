package producer_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// A full page that reaches the total is followed by one more request. Where that
// one is refused, by version, the window closes all the same.
func TestWindowClosesWhenThePagePastTheEndIsRefused(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300, PastEndStatus: http.StatusBadRequest}, func(w *world) {
		w.windows.To = from.Add(time.Hour)
		queue := w.sim.Queues()[0]
		w.pageSize = len(w.sim.IDs(queue, from, w.windows.To)) // one full page
		p := w.start(nil)
		p.Queues = p.Queues[:1]
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		if asked := len(w.queries()); asked != 2 || !w.position(0).Closed {
			w.Errorf("%d pages were asked and the queue is at %v, want 2 and closed", asked, w.position(0))
		}
	})
}

// Invariant 8: a queue that is parked before its page was published must not make
// another queue skip a conversation that both have.
func TestParkedPageSupersedesNothing(t *testing.T) {
	inWorld(t, genesystest.Config{TransferShare: 1, Conversations: 40}, func(w *world) {
		w.windows.To, w.pageSize = from.Add(time.Hour), 100
		id, queues := w.shared()
		p := w.start(nil)
		p.Queues = queues
		var early first
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if !r.Token {
				early.is(r.Queue)
			}
			return nil
		})
		late := func(m *producer.Message) bool {
			return m.Headers[0].Key == "queue-id" && !early.is(string(m.Headers[0].Value))
		}
		inner := producer.NewAtLeastOnce(refusing{p.publisher, late}, w.store, w.messages())
		p.Committer = early.commitsLast(inner) // the one that was read later is refused first
		if err := p.Run(w.Context()); err == nil || !strings.Contains(err.Error(), "1 of 2") {
			w.Fatalf("run says %v", err)
		}
		if got := versions(w.cluster.Read(w, w.topic), id); len(got) != 1 {
			w.Errorf("%d versions of the shared conversation were published, want that of the queue that goes on", len(got))
		}
	})
}

// refusing parks the queues of some messages.
type refusing struct {
	producer.Publisher
	refuse func(*producer.Message) bool
}

func (r refusing) Publish(ctx context.Context, messages []*producer.Message) ([]*producer.Message, error) {
	if r.refuse(messages[0]) {
		return nil, parking{}
	}
	return r.Publisher.Publish(ctx, messages)
}

type parking struct{}

func (parking) Error() string      { return "too large" }
func (parking) StopsService() bool { return false }

// A queue in the middle of a long window does not hold back those whose windows
// have settled.
func TestChangedWindowLengthHoldsNobodyBack(t *testing.T) {
	begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	inWorld(t, genesystest.Config{From: begin, To: begin.Add(12 * time.Hour)}, func(w *world) {
		w.windows.From, w.windows.Length = begin, 24*time.Hour
		one := w.start(nil)
		one.Queues, one.Windows.To = one.Queues[:1], time.Time{}
		ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
		defer cancel()
		if err := one.Run(ctx); err != nil { // leaves the first queue at page 0 of the day
			w.Fatal(err)
		}
		w.windows.Length = time.Hour
		if err := w.runFor(10 * time.Hour); err != nil {
			w.Fatal(err)
		}
		if last := w.position(1); last.Query.To.Before(begin.Add(9 * time.Hour)) {
			w.Errorf("after ten hours the second queue is at %v", last)
		}
	})
}

// Invariant 5, in mid-run: a stored position that can no longer be read stops the
// service; a disk that is full is waited for.
func TestPositionThatBecomesUnreadableStopsTheService(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		p := w.start(nil)
		damaged := &checkpoint.FileError{Op: "save", File: "f", Err: checkpoint.ErrDamaged, Fix: "restore it"}
		store := &checkpointtest.Failing{Store: w.store, Before: checkpointtest.FailFrom(5, damaged, checkpointtest.Save)}
		p.Store, p.Committer = store, producer.NewAtLeastOnce(p.publisher, store, w.messages())
		began := time.Now()
		if err := p.Run(w.Context()); !errors.Is(err, checkpoint.ErrDamaged) || !strings.Contains(err.Error(), "restore it") {
			w.Fatalf("run says %v", err)
		}
		if took := time.Since(began); took > time.Minute {
			w.Errorf("the service stopped after %v", took)
		}
	})
}

// WINDOW_FROM has no effect where a position exists: a bounded run can be repeated
// long after, and has nothing to do.
func TestFinishedRunCanBeRepeated(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		w.mustRun()
		before := len(w.queries())
		w.windows.From = to.Add(100 * time.Hour)
		w.mustRun()
		if asked := len(w.queries()) - before; asked > 0 {
			w.Errorf("%d pages were asked again", asked)
		}
	})
}

package producer_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
	"genesys-producer/producer/kafkatest"
)

// shared is a conversation that two queues have in the first window.
func (w *world) shared() (id string, queues []genesys.QueueID) {
	w.Helper()
	for _, c := range w.sim.Conversations("", from, from.Add(time.Hour)) {
		queues = nil
		for _, queue := range w.sim.Queues() {
			if slices.Contains(w.sim.IDs(queue, from, from.Add(time.Hour)), c.ID) {
				queues = append(queues, genesys.QueueID(queue))
			}
		}
		if len(queues) == 2 {
			return c.ID, queues
		}
	}
	w.Fatal("no conversation is in two queues")
	return "", nil
}

// versions are the values of a conversation in the order of the topic.
func versions(messages []kafkatest.Message, id string) (values []string) {
	for _, m := range messages { // one key is in one partition, in order
		if m.Key == id {
			values = append(values, string(m.Value))
		}
	}
	return values
}

// Invariant 7: while a publish hangs between fetch and ack, another queue reads a
// newer version of the same conversation. The older must not come last.
func TestStalledPublishIsNotOvertaken(t *testing.T) {
	inWorld(t, genesystest.Config{TransferShare: 1, Conversations: 40}, func(w *world) {
		w.windows.To, w.pageSize = from.Add(time.Hour), 100
		id, queues := w.shared()
		p := w.start(nil)
		p.Queues = queues
		stall := &stalling{Publisher: p.publisher, stalled: make(chan struct{}), let: make(chan struct{})}
		p.Committer = producer.NewAtLeastOnce(stall, w.store, w.messages())
		var asked atomic.Int32
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if !r.Token && asked.Add(1) == 2 {
				<-stall.stalled // the queue that asked first has read, and publishes
				w.sim.Revise(id)
			}
			return nil
		})
		go func() {
			<-stall.stalled
			time.Sleep(time.Minute) // the other queue has read by then, and waits
			close(stall.let)
		}()
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		now, _ := w.sim.Conversation(id)
		got := versions(w.cluster.Read(w, w.topic), id)
		if len(got) != 2 || got[0] == got[1] || got[1] != string(now.JSON) {
			w.Fatalf("%d versions were published; want two, the newer one last", len(got))
		}
	})
}

// Invariant 7: the version that was read earlier comes to its commit later.
func TestOlderVersionIsSuperseded(t *testing.T) {
	inWorld(t, genesystest.Config{TransferShare: 1, Conversations: 40}, func(w *world) {
		w.windows.To, w.pageSize = from.Add(time.Hour), 100
		id, queues := w.shared()
		p := w.start(nil)
		p.Queues = queues
		var early first
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if !r.Token && !early.is(r.Queue) {
				time.Sleep(time.Second) // the queue that asked first has read by then
				w.sim.Revise(id)
			}
			return nil
		})
		p.Committer = early.commitsLast(p.Committer)
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		now, _ := w.sim.Conversation(id)
		if got := versions(w.cluster.Read(w, w.topic), id); len(got) != 1 || got[0] != string(now.JSON) {
			w.Fatalf("%d versions were published, want the newer one alone", len(got))
		}
		if w.log.Count("window closed", "superseded=0") != 1 {
			w.Error("what was superseded is not counted")
		}
	})
}

// Invariant 7 within one walk: page 2 is asked again while page 3 has been read,
// and a row of page 3 slides to page 2 meanwhile, in a newer version.
func TestRetriedPageIsNewerThanTheOneReadAhead(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
		w.windows.To = from.Add(time.Hour)
		queue := w.sim.Queues()[0]
		rows := w.sim.IDs(queue, from, from.Add(time.Hour))
		slides := rows[2*w.pageSize] // first row of page 3
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			if r.Queue == queue && r.Page == 2 {
				if r.Attempt == 1 {
					return genesystest.Status(503, "service.unavailable", "try later")
				}
				if r.Attempt == 2 {
					w.sim.Remove(rows[0])
					w.sim.Revise(slides)
				}
			}
			return nil
		})
		p := w.start(nil)
		p.Queues = p.Queues[:1]
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		now, _ := w.sim.Conversation(slides)
		got := versions(w.cluster.Read(w, w.topic), slides)
		if len(got) != 1 || got[0] != string(now.JSON) {
			w.Fatalf("%d versions were published, want the newest alone", len(got))
		}
	})
}

// A page whose turn comes so late that nobody remembers what was committed since
// it was read is asked again, not published.
func TestForgottenPageIsAskedAgain(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 30}, func(w *world) {
		w.windows.To, w.pageSize = from.Add(time.Hour), 100
		p := w.start(nil)
		p.Queues = p.Queues[:1]
		old := p.Committer
		p.Committer = committer{old, func(ctx context.Context, s *producer.Sheet) (producer.Outcome, error) {
			if len(w.sim.Requests()) == 2 { // the token's and the first of the page
				s.Page.SentAt = s.Page.SentAt.Add(-2 * time.Hour) // longer ago than the process lives
			}
			return old.Commit(ctx, s)
		}}
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		synctest.Wait()
		if n := len(w.sim.Requests()); n != 3 {
			w.Errorf("%d requests, want a token and two for the page", n)
		}
		if len(w.cluster.Read(w, w.topic)) != len(w.sim.IDs(w.sim.Queues()[0], from, from.Add(time.Hour))) {
			w.Error("the page was published from the stale answer, or not at all")
		}
	})
}

// committer commits pages in another way.
type committer struct {
	producer.Committer
	commit func(context.Context, *producer.Sheet) (producer.Outcome, error)
}

func (c committer) Commit(ctx context.Context, s *producer.Sheet) (producer.Outcome, error) {
	return c.commit(ctx, s)
}

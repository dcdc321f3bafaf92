package producer_test

import (
	"sync"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// told is what a service has told of its progress.
type told struct {
	mu                               sync.Mutex
	resumed, pages, records, closed  int
	published                        int
	reached                          map[string]time.Time // by queue: up to where windows are closed
	walkedBeforeAll, beyond, unnamed bool
	ends                             int // queues that have resumed where their last window's last page is
}

func (x *told) add(queues int) func(producer.Progress) {
	x.reached = map[string]time.Time{}
	return func(p producer.Progress) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if p.Lane != checkpoint.Live {
			return
		}
		x.unnamed = x.unnamed || p.Queue == "" || !p.From.Before(p.To) || p.Start != "from"
		x.unnamed = x.unnamed || p.PageSize != 5 || p.At == 0 && p.Read > 0
		if p.Resumed {
			x.resumed++
			if p.Closed && p.At > 0 && p.Verdict != "" {
				x.ends++
			}
			return
		}
		x.walkedBeforeAll = x.walkedBeforeAll || x.resumed < queues
		if p.Closed {
			x.closed++
			x.beyond = x.beyond || p.From.Before(x.reached[p.Queue])
			x.reached[p.Queue] = p.To
			return
		}
		x.pages++
		x.records += p.Records
		x.published += p.Published
		x.beyond = x.beyond || p.At != p.Page || p.Read < p.Records || p.Total < p.Read
	}
}

// Each page and each window is told of once, after all the queues; and a process that has
// nothing left to do tells where the queues are.
func TestProgress(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		queues := len(w.sim.Queues())
		var x, y told
		p := w.start(nil)
		p.Progress = x.add(queues)
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		if messages := len(w.cluster.Read(w, w.topic)); x.published != messages || x.records < messages || x.pages < x.closed {
			w.Errorf("%+v, and %d messages", &x, messages)
		}
		for queue, at := range x.reached {
			if !at.Equal(to) {
				w.Errorf("queue %s: told up to %v", queue, at)
			}
		}
		if x.walkedBeforeAll || x.beyond || x.unnamed || x.resumed != queues || len(x.reached) != queues {
			w.Errorf("%+v", &x)
		}
		p = w.start(nil)
		p.Progress = y.add(queues)
		if err := p.Run(w.Context()); err != nil || y.resumed != queues || y.ends == 0 || y.unnamed || y.pages+y.closed > 0 {
			w.Errorf("%v: %+v", err, &y)
		}
	})
}

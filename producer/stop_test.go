package producer_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// stopInPublish tells a process to stop while the first page is published, and lets
// that publish go on after a while.
func (w *world) stopInPublish(after time.Duration) error {
	ctx, stop := context.WithCancel(w.Context())
	defer stop()
	p := w.start(nil)
	p.Queues = p.Queues[:1]
	stall := &stalling{Publisher: p.publisher, stalled: make(chan struct{}), let: make(chan struct{})}
	p.Committer = producer.NewAtLeastOnce(stall, w.store, w.messages())
	go func() {
		<-stall.stalled
		stop()
		time.Sleep(after)
		close(stall.let)
	}()
	return p.Run(ctx)
}

func TestStopFinishesThePageInHand(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
		if err := w.stopInPublish(19 * time.Second); !errors.Is(err, producer.ErrInterrupted) {
			w.Fatalf("run says %v", err)
		}
		if last := w.position(0); last.Page != 1 {
			w.Errorf("stopped at %v, want page 1 completed", last)
		}
		w.mustRun()
		messages := w.cluster.Read(w, w.topic)
		w.checkNothingMissing(messages)
		if count, _ := repeats(messages); len(count) > 0 {
			w.Errorf("repeated: %v", count)
		}
	})
}

func TestStopGivesThePageInHandUpAfterTheGrace(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 300}, func(w *world) {
		if err := w.stopInPublish(21 * time.Second); err == nil || !strings.Contains(err.Error(), "grace") {
			w.Fatalf("run says %v, want that the grace is over", err)
		}
		if last := w.position(0); last.Page != 0 {
			w.Errorf("stopped at %v though page 1 was given up", last)
		}
		w.mustRun()
		w.checkNothingMissing(w.cluster.Read(w, w.topic))
	})
}

// Brokers are away when a walk takes its queue, and it is told to stop: there is no page
// in hand, and nothing has gone wrong.
func TestStopWhileAQueueIsTaken(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 30}, func(w *world) {
		ctx, stop := context.WithCancel(w.Context())
		defer stop()
		p := w.start(nil)
		begun := atomic.Int64{}
		p.Store = &checkpointtest.Failing{Store: w.store, Before: func(op string) error {
			if op != checkpointtest.Take || begun.Add(1) <= int64(len(p.Queues)) { // which have no position yet
				return nil
			}
			stop()
			return errors.New("connection refused")
		}}
		if err := p.Run(ctx); !errors.Is(err, producer.ErrInterrupted) {
			w.Errorf("run says %v, want that it was interrupted", err)
		}
	})
}

func TestStopWhileTheAPIIsAwayOrAsleep(t *testing.T) {
	for name, fault := range map[string]*genesystest.Fault{
		"outage":           genesystest.Status(503, "service.unavailable", ""),
		"long Retry-After": genesystest.TooManyRequests("7200"),
		"stalled answer":   genesystest.Stall(time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, genesystest.Config{}, func(w *world) {
				w.sim.Script(func(r genesystest.Request) *genesystest.Fault { return fault })
				began := time.Now()
				if err := w.runFor(10 * time.Minute); err != nil {
					w.Errorf("run says %v", err)
				}
				if took := time.Since(began); took != 10*time.Minute {
					w.Errorf("told to stop after 10m, it took %v", took)
				}
			})
		})
	}
}

// A Kafka outage holds the walks, is said once, and ends by itself.
func TestKafkaOutageIsWaitedFor(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		ends := time.Now().Add(10 * time.Minute)
		w.cluster.Fake.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
			w.cluster.Fake.KeepControl()
			if time.Now().Before(ends) {
				return nil, errors.New("broker is down"), true
			}
			return nil, nil, false
		})
		w.mustRun()
		w.checkNothingMissing(w.cluster.Read(w, w.topic))
		if waits, over := w.log.Count("kafka: waiting"), w.log.Count("kafka: publishing goes on"); waits != 1 || over != 1 {
			w.Errorf("said %d times that it waits and %d times that it goes on, want once each", waits, over)
		}
	})
}

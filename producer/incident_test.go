package producer_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// onFullDisk wires up a process whose disk is full from the 11th save on, for a while.
// It counts the saves that were tried meanwhile.
func (w *world) onFullDisk(outage time.Duration) (p process, tried *atomic.Int32) {
	w.Helper()
	p, tried = w.start(nil), new(atomic.Int32)
	var saves atomic.Int32
	begin := sync.OnceValue(time.Now)
	store := &checkpointtest.Failing{Store: w.store, Before: func(op string) error {
		if op != checkpointtest.Save || saves.Add(1) <= 10 || time.Since(begin()) >= outage {
			return nil
		}
		tried.Add(1)
		return syscall.ENOSPC
	}}
	p.Store = store
	p.Committer = producer.NewAtLeastOnce(p.publisher, store, w.messages())
	return p, tried
}

func (w *world) wantUnstored(begun, ended int) {
	w.Helper()
	if b, e := w.log.Count("checkpoint: waiting"), w.log.Count("checkpoint: positions are stored again"); b != begun || e != ended {
		w.Errorf("said %d times that positions wait and %d times that it is over, want %d and %d", b, e, begun, ended)
	}
}

// Invariant 2: a failed checkpoint stops progress; storing is tried again, publishing
// is not. A full disk is one incident, though it holds up all three queues.
func TestFullDiskIsOneIncident(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		p, tried := w.onFullDisk(time.Hour)
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		messages := w.cluster.Read(w, w.topic)
		w.checkNothingMissing(messages)
		if count, _ := repeats(messages); len(count) > 0 {
			w.Errorf("published again: %v", count)
		}
		w.wantUnstored(1, 1)
		if n := tried.Load(); n < 3*200 || n > 3*1000 {
			w.Errorf("%d saves were tried in an hour, want one in some 10 s for each queue", n)
		}
	})
}

// A service that is told to stop meanwhile repeats the pages that it had in hand.
func TestStopWhileTheDiskIsFull(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		ctx, cancel := context.WithTimeout(w.Context(), time.Hour)
		defer cancel()
		p, _ := w.onFullDisk(2 * time.Hour)
		began := time.Now()
		err := p.Run(ctx)
		if err == nil || !strings.Contains(err.Error(), "grace") || !errors.Is(err, syscall.ENOSPC) {
			w.Errorf("run says %v, want the full disk and that the grace is over", err)
		}
		if took := time.Since(began) - time.Hour; took != p.Grace {
			w.Errorf("it took %v to stop, want the grace of %v", took, p.Grace)
		}
		w.wantUnstored(1, 0)
		w.mustRun()
		messages := w.cluster.Read(w, w.topic)
		w.checkNothingMissing(messages)
		count, _ := repeats(messages)
		for queue, n := range count {
			if n > w.pageSize {
				w.Errorf("queue %s: %d messages came twice, want one page at most", queue, n)
			}
		}
	})
}

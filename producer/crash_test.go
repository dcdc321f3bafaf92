package producer_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/genesys/genesystest"
)

// Invariants 1, 2, 4, 6 and 8: whatever the step at which a process is killed, the
// next one completes the run; nothing is missing, and of each queue at most one
// page, the one in hand, is repeated.
func TestKilledAtEveryStepNothingIsLost(t *testing.T) {
	killedAtEveryStep(t, false, []string{
		"before request", "after request", "before publish", "Produce at the broker", "after ack",
		"before save", "after save", "before load", "after load", "before take", "after take",
	})
}

// The same delivered exactly once: nothing is repeated.
func TestKilledAtEveryStepNothingIsRepeated(t *testing.T) {
	killedAtEveryStep(t, true, []string{
		"before request", "after request", "before commit", "after commit", "before save", "after save",
		"before load", "after load", "before take", "after take",
		"InitProducerID at the broker", "Produce at the broker", "EndTxn at the broker",
	})
}

func killedAtEveryStep(t *testing.T, exactly bool, want []string) {
	kinds := map[string]bool{}
	stride := 1
	if raceDetector { // some of the steps, and perhaps not one of each kind
		stride = 5
	}
	for step := 1; ; step += stride {
		died := ""
		inWorld(t, genesystest.Config{TransferShare: 0.5, Conversations: 50}, func(w *world) {
			w.exactly = exactly
			died = w.killAt(step)
			kinds[died] = true
			w.mustRun()
			messages := w.cluster.Read(w, w.topic)
			w.checkNothingMissing(messages)
			count, pages := repeats(messages)
			for queue, n := range count {
				if exactly || len(pages[queue]) > 1 || n > w.pageSize {
					w.Errorf("queue %s: %d messages of pages %v came twice", queue, n, pages[queue])
				}
			}
			if w.Failed() {
				w.Fatalf("killed at step %d, %s", step, died)
			}
		})
		if died == "" {
			t.Logf("%d steps, of the kinds %q", step-1, sorted(kinds))
			break
		}
	}
	for _, kind := range want {
		if !kinds[kind] && stride == 1 {
			t.Errorf("no process was killed %s", kind)
		}
	}
}

// killAt runs a process that is killed at a step, and says which step that was; ""
// if it ended well before.
func (w *world) killAt(step int) string {
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	fuse := &fuse{left: step, kill: cancel}
	p := w.start(fuse)
	p.Grace = 1 // a killed process finishes nothing
	var over atomic.Bool
	for _, key := range []kmsg.Key{kmsg.InitProducerID, kmsg.AddPartitionsToTxn, kmsg.Produce, kmsg.EndTxn} {
		w.cluster.Fake.ControlKey(int16(key), func(kmsg.Request) (kmsg.Response, error, bool) {
			if over.Load() {
				return nil, nil, false
			}
			w.cluster.Fake.KeepControl()
			// Between two partitions of a page: some of its records are written, some not.
			err := fuse.burn(key.Name() + " at the broker")
			return nil, err, err != nil
		})
	}
	err := p.Run(ctx)
	over.Store(true)
	w.store = w.store.Reopen()
	if !fuse.dead {
		if err != nil {
			w.Fatalf("run: %v", err)
		}
		return ""
	}
	if err == nil && !strings.HasPrefix(fuse.last, "after") {
		w.Errorf("killed %s, the process reports success", fuse.last)
	}
	if err != nil && errors.Is(err, context.DeadlineExceeded) {
		w.Errorf("killed %s, the process hung: %v", fuse.last, err)
	}
	return fuse.last
}

// Invariant 2, in order of time: no position is stored before the last record of
// its page is acknowledged, and none goes back.
func TestPositionsFollowTheAcks(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		fuse := &fuse{left: -1} // burns for ever
		p := w.start(fuse)
		p.Queues = p.Queues[:1] // one queue, so that its steps are all there are
		if err := p.Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		saves, published := 0, true
		for _, step := range fuse.steps {
			switch step {
			case "before publish":
				published = false
			case "after ack":
				published = true
			case "before save":
				saves++
				if !published {
					w.Fatalf("a position was stored between publish and ack: %q", fuse.steps)
				}
			}
		}
		if saves < 8 {
			w.Fatalf("only %d positions were stored", saves)
		}
	})
}

package publish_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// slow has the first produce request for a partition done only after a while. Requests
// of other connections go on meanwhile.
func (w *world) slow(partition int, delay time.Duration) {
	var done atomic.Bool
	w.cluster.Fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		if partitionOf(r) == partition && done.CompareAndSwap(false, true) {
			w.cluster.Fake.SleepControl(func() { time.Sleep(delay) })
		}
		return nil, nil, false
	})
}

// An acknowledgement that takes long is waited for, and is no incident.
func TestSlowAcknowledgement(t *testing.T) {
	inBubble(t, 3, func(w *world) {
		const delay = 29 * time.Second
		w.slow(1, delay)
		began := time.Now()
		w.mustPublish(w.publisher(), w.page(1, 60))
		if took := time.Since(began); took != delay {
			w.Errorf("took %v, want %v", took, delay)
		}
		w.wantTopic(w.page(1, 60))
		w.wantOutages(0)
	})
}

// A broker does a request after it was given up and sent again. What it holds is there
// twice, and nothing else.
func TestRequestIsDoneAfterItWasGivenUp(t *testing.T) {
	inBubble(t, 3, func(w *world) {
		w.slow(1, 40*time.Second)
		began := time.Now()
		w.mustPublish(w.publisher(), w.page(1, 60))
		if took := time.Since(began); took < 30*time.Second || took > 32*time.Second {
			w.Errorf("took %v, want the attempt of 30s and a wait", took)
		}
		w.wantTopic(w.page(1, 60))
		time.Sleep(10 * time.Second)
		w.wantTopic(w.page(1, 60), w.of(1, w.page(1, 60)))
		w.wantOutages(1)
	})
}

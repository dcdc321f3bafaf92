package kafkatest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Follower reads a topic as it grows, also over restarts of the brokers.
type Follower struct {
	cluster *Cluster
	topic   string
	client  *kgo.Client
	see     func(Message)

	mu    sync.Mutex
	next  map[int]int64 // by partition: the offset of the message that comes next
	moved chan struct{} // closed when there is more
}

// Follow hands every committed message of the topic to see, one at a time, those of a partition
// in order, until the test ends.
func (c *Cluster) Follow(tb testing.TB, topic string, see func(Message)) *Follower {
	tb.Helper()
	f := &Follower{cluster: c, topic: topic, see: see, next: map[int]int64{}, moved: make(chan struct{}),
		client: c.client(tb, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))}
	ctx, cancel := context.WithCancel(context.Background())
	var reading sync.WaitGroup
	reading.Go(func() { f.read(ctx, tb) })
	tb.Cleanup(func() {
		cancel()
		reading.Wait()
		f.client.Close()
	})
	return f
}

func (f *Follower) read(ctx context.Context, tb testing.TB) {
	for {
		fetches := f.client.PollFetches(ctx)
		if ctx.Err() != nil {
			return
		}
		// A broker that is not there is waited for. Messages that are gone are not.
		fetches.EachError(func(_ string, _ int32, err error) {
			var loss *kgo.ErrDataLoss
			if errors.As(err, &loss) {
				tb.Errorf("kafkatest: %v", err)
			}
		})
		fetches.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() {
				f.see(message(r))
			}
		})
		f.mu.Lock()
		fetches.EachRecord(func(r *kgo.Record) { f.next[int(r.Partition)] = r.Offset + 1 })
		close(f.moved)
		f.moved = make(chan struct{})
		f.mu.Unlock()
	}
}

// CatchUp returns when all messages have been seen that the topic has now.
func (f *Follower) CatchUp(tb testing.TB) {
	tb.Helper()
	f.cluster.ask(tb, func(ctx context.Context, client *kgo.Client) error {
		ends, err := EndOffsets(ctx, client, f.topic)
		if err != nil {
			return err
		}
		for {
			f.mu.Lock()
			left, moved := false, f.moved
			for partition, end := range ends {
				left = left || f.next[partition] < end
			}
			f.mu.Unlock()
			if !left {
				return nil
			}
			select {
			case <-moved:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
}

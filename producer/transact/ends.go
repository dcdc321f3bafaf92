package transact

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer"
)

var _ producer.Topic = (*Topics)(nil)

// kept is a client that is kept open between calls.
type kept struct {
	mu     sync.Mutex
	client *kgo.Client // nil: there is none
}

// Ends returns where each partition of the destination ends, in the order of their
// numbers: the offset behind the last message that all in-sync replicas have, committed or
// not. It waits for the brokers where they cannot be reached, as Destination does, and
// fails for good where they refuse it. It keeps connections open: see Close. It is safe for
// concurrent use.
func (t *Topics) Ends(ctx context.Context) (ends []int64, err error) {
	client, err := t.keep()
	if err != nil {
		return nil, err
	}
	err = t.Ladder.Until(ctx, attemptTimeout, func(ctx context.Context) error {
		ends, err = endsOf(ctx, kadm.NewClient(client), t.List[0].Name)
		return err
	})
	return ends, err
}

// Close ends the connections of Ends, which opens others if it is called again. It must
// not run beside it.
func (t *Topics) Close() {
	t.asking.mu.Lock()
	defer t.asking.mu.Unlock()
	if t.asking.client != nil {
		t.asking.client.Close()
		t.asking.client = nil
	}
}

func (t *Topics) keep() (client *kgo.Client, err error) {
	t.asking.mu.Lock()
	defer t.asking.mu.Unlock()
	if t.asking.client == nil {
		t.asking.client, err = t.client()
	}
	return t.asking.client, err
}

func endsOf(ctx context.Context, admin *kadm.Client, topic string) ([]int64, error) {
	listed, err := admin.ListEndOffsets(ctx, topic)
	if err = errors.Join(err, listed.Error()); err != nil {
		return nil, fmt.Errorf("topic %s: ends: %w", topic, err)
	}
	ends := make([]int64, len(listed[topic]))
	for i := range ends {
		end, ok := listed.Lookup(topic, int32(i))
		if !ok { // a broker that knows of fewer partitions than another, for a moment
			return nil, fmt.Errorf("topic %s: ends: partition %d: %w", topic, i, kerr.UnknownTopicOrPartition)
		}
		ends[i] = end.Offset
	}
	if len(ends) == 0 {
		return nil, fmt.Errorf("topic %s: ends: %w", topic, kerr.UnknownTopicOrPartition)
	}
	return ends, nil
}

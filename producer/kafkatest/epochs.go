package kafkatest

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// FenceStrictly has the in-process broker answer as Apache Kafka does where a producer
// asks to go on with an epoch from before another one came: PRODUCER_FENCED. By itself
// kfake lets it in. Real brokers need no telling; a restarted one in this process does
// again.
func (c *Cluster) FenceStrictly() {
	if c.Fake == nil {
		return
	}
	f := &fences{cluster: c, fake: c.Fake, since: map[string]int16{}}
	c.Fake.ControlKey(int16(kmsg.InitProducerID), f.control)
}

// fences are the epochs with which the producers came that are the last of their
// transactional ids.
type fences struct {
	cluster *Cluster
	fake    *kfake.Cluster

	mu    sync.Mutex
	since map[string]int16
}

func (f *fences) control(r kmsg.Request) (kmsg.Response, error, bool) {
	request := r.(*kmsg.InitProducerIDRequest)
	if request.TransactionalID == nil {
		return nil, nil, false
	}
	id, asked := *request.TransactionalID, f.fake.CurrentNode()
	var coordinator int32
	var current int16
	f.fake.SleepControl(func() { coordinator, current = f.fake.CoordinatorFor(id), f.epoch(id) })
	if asked != coordinator {
		return nil, nil, false // it says so
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if request.ProducerID < 0 {
		f.since[id] = current + 1
		return nil, nil, false
	}
	// Who came may have been told to come again: then the epoch is still the one before.
	if since, ok := f.since[id]; !ok || request.ProducerEpoch >= since || current < since {
		return nil, nil, false
	}
	f.fake.KeepControl()
	response := request.ResponseKind().(*kmsg.InitProducerIDResponse)
	response.ErrorCode = kerr.ProducerFenced.Code
	return response, nil, true
}

// epoch is the current one of a transactional id; -1: there is none.
func (f *fences) epoch(id string) int16 {
	options := []kgo.Opt{kgo.SeedBrokers(f.cluster.Brokers...)}
	if f.cluster.Dial != nil {
		options = append(options, kgo.Dialer(f.cluster.Dial))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return -1
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // less than who asks waits for
	defer cancel()
	described, err := kadm.NewClient(client).DescribeTransactions(ctx, id)
	if err != nil || described[id].Err != nil {
		return -1
	}
	return described[id].ProducerEpoch
}

package transact

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer/broker"
)

// DeadLetter tells of a message of the dead-letter topic, without what is in it.
type DeadLetter struct {
	Partition int32
	Offset    int64
	Time      time.Time // of publishing
	Key       string    // the conversation's id; the content-hash where the record has none
	Headers   map[string]string
}

// ReadDeadLetters hands every committed message that the topic has now to see, partition
// by partition, in the order of their offsets. It does not wait for brokers that are away.
func ReadDeadLetters(ctx context.Context, c Config, topic string, see func(DeadLetter)) error {
	client, err := newReader(c)
	if err != nil {
		return err
	}
	defer client.Close()
	meta, err := kadm.NewClient(client).Metadata(ctx, topic)
	if err = errors.Join(err, meta.Topics[topic].Err); err != nil {
		return broker.Explain(fmt.Errorf("topic %s: %w", topic, err))
	}
	for _, partition := range meta.Topics[topic].Partitions.Numbers() {
		t := &tail{client: client, topic: topic, partition: partition, stable: -1}
		_, err := t.readOn(ctx, func(r *kgo.Record) {
			d := DeadLetter{r.Partition, r.Offset, r.Timestamp, string(r.Key), map[string]string{}}
			for _, h := range r.Headers {
				d.Headers[h.Key] = string(h.Value)
			}
			see(d)
		})
		if err != nil {
			return broker.Explain(err)
		}
	}
	return nil
}

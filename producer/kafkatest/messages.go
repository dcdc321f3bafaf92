package kafkatest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Message is one message of a topic.
type Message struct {
	Partition int
	Offset    int64
	Time      time.Time
	Key       string
	Value     []byte
	Headers   map[string]string
	Order     []string // the headers' keys, as they came
	Codec     uint8    // of its batch: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd
}

// Read reads all messages that the topic has now and that are committed, partition by
// partition, in order. It waits for open transactions to end.
func (c *Cluster) Read(tb testing.TB, topic string) []Message {
	tb.Helper()
	client := c.client(tb)
	defer client.Close()
	ctx, cancel := context.WithTimeout(tb.Context(), 2*patience) // brokers end what is open after 25 s
	defer cancel()
	messages, err := ReadAll(ctx, client, topic)
	if err != nil {
		tb.Fatal(err)
	}
	return messages
}

// ReadAll reads all messages that the topic has now with a client that consumes
// nothing else. Where messages are published in transactions, the client must keep
// control records: the last of a partition is one.
func ReadAll(ctx context.Context, client *kgo.Client, topic string) ([]Message, error) {
	ends, err := EndOffsets(ctx, client, topic)
	if err != nil {
		return nil, err
	}
	byPartition := make([][]Message, len(ends))
	starts := map[int32]kgo.Offset{}
	for partition, end := range ends {
		if end > 0 {
			starts[int32(partition)] = kgo.NewOffset().AtStart()
		}
	}
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: starts})
	for len(starts) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			// What lies at the end may not be handed out: it was aborted, and the record
			// that says so came after we began to read.
			if r.Offset >= ends[r.Partition]-1 {
				delete(starts, r.Partition)
			}
			if r.Offset < ends[r.Partition] && !r.Attrs.IsControl() {
				byPartition[r.Partition] = append(byPartition[r.Partition], message(r))
			}
		})
	}
	var all []Message
	for _, messages := range byPartition {
		all = append(all, messages...)
	}
	return all, nil
}

func message(r *kgo.Record) Message {
	m := Message{Partition: int(r.Partition), Offset: r.Offset, Time: r.Timestamp,
		Key: string(r.Key), Value: r.Value, Headers: make(map[string]string, len(r.Headers)),
		Codec: r.Attrs.CompressionType()}
	for _, h := range r.Headers {
		m.Headers[h.Key] = string(h.Value)
		m.Order = append(m.Order, h.Key)
	}
	return m
}

// EndOffsets is, for each partition, the offset of the message that comes next.
func EndOffsets(ctx context.Context, client *kgo.Client, topic string) ([]int64, error) {
	partitions, err := countPartitions(ctx, client, topic)
	if err != nil {
		return nil, err
	}
	ends := make([]int64, partitions)
	request := kmsg.NewListOffsetsRequest()
	wanted := kmsg.NewListOffsetsRequestTopic()
	wanted.Topic = topic
	for i := range ends {
		partition := kmsg.NewListOffsetsRequestTopicPartition()
		partition.Partition, partition.Timestamp = int32(i), -1
		wanted.Partitions = append(wanted.Partitions, partition)
	}
	request.Topics = append(request.Topics, wanted)
	for _, shard := range client.RequestSharded(ctx, &request) {
		if shard.Err != nil {
			return nil, shard.Err
		}
		for _, t := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					return nil, fmt.Errorf("topic %s: partition %d: %w", topic, p.Partition, err)
				}
				ends[p.Partition] = p.Offset
			}
		}
	}
	return ends, nil
}

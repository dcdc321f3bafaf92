// Package publish writes messages to Kafka with kafka-go, one request at a time
// per partition, and waits for every acknowledgement.
//
// It uses kafka-go's Client and not its Writer: a produce request that returns is
// over, its error is the only answer, and nothing is delivered behind the caller's
// back. What that leaves to do is here: batches by size, and the ladder of
// retries (ladder.go).
package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
)

// Config is what a [Publisher] is made of.
type Config struct {
	Brokers         []string // host:port of some brokers
	Topic           string
	Compression     string                                                               // none, gzip, snappy, lz4 or zstd
	MaxMessageBytes int                                                                  // a larger message parks its queue; also the most a request carries, before compression
	ClientID        string                                                               // what the brokers log
	Dial            func(ctx context.Context, network, address string) (net.Conn, error) // nil: net.Dialer's
	Log             *slog.Logger
}

// requestTimeout bounds one attempt, connecting included.
const requestTimeout = 30 * time.Second

// Publisher implements [producer.Publisher] and [producer.Topic]. It is safe for concurrent use, but
// only calls that follow one another keep the order of a key.
type Publisher struct {
	topic       string
	compression kafka.Compression
	maxBytes    int
	client      *kafka.Client
	transport   *kafka.Transport
	log         *slog.Logger
	ends        ends
}

// New makes a publisher. It does not connect yet.
func New(c Config) (*Publisher, error) {
	var compression kafka.Compression
	if c.Compression != "none" {
		if err := compression.UnmarshalText([]byte(c.Compression)); err != nil {
			return nil, err
		}
	}
	transport := &kafka.Transport{
		Dial: c.Dial, ClientID: c.ClientID,
		MetadataTopics: []string{c.Topic}, // else the metadata of every topic is polled
	}
	return &Publisher{
		topic: c.Topic, compression: compression, maxBytes: c.MaxMessageBytes,
		client: &kafka.Client{
			Addr: kafka.TCP(c.Brokers...), Transport: transport,
			// Half of it is what brokers are given to replicate. Without it that is
			// 0.5 s, and a slow replica has every page written again and again.
			Timeout: requestTimeout,
		},
		transport: transport,
		log:       c.Log,
	}, nil
}

// Close closes the connections. It must not run beside another call.
func (p *Publisher) Close() { p.transport.CloseIdleConnections() }

// Destination implements [producer.Topic]. A missing topic is an error.
func (p *Publisher) Destination(ctx context.Context) (d checkpoint.Destination, err error) {
	err = p.until(ctx, func(ctx context.Context) error {
		meta, err := p.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{p.topic}})
		if err != nil {
			return err
		}
		switch _, err := partitions(meta); {
		case errors.Is(err, kafka.UnknownTopicOrPartition):
			return &missingTopicError{p.topic}
		case err != nil:
			return err
		}
		d = checkpoint.Destination{Cluster: meta.ClusterID, Topic: p.topic}
		return nil
	})
	return d, p.explain(err)
}

// Publish implements [producer.Publisher].
func (p *Publisher) Publish(ctx context.Context, messages []producer.Message) error {
	records := make([]record, len(messages))
	for i, m := range messages {
		records[i] = encode(m)
		if size := records[i].size; size > p.maxBytes {
			return &TooLargeError{Key: m.Key, Size: size, Limit: p.maxBytes}
		}
	}
	return p.explain(p.until(ctx, func(ctx context.Context) (err error) {
		records, err = p.attempt(ctx, records)
		return err
	}))
}

// attempt sends the records to their partitions, all partitions at once, and
// returns those that were not acknowledged. The partitions are looked up at each
// attempt, from metadata that kafka-go keeps fresh: their number can change.
func (p *Publisher) attempt(ctx context.Context, records []record) (rest []record, err error) {
	meta, err := p.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{p.topic}})
	if err != nil {
		return records, err
	}
	ids, err := partitions(meta)
	if err != nil {
		return records, err
	}
	byPartition := map[int][]record{}
	for _, r := range records {
		id := partitionOf(r.Key, ids)
		byPartition[id] = append(byPartition[id], r)
	}
	var (
		sends sync.WaitGroup
		mu    sync.Mutex
		then  = p.ends.now()
		acked = map[int]span{}
	)
	for id, own := range byPartition {
		sends.Go(func() {
			unacked, written, failure := p.send(ctx, id, own)
			mu.Lock()
			defer mu.Unlock()
			rest = append(rest, unacked...)
			if len(unacked) < len(own) && written.first >= 0 { // -1: a broker that does not say
				acked[id] = written
			}
			if failure != nil && (err == nil || refused(failure)) {
				err = fmt.Errorf("partition %d: %w", id, failure)
			}
		})
	}
	sends.Wait()
	if gone, perhaps := p.ends.acknowledged(then, acked); len(gone) > 0 {
		p.log.Error("kafka: messages that the topic had acknowledged are gone; the walk goes on after them",
			"topic", p.topic, "gone", strings.Join(gone, ", "), "perhaps", strings.Join(perhaps, ", "), "cause", "the topic was deleted and created again, or a replica without them became the leader",
			"fix", "to publish them again, run beside this under another CHECKPOINT_NAME, with WINDOW_FROM before the first that is missing and WINDOW_TO=now")
	}
	return rest, err
}

// send writes the records to one partition, batch after batch, and stops at the
// first that fails: a later batch must not overtake an earlier one.
func (p *Publisher) send(ctx context.Context, partition int, records []record) (unacked []record, written span, err error) {
	for first := true; len(records) > 0; first = false {
		batch := records[:batchEnd(records, p.maxBytes)]
		resp, err := p.client.Produce(ctx, &kafka.ProduceRequest{
			Topic: p.topic, Partition: partition,
			RequiredAcks: kafka.RequireAll, // invariant 1
			Compression:  p.compression,
			Records:      reader(batch, time.Now()),
		})
		if err == nil {
			err = resp.Error
		}
		if err != nil {
			return records, written, err
		}
		if first {
			written.first = resp.BaseOffset
		}
		written.end = resp.BaseOffset + int64(len(batch))
		records = records[len(batch):]
	}
	return nil, written, nil
}

// partitions lists the topic's partitions in order.
func partitions(meta *kafka.MetadataResponse) ([]int, error) {
	if len(meta.Topics) == 0 {
		return nil, kafka.UnknownTopicOrPartition
	}
	topic := meta.Topics[0]
	if topic.Error != nil {
		return nil, topic.Error
	}
	ids := make([]int, len(topic.Partitions))
	for i, partition := range topic.Partitions {
		ids[i] = partition.ID
	}
	slices.Sort(ids)
	return ids, nil
}

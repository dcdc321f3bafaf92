package publish

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"genesys-producer/producer/broker"
)

// attempt sends the records to their partitions, all partitions at once, and returns
// those that were not acknowledged, and those that brokers refuse for their size. The
// partitions are looked up at each attempt, from metadata that kafka-go keeps fresh:
// their number can change.
func (p *Publisher) attempt(ctx context.Context, records []record) (rest, refused []record, err error) {
	targets, err := p.assign(ctx, records)
	if err != nil {
		return records, nil, err
	}
	var (
		sends sync.WaitGroup
		mu    sync.Mutex
		then  = p.ends.Now()
		acked = map[broker.Partition]broker.Span{}
	)
	for to, own := range targets {
		sends.Go(func() {
			s := p.send(ctx, to, own)
			mu.Lock()
			defer mu.Unlock()
			rest, refused = append(rest, s.rest...), append(refused, s.refused...)
			if s.written.End > 0 && s.written.First >= 0 { // -1: a broker that does not say
				acked[to] = s.written
			}
			if s.err != nil && (err == nil || broker.Final(named(s.err))) {
				err = fmt.Errorf("%v: %w", to, s.err)
				if broker.IsRefusal(named(s.err)) {
					err = &broker.RefusedError{Topic: to.Topic, Err: s.err}
				}
			}
		})
	}
	sends.Wait()
	p.ends.Acknowledged(p.log, then, acked)
	return rest, refused, err
}

// assign finds the partition of each record.
func (p *Publisher) assign(ctx context.Context, records []record) (map[broker.Partition][]record, error) {
	meta, err := p.client.Metadata(ctx, &kafka.MetadataRequest{Topics: p.topics})
	if err != nil {
		return nil, err
	}
	partitions := map[string][]int{}
	failed := map[string]error{}
	for _, topic := range meta.Topics {
		for _, partition := range topic.Partitions {
			partitions[topic.Name] = append(partitions[topic.Name], partition.ID)
		}
		slices.Sort(partitions[topic.Name])
		failed[topic.Name] = topic.Error
	}
	targets := map[broker.Partition][]record{}
	for _, r := range records {
		topic := r.message.Topic
		ids := partitions[topic]
		switch {
		case failed[topic] != nil:
			return nil, fmt.Errorf("topic %s: %w", topic, failed[topic])
		case len(ids) == 0:
			return nil, fmt.Errorf("topic %s: %w", topic, kafka.UnknownTopicOrPartition)
		}
		to := broker.Partition{Topic: topic, Number: partitionOf(r.Key, ids)}
		targets[to] = append(targets[to], r)
	}
	return targets, nil
}

// sent is what became of records that were sent to one partition.
type sent struct {
	written broker.Span
	rest    []record // not acknowledged
	refused []record // for their size
	err     error    // why there is a rest
}

// send writes the records to one partition, batch after batch, and stops at the
// first that fails: a later batch must not overtake an earlier one. A batch that is
// refused for its size is halved, until it is one record that is; from there on batches
// grow again.
func (p *Publisher) send(ctx context.Context, to broker.Partition, records []record) (s sent) {
	for most := len(records); len(records) > 0; {
		n := min(batchEnd(records, p.maxBytes), most)
		batch := records[:n]
		resp, err := p.client.Produce(ctx, &kafka.ProduceRequest{
			Topic: to.Topic, Partition: to.Number,
			RequiredAcks: kafka.RequireAll, // invariant 1
			Compression:  p.compression,
			Records:      reader(batch, time.Now()),
		})
		if err == nil {
			err = resp.Error
		}
		tooLarge := isOneOf(err, kafka.MessageSizeTooLarge, kafka.RecordListTooLarge)
		switch {
		case tooLarge && n > 1:
			most = n / 2
			continue
		case tooLarge:
			s.refused = append(s.refused, batch...)
		case err != nil:
			s.rest, s.err = records, err
			return s
		default:
			if s.written.End == 0 {
				s.written.First = resp.BaseOffset
			}
			s.written.End = resp.BaseOffset + int64(n)
		}
		records, most = records[n:], 2*n
	}
	return s
}

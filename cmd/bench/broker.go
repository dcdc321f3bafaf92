package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer/kafkatest"
)

// partitions is how many the topic of the conversations has.
const partitions = 12

// serveBroker is a broker that acknowledges and forgets, or keeps what it is given in
// the folder.
func serveBroker(ctx context.Context, o order) error {
	keeping := kfake.BlackholeProduce()
	if o.Folder != "" {
		keeping = kfake.DataDir(o.Folder)
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), keeping)
	if err != nil {
		return err
	}
	defer cluster.Close()
	ready(cluster.ListenAddrs()[0])
	<-ctx.Done()
	return nil
}

// topic is one that is created.
type topic struct {
	name       string
	partitions int
	settings   []string
}

// topicsOf are those that the service needs where it publishes to the one of the name,
// whatever is measured.
func topicsOf(name string) []topic {
	return append(positionsTopics(name+".checkpoints"),
		topic{name, partitions, nil}, topic{name + ".dead-letter", 1, nil}, topic{name + ".windows", 1, nil})
}

// positionsTopics are the one of the positions and the one of the ledgers.
func positionsTopics(name string) []topic {
	compact := []string{"cleanup.policy=compact"}
	return []topic{{name, 1, compact}, {ledgersOf(name), partitions, compact}}
}

func ledgersOf(positions string) string { return positions + ".ledgers" }

// createTopics creates topics, so that every row writes to some of its own. The function
// that it returns gives a real broker its disk back.
func (s *stage) createTopics(topics ...topic) (remove func() error, err error) {
	created := topics[:0:0]
	remove = func() (err error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), 10*time.Second) // also after Ctrl-C
		defer cancel()
		for _, t := range created {
			err = errors.Join(err, kafkatest.DeleteTopic(ctx, s.client, t.name))
		}
		return err
	}
	ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
	defer cancel()
	for _, t := range topics {
		if err := kafkatest.CreateTopic(ctx, s.client, t.name, t.partitions, -1, t.settings...); err != nil {
			return nil, errors.Join(fmt.Errorf("kafka: topic %s cannot be created: %w", t.name, err), remove())
		}
		created = append(created, t)
	}
	for _, t := range topics {
		if err := s.awaitTopic(ctx, t.name); err != nil {
			return nil, errors.Join(err, remove())
		}
	}
	return remove, nil
}

// awaitTopic waits until a topic that was created is there for all: brokers hear of it a
// little later.
func (s *stage) awaitTopic(ctx context.Context, name string) error {
	for {
		_, err := kafkatest.EndOffsets(ctx, s.client, name)
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
}

// messagesIn is how many messages a topic has been given: its end offsets, of a topic
// that nothing else writes to.
func (s *stage) messagesIn(name string) (n int, err error) {
	ends, err := kafkatest.EndOffsets(s.ctx, s.client, name)
	for _, end := range ends {
		n += int(end)
	}
	return n, err
}

// committedIn is how many messages of a topic are committed. They must be read:
// transactions have offsets of their own.
func (s *stage) committedIn(name string) (n int, err error) {
	ends, err := kafkatest.EndOffsets(s.ctx, s.client, name)
	if err != nil {
		return 0, err
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(s.addrs...), kgo.ConsumeTopics(name), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		return 0, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	left := 0
	for _, end := range ends {
		left += int(min(end, 1))
	}
	for left > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return n, err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() {
				n++
			}
			if r.Offset == ends[r.Partition]-1 {
				left--
			}
		})
	}
	return n, nil
}

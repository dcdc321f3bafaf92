package main

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"genesys-producer/producer/kafkatest"
)

// partitions is how many a topic has.
const partitions = 12

// serveBroker is a broker that acknowledges and forgets.
func serveBroker(ctx context.Context, _ order) error {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.BlackholeProduce())
	if err != nil {
		return err
	}
	defer cluster.Close()
	ready(cluster.ListenAddrs()[0])
	<-ctx.Done()
	return nil
}

// createTopic creates a topic, so that every row writes to one of its own.
func (s *stage) createTopic(name string) error {
	if err := kafkatest.CreateTopic(s.ctx, s.client, name, partitions, -1); err != nil {
		return fmt.Errorf("kafka: topic %s cannot be created: %w", name, err)
	}
	return nil
}

// deleteTopic gives a real broker its disk back.
func (s *stage) deleteTopic(name string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), 10*time.Second) // also after Ctrl-C
	defer cancel()
	return kafkatest.DeleteTopic(ctx, s.client, name)
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

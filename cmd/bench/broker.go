package main

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
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
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, partitions, -1
	request := kmsg.NewCreateTopicsRequest()
	request.Topics = append(request.Topics, topic)
	response, err := request.RequestWith(s.ctx, s.client)
	if err == nil {
		err = kerr.ErrorForCode(response.Topics[0].ErrorCode)
	}
	if err != nil {
		return fmt.Errorf("kafka: topic %s cannot be created: %w", name, err)
	}
	return nil
}

// deleteTopic gives a real broker its disk back.
func (s *stage) deleteTopic(name string) error {
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = &name
	request := kmsg.NewDeleteTopicsRequest()
	request.Topics, request.TopicNames = append(request.Topics, topic), []string{name}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), 10*time.Second) // also after Ctrl-C
	defer cancel()
	response, err := request.RequestWith(ctx, s.client)
	if err == nil {
		err = kerr.ErrorForCode(response.Topics[0].ErrorCode)
	}
	return err
}

// messagesIn is how many messages a topic has been given: its end offsets, of a topic
// that nothing else writes to.
func (s *stage) messagesIn(name string) (n int, err error) {
	request := kmsg.NewListOffsetsRequest()
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = name
	for i := range int32(partitions) {
		partition := kmsg.NewListOffsetsRequestTopicPartition()
		partition.Partition, partition.Timestamp = i, -1
		topic.Partitions = append(topic.Partitions, partition)
	}
	request.Topics = append(request.Topics, topic)
	for _, shard := range s.client.RequestSharded(s.ctx, &request) {
		if shard.Err != nil {
			return 0, shard.Err
		}
		for _, t := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					return 0, err
				}
				n += int(p.Offset)
			}
		}
	}
	return n, nil
}

func newClient(brokers []string) (*kgo.Client, error) {
	return kgo.NewClient(kgo.SeedBrokers(brokers...))
}

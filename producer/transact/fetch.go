package transact

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// fetchVersion is the last version of Fetch that names topics instead of numbering them.
const fetchVersion = 12

// largestAnswer is how many bytes an answer to Fetch has at most, but for a single batch.
const largestAnswer = 16 << 20

// newReader makes a client that tails can read by.
func newReader(c Config) (*kgo.Client, error) {
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(int16(kmsg.Fetch), fetchVersion)
	return c.client(kgo.MaxVersions(versions))
}

// fetch asks for what lies from an offset on: so many bytes of it, or one batch. It
// returns the offset behind what there is in the answer.
func (t *tail) fetch(ctx context.Context, leader int32, offset int64, most int32, level kgo.IsolationLevel) (kgo.FetchPartition, int64, error) {
	request := kmsg.NewPtrFetchRequest()
	request.MaxBytes, request.MinBytes, request.MaxWaitMillis = most, 1, 0
	if level == kgo.ReadCommitted() {
		request.IsolationLevel = 1
	}
	topic, partition := kmsg.NewFetchRequestTopic(), kmsg.NewFetchRequestTopicPartition()
	topic.Topic = t.topic
	partition.Partition, partition.FetchOffset, partition.PartitionMaxBytes = t.partition, offset, most
	partition.CurrentLeaderEpoch = -1
	topic.Partitions = append(topic.Partitions, partition)
	request.Topics = append(request.Topics, topic)
	response, err := request.RequestWith(ctx, t.client.Broker(int(leader)))
	switch {
	case err != nil:
		return kgo.FetchPartition{}, 0, err
	case response.ErrorCode != 0:
		return kgo.FetchPartition{}, 0, kerr.ErrorForCode(response.ErrorCode)
	case len(response.Topics) == 0 || len(response.Topics[0].Partitions) == 0:
		return kgo.FetchPartition{}, 0, errors.New("the broker answers without the partition")
	}
	answer, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{
		KeepControlRecords: request.IsolationLevel == 0, Offset: offset, IsolationLevel: level, Topic: t.topic, Partition: t.partition,
	}, &response.Topics[0].Partitions[0], kgo.DefaultDecompressor(), nil)
	return answer, next, answer.Err
}

// leaders are the brokers to ask, by partition, and the topic's id. They are asked for each
// time: leaders move, and what a client remembers may be of a topic that is gone.
func leaders(ctx context.Context, client *kgo.Client, topic string) (map[int32]int32, [16]byte, error) {
	request := kmsg.NewPtrMetadataRequest()
	request.Topics = []kmsg.MetadataRequestTopic{{Topic: &topic}}
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return nil, [16]byte{}, err
	}
	if len(response.Topics) == 0 {
		return nil, [16]byte{}, kerr.UnknownTopicOrPartition
	}
	answer := response.Topics[0]
	if err := kerr.ErrorForCode(answer.ErrorCode); err != nil {
		return nil, answer.TopicID, err
	}
	brokers := map[int32]int32{}
	for _, p := range answer.Partitions {
		if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
			return nil, answer.TopicID, err
		}
		brokers[p.Partition] = p.Leader
	}
	return brokers, answer.TopicID, nil
}

package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// patience is how long brokers may take to do what they were asked.
const patience = 30 * time.Second

// TopicName is a name that no other test has, of a topic that is not there yet.
func TopicName(tb testing.TB) string {
	tb.Helper()
	name := fmt.Sprintf("test.%s.%08x", strings.Map(nameable, tb.Name()), rand.Uint32())
	return name[max(0, len(name)-200):]
}

// nameable is what stands for a letter of a test's name in a topic's.
func nameable(r rune) rune {
	switch {
	case r == '/':
		return '.'
	case r == '.', r == '_', '0' <= r && r <= '9', 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z':
		return r
	}
	return '-'
}

// CreateTopic creates a topic of a name that no other test has, with settings such
// as "max.message.bytes=2000". When it returns, messages can be written. Where
// the brokers outlive the test, the topic ends with it.
func (c *Cluster) CreateTopic(tb testing.TB, partitions int, settings ...string) string {
	tb.Helper()
	name := TopicName(tb)
	c.CreateTopicNamed(tb, name, partitions, settings...)
	if c.Fake == nil {
		tb.Cleanup(func() { c.DeleteTopic(tb, name) })
	}
	return name
}

// CreateTopicNamed creates a topic of this name, which stays.
func (c *Cluster) CreateTopicNamed(tb testing.TB, name string, partitions int, settings ...string) {
	tb.Helper()
	c.ask(tb, func(ctx context.Context, client *kgo.Client) error {
		if err := CreateTopic(ctx, client, name, partitions, 1, settings...); err != nil {
			return err
		}
		return awaitPartitions(ctx, client, name, partitions)
	})
}

// CreateTopic creates a topic. replicas is its replication factor; -1: the brokers'
// default. Its leaders may not yet answer when it returns.
func CreateTopic(ctx context.Context, client *kgo.Client, name string, partitions, replicas int, settings ...string) error {
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, int32(partitions), int16(replicas)
	for _, setting := range settings {
		key, value, _ := strings.Cut(setting, "=")
		config := kmsg.NewCreateTopicsRequestTopicConfig()
		config.Name, config.Value = key, &value
		topic.Configs = append(topic.Configs, config)
	}
	request := kmsg.NewCreateTopicsRequest()
	request.Topics = append(request.Topics, topic)
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(response.Topics[0].ErrorCode)
}

// AddPartitions makes it so many in all.
func (c *Cluster) AddPartitions(tb testing.TB, topic string, partitions int) {
	tb.Helper()
	more := kmsg.NewCreatePartitionsRequestTopic()
	more.Topic, more.Count = topic, int32(partitions)
	request := kmsg.NewCreatePartitionsRequest()
	request.Topics = append(request.Topics, more)
	c.ask(tb, func(ctx context.Context, client *kgo.Client) error {
		response, err := request.RequestWith(ctx, client)
		if err != nil {
			return err
		}
		if err := kerr.ErrorForCode(response.Topics[0].ErrorCode); err != nil {
			return err
		}
		return awaitPartitions(ctx, client, topic, partitions)
	})
}

// Configure changes settings of a topic, such as "max.message.bytes=2000".
func (c *Cluster) Configure(tb testing.TB, topic string, settings ...string) {
	tb.Helper()
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, topic
	for _, setting := range settings {
		key, value, _ := strings.Cut(setting, "=")
		config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
		config.Name, config.Op, config.Value = key, kmsg.IncrementalAlterConfigOpSet, &value
		resource.Configs = append(resource.Configs, config)
	}
	request := kmsg.NewIncrementalAlterConfigsRequest()
	request.Resources = append(request.Resources, resource)
	c.ask(tb, func(ctx context.Context, client *kgo.Client) error {
		response, err := request.RequestWith(ctx, client)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(response.Resources[0].ErrorCode)
	})
}

// DeleteTopic deletes it, with all that it holds.
func (c *Cluster) DeleteTopic(tb testing.TB, topic string) {
	tb.Helper()
	c.ask(tb, func(ctx context.Context, client *kgo.Client) error { return DeleteTopic(ctx, client, topic) })
}

// DeleteTopic deletes a topic, with all that it holds.
func DeleteTopic(ctx context.Context, client *kgo.Client, name string) error {
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = &name
	request := kmsg.NewDeleteTopicsRequest()
	request.Topics, request.TopicNames = append(request.Topics, topic), []string{name}
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(response.Topics[0].ErrorCode)
}

// ask asks the brokers for something that the test cannot do without. It does so
// in a test's cleanup too.
func (c *Cluster) ask(tb testing.TB, request func(context.Context, *kgo.Client) error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), patience)
	defer cancel()
	client := c.client(tb)
	defer client.Close()
	if err := request(ctx, client); err != nil {
		tb.Fatalf("kafkatest: %v", err)
	}
}

// awaitPartitions waits until the leaders of so many partitions answer for them: a
// broker takes its part up a little after the controller has given it.
func awaitPartitions(ctx context.Context, client *kgo.Client, topic string, partitions int) error {
	for {
		ends, err := EndOffsets(ctx, client, topic)
		switch {
		case err == nil && len(ends) == partitions:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("topic %s: %d partitions answer, want %d: %w", topic, len(ends), partitions, errors.Join(err, ctx.Err()))
		}
	}
}

// countPartitions is how many partitions a topic has.
func countPartitions(ctx context.Context, client *kgo.Client, topic string) (int, error) {
	about := kmsg.NewMetadataRequest()
	about.Topics = []kmsg.MetadataRequestTopic{{Topic: &topic}}
	response, err := about.RequestWith(ctx, client)
	if err != nil {
		return 0, err
	}
	if err := kerr.ErrorForCode(response.Topics[0].ErrorCode); err != nil {
		return 0, fmt.Errorf("topic %s: %w", topic, err)
	}
	return len(response.Topics[0].Partitions), nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer/kafkatest"
)

// topic is one that the service needs.
type topic struct {
	name       string
	partitions int
	settings   []string
}

// topics are those that the service needs: by default it creates none.
func (w *world) topics() []topic {
	all := []topic{
		{w.topic, partitions, nil},
		{w.topic + ".dead-letter", 1, []string{"retention.ms=-1"}}, // the names are the service's defaults
		{w.attestations(), 1, []string{"cleanup.policy=compact"}},
	}
	if w.exactlyOnce {
		for _, name := range []string{w.checkpoints(), w.ledgers()} {
			all = append(all, topic{name, 1, []string{"cleanup.policy=compact"}})
		}
	}
	return all
}

func (w *world) createTopics(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	for _, t := range w.topics() {
		if err := kafkatest.CreateTopic(ctx, w.client, t.name, t.partitions, -1, t.settings...); err != nil {
			return fmt.Errorf("kafka at %s: topic %s cannot be created: %w", strings.Join(w.brokers, ","), t.name, err)
		}
	}
	for _, t := range w.topics() { // brokers hear of a new topic a little later
		for {
			_, err := kafkatest.EndOffsets(ctx, w.client, t.name)
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return fmt.Errorf("kafka at %s: topic %s was created and is not there: %w", strings.Join(w.brokers, ","), t.name, err)
			}
		}
	}
	return nil
}

func (w *world) deleteTopics() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), kafkaTimeout) // also after Ctrl-C
	defer cancel()
	for _, t := range w.topics() {
		err = errors.Join(err, kafkatest.DeleteTopic(ctx, w.client, t.name))
	}
	return err
}

// messages reads the whole topic as who reads what is committed does, and counts what
// such a reader does not see.
func (w *world) messages(ctx context.Context) (committed []kafkatest.Message, uncommitted int, err error) {
	committed, err = w.read(ctx, w.topic, kgo.ReadCommitted())
	if err != nil || !w.exactlyOnce {
		return committed, 0, err
	}
	all, err := w.read(ctx, w.topic, kgo.ReadUncommitted())
	return committed, len(all) - len(committed), err
}

func (w *world) read(ctx context.Context, topic string, level kgo.IsolationLevel) ([]kafkatest.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*kafkaTimeout)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(w.brokers...), kgo.FetchIsolationLevel(level), kgo.KeepControlRecords())
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	defer client.Close()
	messages, err := kafkatest.ReadAll(ctx, client, topic)
	if err != nil {
		return nil, fmt.Errorf("kafka: reading topic %s: %w", topic, err)
	}
	return messages, nil
}

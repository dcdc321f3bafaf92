package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/segmentio/kafka-go"
)

// plainLoop is what one would write in an hour: a page after the other, encoding/json,
// the Writer of kafka-go with a short batch timeout, and a file for the last page.
func plainLoop(ctx context.Context, o order) (err error) {
	writer := &kafka.Writer{
		Addr: kafka.TCP(o.Brokers...), Topic: o.Topic, Balancer: kafka.Murmur2Balancer{}, RequiredAcks: kafka.RequireAll,
		BatchTimeout: 10 * time.Millisecond, BatchSize: pageSize,
	}
	defer func() { err = errors.Join(err, writer.Close()) }()
	if o.Compression != "none" {
		if err := writer.Compression.UnmarshalText([]byte(o.Compression)); err != nil {
			return err
		}
	}
	folder, err := os.MkdirTemp("", "bench-plain-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	for queue := range o.Load.Queues {
		for number := 1; number <= o.Load.Pages; number++ {
			page, err := plainPage(ctx, o.API, queue, number)
			if err != nil {
				return err
			}
			if err := writer.WriteMessages(ctx, page...); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(folder, queueID(queue)), fmt.Append(nil, number), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

func plainPage(ctx context.Context, base string, queue, number int) (messages []kafka.Message, err error) {
	body, err := ask(ctx, http.DefaultClient, base, queue, number)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var page struct{ Conversations []json.RawMessage }
	if err := json.NewDecoder(body).Decode(&page); err != nil {
		return nil, err
	}
	for _, raw := range page.Conversations {
		var conversation struct{ ConversationID string }
		if err := json.Unmarshal(raw, &conversation); err != nil {
			return nil, err
		}
		messages = append(messages, kafka.Message{Key: []byte(conversation.ConversationID), Value: raw})
	}
	return messages, nil
}

package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/segmentio/kafka-go"
)

const (
	firstWait   = 100 * time.Millisecond // an election takes no longer, as a rule
	longestWait = 5 * time.Second
)

// until makes an attempt until it succeeds or is refused for good. An outage is
// logged once when it begins and once when it is over.
func (p *Publisher) until(ctx context.Context, attempt func(context.Context) error) error {
	waits := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(firstWait), backoff.WithMaxInterval(longestWait), backoff.WithMaxElapsedTime(0))
	var since time.Time
	for {
		bounded, cancel := context.WithTimeout(ctx, requestTimeout)
		err := attempt(bounded)
		cancel()
		if err == nil {
			if !since.IsZero() {
				p.log.Info("kafka: publishing goes on", "topic", p.topic, "took", time.Since(since).Round(time.Millisecond))
			}
			return nil
		}
		if ctx.Err() != nil || refused(err) {
			return err
		}
		if since.IsZero() {
			since = time.Now()
			p.log.Warn("kafka: waiting until publishing is possible", append([]any{"topic", p.topic, "error", err}, hint(err)...)...)
		}
		// kafka-go does not ask for new metadata when a leader has moved or a broker
		// was not there: new connections do.
		p.transport.CloseIdleConnections()
		select {
		case <-time.After(min(waits.NextBackOff(), longestWait)):
		case <-ctx.Done():
			return err
		}
	}
}

// refused reports whether asking again is of no use. All that is not a broker's
// own word (no connection, no leader, no answer in time) can pass.
func refused(err error) bool {
	var absent *missingTopicError
	if errors.As(err, &absent) {
		return true
	}
	var code kafka.Error
	if !errors.As(err, &code) || code.Temporary() {
		return false // elections, moved leaders, too few replicas, a topic not yet known everywhere
	}
	switch code {
	case kafka.Unknown, kafka.BrokerNotAvailable, kafka.ReplicaNotAvailable:
		return false // a broker that starts, stops or stumbles
	}
	return true
}

// hint is what a person may have to do about an error that is waited for.
func hint(err error) []any {
	switch {
	case isOneOf(err, kafka.UnknownTopicOrPartition):
		return []any{"hint", "if the topic was deleted, all that it held is gone, and the positions are past it; create it again, and the walk goes on"}
	case isOneOf(err, kafka.NotEnoughReplicas, kafka.NotEnoughReplicasAfterAppend):
		return []any{"hint", "fewer replicas are in sync than the topic's min.insync.replicas: see to the brokers that are down or behind"}
	}
	return nil
}

// explain says what to do about an error that stopped publishing.
func (p *Publisher) explain(err error) error {
	var absent *missingTopicError
	switch {
	case err == nil, errors.As(err, &absent):
		return err
	case isOneOf(err, kafka.MessageSizeTooLarge, kafka.RecordListTooLarge):
		return &TooLargeError{Limit: p.maxBytes}
	case isOneOf(err, kafka.InvalidRecord, kafka.PolicyViolation, kafka.InvalidTimestamp):
		return &RefusedError{p.topic, err}
	case isOneOf(err, kafka.TopicAuthorizationFailed, kafka.ClusterAuthorizationFailed):
		return fmt.Errorf("topic %s: %w: the client needs the operations WRITE and DESCRIBE on it", p.topic, err)
	}
	return fmt.Errorf("topic %s: %w", p.topic, err)
}

func isOneOf(err error, codes ...kafka.Error) bool {
	var code kafka.Error
	return errors.As(err, &code) && slices.Contains(codes, code)
}

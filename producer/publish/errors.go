package publish

import "fmt"

// TooLargeError is a message that does not fit. It parks its queue: no record is
// dropped (invariant 8).
type TooLargeError struct {
	Key         string // the conversation's id; empty where the broker refused a batch
	Size, Limit int    // bytes; 0 where the broker refused
}

func (e *TooLargeError) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("the broker refuses a batch for its size: lower KAFKA_MAX_MESSAGE_BYTES (%d) below the topic's max.message.bytes, or raise that", e.Limit)
	}
	return fmt.Sprintf("conversation %s takes %d bytes, more than KAFKA_MAX_MESSAGE_BYTES (%d): raise it, and the topic's max.message.bytes with it", e.Key, e.Size, e.Limit)
}

// StopsService reports false: the other queues can go on.
func (e *TooLargeError) StopsService() bool { return false }

// RefusedError is a batch that the broker will not have, for what is in it. It parks
// its queue (invariant 8).
type RefusedError struct {
	Topic string
	Err   error // the broker's word
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("topic %s: the broker refuses a record: %v: check what the topic's settings ask of its records", e.Topic, e.Err)
}

func (e *RefusedError) Unwrap() error { return e.Err }

// StopsService reports false: the other queues can go on.
func (e *RefusedError) StopsService() bool { return false }

// missingTopicError is a topic that is not there when the service starts. Later, a
// topic that brokers do not know is waited for.
type missingTopicError struct{ topic string }

func (e *missingTopicError) Error() string {
	return fmt.Sprintf("topic %s does not exist: create it, for instance with kafka-topics.sh --create --topic %s --partitions 12 --replication-factor 3", e.topic, e.topic)
}

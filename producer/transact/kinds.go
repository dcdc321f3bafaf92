package transact

import "strconv"

// Topic is a topic that the service needs.
type Topic struct {
	Name       string
	Partitions int               // with which it is created
	Settings   map[string]string // with which it is created
	Compacted  bool              // it must be compacted, and nothing else
	Single     bool              // it must have one partition
}

// Conversations is the topic of the conversations: of each, the newest message is kept
// for ever.
func Conversations(name string, partitions, maxMessageBytes int) Topic {
	return Topic{Name: name, Partitions: partitions, Settings: map[string]string{
		"cleanup.policy": "compact", "max.message.bytes": largest(maxMessageBytes)}}
}

// DeadLetters is the topic of what could not be published: nothing of it is deleted.
func DeadLetters(name string, partitions, maxMessageBytes int) Topic {
	return Topic{Name: name, Partitions: partitions, Settings: map[string]string{
		"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1", "max.message.bytes": largest(maxMessageBytes)}}
}

// Attestations is the topic of what is said of each window at its end: of each, the newest
// message is kept for ever.
func Attestations(name string, partitions int) Topic {
	return Topic{Name: name, Partitions: partitions, Settings: map[string]string{"cleanup.policy": "compact"}}
}

// Checkpoints is the topic of the positions.
func Checkpoints(name string) Topic {
	return Topic{Name: name, Partitions: 1, Compacted: true, Single: true, Settings: often()}
}

// Ledgers is the topic of the ledgers: see [StoreConfig].
func Ledgers(name string, partitions int) Topic {
	return Topic{Name: name, Partitions: partitions, Compacted: true, Settings: often()}
}

// often has a topic compacted often. A segment that is still written is not compacted:
// with small ones there is little to read at a start.
func often() map[string]string {
	return map[string]string{"cleanup.policy": "compact", "segment.bytes": "16777216", "min.cleanable.dirty.ratio": "0.1"}
}

// largest is a max.message.bytes that lets a message of so many bytes pass: the brokers'
// default, where that does. They count a batch as it is compressed, which makes what
// cannot be compressed a little larger.
func largest(maxMessageBytes int) string {
	return strconv.Itoa(max(1048588, BatchOf(maxMessageBytes)))
}

// BatchOf is the max.message.bytes that a message of so many bytes needs.
func BatchOf(messageBytes int) int { return messageBytes + messageBytes/100 + 1024 }

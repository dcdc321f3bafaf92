package transact

import "genesys-producer/producer"

// partition is one of a topic.
type partition struct {
	topic  string
	number int32
}

// parts is how messages, and so many other records after them, are sent: all at once, or,
// once a batch was refused for its size, in parts that are smaller than that batch was. A
// message that is larger is alone. The other records are with the last part: they are of
// other topics.
func (s *session) parts(messages []*producer.Message, others int) (ends []int) {
	size := 0
	for i, m := range messages {
		if s.room > 0 && size > 0 && size+m.Size() > s.room {
			ends, size = append(ends, i), 0
		}
		size += m.Size()
	}
	return append(ends, len(messages)+others)
}

// learn takes note of batches that were refused for their size, by the numbers of their
// messages: the parts become half as large as the smallest of them. A message that was
// alone is refused itself, and returned. What was learnt is kept until the page is
// committed: where brokers are far away, one attempt may not have the time for all of it.
func (s *session) learn(messages []*producer.Message, batches [][]int) (refused []*producer.Message) {
	for _, batch := range batches {
		if len(batch) == 1 {
			refused = append(refused, messages[batch[0]])
			continue
		}
		size := 0
		for _, i := range batch {
			size += messages[i].Size()
		}
		if s.room == 0 || size/2 < s.room {
			s.room = size / 2
		}
	}
	return refused
}

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer/kafkatest"
)

// digest stands for the bytes of a conversation. The zero digest: they have changed
// meanwhile.
type digest [sha256.Size]byte

func digestOf(value []byte) digest { return sha256.Sum256(value) }

// terms are those under which the topic was written.
type terms struct {
	queues     []string
	partitions int
	pageSize   int
	repeats    int // pages that each queue may repeat
}

// proof is what a topic says, held against the API. Of the messages, each is
// either the first of its key, or repeated, or seen again.
type proof struct {
	terms
	conversations int // in the API
	messages      int
	distinct      int // keys
	unchanged     int // conversations whose bytes can be compared

	missing  []string       // conversations of the API without a message
	unknown  []string       // keys that the API does not have
	differ   []string       // keys with other bytes than the API's
	repeated map[string]int // by queue: what came again for the same queue with the same bytes
	again    int            // what came again otherwise
	headers  int            // messages with a header absent or wrong
	strays   int            // messages that are not in the partition of their key

	windows     attested
	uncommitted int // messages that who reads what is committed does not see
}

// compare holds the messages of a topic against the conversations of the API.
func compare(api map[string]digest, messages []kafkatest.Message, t terms) proof {
	p := proof{terms: t, conversations: len(api), messages: len(messages), repeated: map[string]int{}}
	java := kgo.StickyKeyPartitioner(nil).ForTopic("") // murmur2 of the key, as the Java client has it
	seen := map[sighting]bool{}
	differ := map[string]bool{} // by key: whether a message has other bytes than the API
	for _, m := range messages {
		hash := digestOf(m.Value)
		_, known := differ[m.Key]
		p.count(m, !known, hash, seen)
		truth := api[m.Key]
		differ[m.Key] = differ[m.Key] || truth != (digest{}) && truth != hash
		if !t.inOrder(m.Headers, hash) {
			p.headers++
		}
		if java.Partition(&kgo.Record{Key: []byte(m.Key)}, t.partitions) != m.Partition {
			p.strays++
		}
	}
	p.distinct = len(differ)
	for _, id := range slices.Sorted(maps.Keys(api)) {
		if api[id] != (digest{}) {
			p.unchanged++
		}
		if _, published := differ[id]; !published {
			p.missing = append(p.missing, id)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(differ)) {
		if _, known := api[key]; !known {
			p.unknown = append(p.unknown, key)
		}
		if differ[key] {
			p.differ = append(p.differ, key)
		}
	}
	return p
}

// sighting is a version of a conversation, published for a queue: once, is promised.
type sighting struct {
	queue, key string
	hash       digest
}

// count says why a message is there: it is the first of its key, or one of those
// that come again.
func (p *proof) count(m kafkatest.Message, first bool, hash digest, seen map[sighting]bool) {
	this := sighting{m.Headers["queue-id"], m.Key, hash}
	switch {
	case first:
	case seen[this]:
		p.repeated[this.queue]++
	default:
		p.again++
	}
	seen[this] = true
}

// inOrder reports whether all headers are there and say something sensible.
func (t terms) inOrder(headers map[string]string, hash digest) bool {
	from, to, _ := strings.Cut(headers["window"], "/")
	return slices.Contains(t.queues, headers["queue-id"]) &&
		isTime(from) && isTime(to) &&
		isNumber(headers["page"], 1) && isNumber(headers["pass"], 0) && isNumber(headers["fetched-at"], 1) &&
		headers["content-type"] == "application/json" &&
		headers["content-hash"] == hex.EncodeToString(hash[:8]) &&
		strings.HasPrefix(headers["producer"], "genesys-producer/")
}

func isTime(text string) bool {
	_, err := time.Parse(time.RFC3339, text)
	return err == nil
}

func isNumber(text string, least int64) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n >= least
}

// repeatedMost is how many messages a queue may repeat.
func (t terms) repeatedMost() int { return t.pageSize * t.repeats }

// repeatedWithin reports whether no queue has repeated more than it may.
func (p proof) repeatedWithin() bool {
	for _, n := range p.repeated {
		if n > p.repeatedMost() {
			return false
		}
	}
	return true
}

func (p proof) repeatedSum() (sum int) {
	for _, n := range p.repeated {
		sum += n
	}
	return sum
}

// holds reports whether all is as it should be, and there was something to see.
func (p proof) holds() bool {
	return p.conversations > 0 && len(p.missing)+len(p.unknown)+len(p.differ)+p.headers+p.strays == 0 && p.repeatedWithin() && p.windows.hold()
}

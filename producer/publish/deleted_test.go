package publish_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer"
)

// wantLines expects exactly these lines, each with its parts.
func (w *world) wantLines(want ...[]string) {
	w.Helper()
	if len(w.log.Lines()) != len(want) {
		w.Fatalf("%d lines in the log, want %d", len(w.log.Lines()), len(want))
	}
	for i, parts := range want {
		for _, part := range parts {
			if !strings.Contains(w.log.Lines()[i], part) {
				w.Errorf("line %d of the log is %q, want %q in it", i, w.log.Lines()[i], part)
			}
		}
	}
}

// recreate deletes the topic, and creates it again after a while with so many partitions.
func (w *world) recreate(after time.Duration, partitions int) {
	w.Helper()
	if err := w.cluster.Fake.DeleteTopic(w.topic); err != nil {
		w.Fatal(err)
	}
	time.Sleep(after)
	w.partitions = partitions
	if err := w.cluster.Fake.CreateTopic(w.topic, int32(partitions), nil); err != nil {
		w.Error(err)
	}
}

var (
	begins = []string{"WARN kafka: waiting until publishing is possible", "Unknown Topic Or Partition", "if the topic was deleted, all that it held is gone", "create it again"}
	over   = []string{"INFO kafka: publishing goes on", "took="}
	loss   = []string{"ERROR kafka: messages that the topic had acknowledged are gone", "CHECKPOINT_NAME", "WINDOW_FROM"}
)

// lossOf are the parts of a line that tells that messages of the topic are gone.
func (w *world) lossOf(what string) []string {
	return append([]string{"topic " + w.topic + " " + what}, loss...)
}

// A topic that somebody deletes and creates again is waited for. What it held is gone,
// and that is told, once.
func TestTopicComesBackInMidWalk(t *testing.T) {
	for name, partitions := range map[string]int{"as it was": 3, "with fewer partitions": 2, "with more partitions": 9} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 3, func(w *world) {
				p := w.publisher()
				w.mustPublish(p, w.page(1, 50))
				published := make(chan struct{})
				go func() {
					defer close(published)
					time.Sleep(time.Second)
					w.mustPublish(p, w.page(2, 50))
				}()
				w.recreate(time.Minute, partitions)
				<-published
				w.mustPublish(p, w.page(3, 50))
				w.wantKeys(w.page(2, 50), w.page(3, 50))
				w.wantLines(append([]string{"topic " + w.topic}, begins...), w.lossOf("partition 0 offsets 0 to "), over)
			})
		})
	}
}

// Between two pages nobody notices that the topic was away, but by its offsets.
func TestTopicIsAnotherOneAtTheNextPage(t *testing.T) {
	inBubble(t, 3, func(w *world) {
		p := w.publisher(limited(2400)) // several batches a page
		for round := range 3 {
			for number := range 3 {
				w.mustPublish(p, w.page(10*round+number, 50))
			}
			w.recreate(0, 3)
		}
		if n := w.saidGone(); n != 2 {
			w.Errorf("it said %d times that messages are gone, want twice", n)
		}
	})
}

// An unclean election: the new leader lacks the end of one partition.
func TestLeaderLacksAcknowledgedMessages(t *testing.T) {
	inBubble(t, 3, func(w *world) {
		p := w.publisher()
		w.mustPublish(p, w.page(1, 50))
		w.mustPublish(p, w.page(2, 50))
		w.rewind(1, 4)
		w.mustPublish(p, w.page(3, 50))
		w.mustPublish(p, w.page(4, 50))
		w.wantLines(w.lossOf("partition 1 offsets 4 to "))
	})
}

// rewind has the next answer for a partition tell that the messages are at this offset.
func (w *world) rewind(partition int, offset int64) {
	w.cluster.Fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		if partitionOf(r) != partition {
			return nil, nil, false
		}
		response := r.ResponseKind().(*kmsg.ProduceResponse)
		topic := kmsg.NewProduceResponseTopic()
		topic.Topic = w.topic
		answer := kmsg.NewProduceResponseTopicPartition()
		answer.Partition, answer.BaseOffset = int32(partition), offset
		topic.Partitions = append(topic.Partitions, answer)
		response.Topics = append(response.Topics, topic)
		return response, nil, true
	})
}

// What others write, lost acknowledgements and moved leaders are no loss.
func TestNothingIsGone(t *testing.T) {
	inBubble(t, 3, func(w *world) {
		p, other := w.publisher(limited(2400)), w.publisher()
		for number := range 30 {
			w.failing(kerr.RequestTimedOut, number%3, 1+number%4, 2)
			w.cluster.Fake.ShufflePartitionLeaders()
			both := make(chan struct{})
			go func() {
				defer close(both)
				w.mustPublish(other, w.page(1000+number, 20))
			}()
			w.mustPublish(p, w.page(number, 40))
			<-both
		}
		if n := w.saidGone(); n != 0 {
			w.Errorf("it said %d times that messages are gone", n)
		}
	})
}

func (w *world) saidGone() int { return len(w.told(loss[0])) }

// told are the lines of the log that begin so.
func (w *world) told(beginning string) (lines []string) {
	for _, line := range w.log.Lines() {
		if strings.HasPrefix(line, beginning) {
			lines = append(lines, line)
		}
	}
	return lines
}

// wantKeys expects each message once, in any partition: which one it is depends on when
// the client hears how many there are now.
func (w *world) wantKeys(published ...[]*producer.Message) {
	w.Helper()
	there := map[string]int{}
	for _, m := range w.cluster.Read(w, w.topic) {
		there[m.Key]++
	}
	all := slices.Concat(published...)
	for _, m := range all {
		if there[m.Key] != 1 {
			w.Errorf("key %s is there %d times", m.Key, there[m.Key])
		}
	}
	if len(there) != len(all) {
		w.Errorf("the topic has %d keys, want %d", len(there), len(all))
	}
}

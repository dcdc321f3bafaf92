package transact

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// fetchVersion is the last version of Fetch that names topics instead of numbering them.
const fetchVersion = 12

// tail reads a partition from its beginning to its end, and later on to its new end.
//
// An open transaction, be it of another queue, holds back the last stable offset: a
// reader of what is committed sees nothing behind it, not even what is committed. So
// the tail reads up to that offset what is committed, and from there to the end by
// itself, telling by their markers which transactions are. What is compacted lies
// before that offset, so no marker is missing behind it, nor before it, where a leader has
// handed out less: a marker stays as long as a record of its transaction does.
type tail struct {
	client    *kgo.Client
	topic     string
	partition int32
	stable    int64 // the offset up to which all is known; -1: not begun
	id        [16]byte
	anew      func() // is called where the topic is not the one that it was; may be nil
}

// newReader makes a client that tails can read by.
func newReader(c Config) (*kgo.Client, error) {
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(int16(kmsg.Fetch), fetchVersion)
	return c.client(kgo.MaxVersions(versions))
}

// readOn hands every committed record that it has not handed out yet to see, in the
// order of their offsets, and some again: see tells them by these. It returns how many
// transactions are open.
func (t *tail) readOn(ctx context.Context, see func(*kgo.Record)) (open int, err error) {
	leader, id, err := t.leader(ctx)
	if err != nil {
		return 0, fmt.Errorf("topic %s: %w", t.topic, err)
	}
	if t.stable >= 0 && t.id != id { // deleted and created again: offsets mean nothing any more
		t.stable = -1
		if t.anew != nil {
			t.anew()
		}
	}
	t.id = id
	if t.stable < 0 {
		starts, err := kadm.NewClient(t.client).ListStartOffsets(ctx, t.topic)
		start, _ := starts.Lookup(t.topic, t.partition)
		if err = errors.Join(err, start.Err); err != nil {
			return 0, fmt.Errorf("topic %s: %w", t.topic, err)
		}
		t.stable = start.Offset
	}
	// The end is asked for. An answer to Fetch that has nothing more may come from a leader
	// that was just elected, and does not yet know how far it has all there is; asked for the
	// end, it says so (KIP-207).
	ends, err := kadm.NewClient(t.client).ListEndOffsets(ctx, t.topic)
	end, _ := ends.Lookup(t.topic, t.partition)
	if err = errors.Join(err, end.Err); err != nil {
		return 0, fmt.Errorf("topic %s: end: %w", t.topic, err)
	}
	t.stable, err = t.read(ctx, leader, t.stable, 0, kgo.ReadCommitted(), see)
	if err != nil {
		return 0, err
	}
	undecided := map[int64][]*kgo.Record{} // records of transactions, by producer id
	_, err = t.read(ctx, leader, t.stable, end.Offset, kgo.ReadUncommitted(), func(r *kgo.Record) {
		switch {
		case r.Attrs.IsControl():
			if committed(r) {
				for _, r := range undecided[r.ProducerID] {
					see(r)
				}
			}
			delete(undecided, r.ProducerID)
		case r.Attrs.IsTransactional():
			undecided[r.ProducerID] = append(undecided[r.ProducerID], r)
		default:
			see(r)
		}
	})
	return len(undecided), err
}

// committed reports whether a control record ends a transaction well.
func committed(r *kgo.Record) bool {
	var key kmsg.ControlRecordKey
	return key.ReadFrom(r.Key) == nil && key.Type == kmsg.ControlRecordKeyTypeCommit
}

// read reads to the end, and on until an answer has nothing more, and returns the offset
// behind.
func (t *tail) read(ctx context.Context, leader int32, offset, end int64, level kgo.IsolationLevel, see func(*kgo.Record)) (int64, error) {
	for {
		answer, next, err := t.fetch(ctx, leader, offset, level)
		if err != nil {
			return offset, fmt.Errorf("topic %s: read from offset %d: %w", t.topic, offset, err)
		}
		for _, r := range answer.Records {
			see(r)
		}
		// What is there is answered, and a gap that compaction has left is read over. So an
		// answer that brings us no further has come to what the broker knows as the end.
		switch {
		case next > offset:
			offset = next
		case offset >= end:
			return offset, nil
		default:
			if err := pause(ctx, 20*time.Millisecond); err != nil {
				return offset, fmt.Errorf("topic %s: the leader does not hand out what it has from offset %d to %d: %w", t.topic, offset, end, err)
			}
		}
	}
}

func (t *tail) fetch(ctx context.Context, leader int32, offset int64, level kgo.IsolationLevel) (kgo.FetchPartition, int64, error) {
	request := kmsg.NewPtrFetchRequest()
	request.MaxBytes, request.MinBytes, request.MaxWaitMillis = 16<<20, 1, 0
	if level == kgo.ReadCommitted() {
		request.IsolationLevel = 1
	}
	topic, partition := kmsg.NewFetchRequestTopic(), kmsg.NewFetchRequestTopicPartition()
	topic.Topic = t.topic
	partition.Partition, partition.FetchOffset, partition.PartitionMaxBytes = t.partition, offset, 16<<20
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

// leader is the broker to ask, and the topic's id. It is asked for each time: leaders move,
// and what a client remembers may be of a topic that is gone.
func (t *tail) leader(ctx context.Context) (int32, [16]byte, error) {
	request := kmsg.NewPtrMetadataRequest()
	request.Topics = []kmsg.MetadataRequestTopic{{Topic: &t.topic}}
	response, err := request.RequestWith(ctx, t.client)
	if err != nil {
		return 0, [16]byte{}, err
	}
	for _, topic := range response.Topics {
		if err := kerr.ErrorForCode(topic.ErrorCode); err != nil {
			return 0, topic.TopicID, err
		}
		for _, p := range topic.Partitions {
			if p.Partition == t.partition {
				return p.Leader, topic.TopicID, kerr.ErrorForCode(p.ErrorCode)
			}
		}
	}
	return 0, [16]byte{}, kerr.UnknownTopicOrPartition
}

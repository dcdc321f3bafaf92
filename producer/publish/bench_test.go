package publish

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/kafkatest"
)

// benchmarkPage is the messages of a page of 100 records of 10 KB.
func benchmarkPage(b *testing.B, topic string) (messages []*producer.Message, size int64) {
	b.Helper()
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	sim := genesystest.New(genesystest.Config{Seed: 1, Queues: []string{"queue-1"}, TransferShare: -1, LiveShare: -1,
		Conversations: 100, MeanSize: 10_000, From: day, To: day.Add(time.Hour)})
	for _, c := range sim.Conversations("queue-1", day, day.AddDate(0, 0, 1)) {
		size += int64(len(c.JSON))
		messages = append(messages, &producer.Message{Topic: topic, Key: c.ID, Value: c.JSON, Headers: []producer.Header{
			{Key: "queue-id", Value: []byte("3f2b8a52-7a2c-4f0e-9d1b-6f1f0c9b7e11")}, {Key: "window", Value: []byte("2026-03-01T00:00:00.000Z/2026-03-01T01:00:00.000Z")},
			{Key: "page", Value: []byte("7")}, {Key: "pass", Value: []byte("0")}, {Key: "fetched-at", Value: []byte("1772323200000")},
			{Key: "content-type", Value: []byte("application/json")}, {Key: "producer", Value: []byte("genesys-producer/v1.0.0")}, {Key: "content-hash", Value: []byte("0123456789abcdef")},
		}})
	}
	if len(messages) != 100 {
		b.Fatalf("%d messages", len(messages))
	}
	return messages, size
}

// From messages to batches of records, without a word to a broker.
func BenchmarkEncode(b *testing.B) {
	messages, size := benchmarkPage(b, "topic")
	partitions := upTo(12)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		records := make([]record, len(messages))
		for i, m := range messages {
			records[i] = encode(m)
			partitionOf(records[i].Key, partitions)
		}
		for rest := records; len(rest) > 0; {
			end := batchEnd(rest, 1_000_000)
			reader(rest[:end], time.Time{})
			rest = rest[end:]
		}
	}
}

// A page on its way to a broker that acknowledges and forgets, over loopback. The
// broker is in this process: its time, and its allocations, are in the figures too.
func BenchmarkPublish(b *testing.B) {
	fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.BlackholeProduce())
	if err != nil {
		b.Fatal(err)
	}
	defer fake.Close()
	cluster := &kafkatest.Cluster{Brokers: fake.ListenAddrs(), Fake: fake}
	access, err := broker.NewAccess(broker.Security{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	for _, partitions := range []int{1, 12} {
		for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
			b.Run(fmt.Sprintf("%d/%s", partitions, codec), func(b *testing.B) {
				topic := cluster.CreateTopic(b, partitions)
				messages, size := benchmarkPage(b, topic)
				p, err := New(Config{Brokers: cluster.Brokers, Topics: []string{topic}, Compression: codec,
					MaxMessageBytes: 1_000_000, Access: access, Ladder: broker.NewLadder(log), Log: log})
				if err != nil {
					b.Fatal(err)
				}
				defer p.Close()
				b.SetBytes(size)
				b.ReportAllocs()
				for b.Loop() {
					if refused, err := p.Publish(b.Context(), messages); err != nil || len(refused) > 0 {
						b.Fatalf("%v; %d messages are refused", err, len(refused))
					}
				}
			})
		}
	}
}

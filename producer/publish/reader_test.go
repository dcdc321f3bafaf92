package publish_test

import (
	"context"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"
)

// README warns of kafka-go's own reader, where pages are committed in transactions: told
// to read what is committed, it hands out what was aborted. Once this fails, the warning
// can go.
func TestReaderOfKafkaGoShowsWhatWasAborted(t *testing.T) {
	w := onBrokers(t, 1)
	client, err := kgo.NewClient(kgo.SeedBrokers(w.cluster.Brokers...), kgo.TransactionalID(w.topic), kgo.DefaultProduceTopic(w.topic))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	transact(t, client, "aborted", kgo.TryAbort)
	transact(t, client, "committed", kgo.TryCommit)
	if messages := w.cluster.Read(t, w.topic); len(messages) != 1 || string(messages[0].Value) != "committed" {
		t.Fatalf("%d messages are committed, want the one", len(messages))
	}

	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: w.cluster.Brokers, Topic: w.topic, IsolationLevel: kafka.ReadCommitted, MaxWait: 100 * time.Millisecond})
	defer reader.Close()
	ctx, cancel := context.WithTimeout(t.Context(), w.patience)
	defer cancel()
	first, err := reader.ReadMessage(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if string(first.Value) != "aborted" {
		t.Errorf("the first message is %q: kafka-go no longer shows what was aborted", first.Value)
	}
}

// transact writes a record in a transaction of its own.
func transact(t *testing.T, client *kgo.Client, value string, end kgo.TransactionEndTry) {
	t.Helper()
	if err := client.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := client.ProduceSync(t.Context(), kgo.StringRecord(value)).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := client.EndTransaction(t.Context(), end); err != nil {
		t.Fatal(err)
	}
}

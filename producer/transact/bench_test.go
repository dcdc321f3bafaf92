package transact_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
	"genesys-producer/producer/broker"
	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/transact"
)

// A page of 100 records of 10 KB on its way, with its position, to the brokers that
// KAFKA_BROKERS names, or to one in this process that keeps it in files: its time, and
// its allocations, are in the figures then. BenchmarkPublish of package publish is the
// same page without a transaction.
func BenchmarkCommit(b *testing.B) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	sim := genesystest.New(genesystest.Config{Seed: 1, Queues: []string{"queue-1"}, TransferShare: -1, LiveShare: -1,
		Conversations: 100, MeanSize: 10_000, From: day, To: day.Add(time.Hour)})
	cluster := kafkatest.Start(b, kfake.DataDir(b.TempDir()))
	for _, partitions := range []int{1, 12} {
		for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
			b.Run(fmt.Sprintf("%d/%s", partitions, codec), func(b *testing.B) {
				topic, positions := cluster.CreateTopic(b, partitions), cluster.CreateTopic(b, 1, "cleanup.policy=compact")
				var messages []*producer.Message
				var size int64
				for _, c := range sim.Conversations("queue-1", day, day.AddDate(0, 0, 1)) {
					size += int64(len(c.JSON))
					messages = append(messages, &producer.Message{Topic: topic, Key: c.ID, Value: c.JSON})
				}
				store := benchStore(b, cluster, func(c *transact.StoreConfig) { c.Topic, c.Compression = positions, codec })
				if _, _, err := store.Take(b.Context(), key("q-1")); err != nil {
					b.Fatal(err)
				}
				page := 0
				b.SetBytes(size)
				b.ReportAllocs()
				for b.Loop() {
					page++
					if refused, err := store.Commit(b.Context(), key("q-1"), messages, at("q-1", page)); err != nil || len(refused) > 0 {
						b.Fatalf("%v; %d messages are refused", err, len(refused))
					}
				}
			})
		}
	}
}

// What a page costs with its piece of the ledger must not depend on how many pages the day
// has already. BenchmarkCheckpointAtPage of package checkpoint is the same on files.
func BenchmarkCheckpointAtPage(b *testing.B) {
	cluster := kafkatest.Start(b, kfake.DataDir(b.TempDir()))
	for _, page := range []int{10, 1000} {
		b.Run(fmt.Sprint(page), func(b *testing.B) {
			positions, ledgers := cluster.CreateTopic(b, 1, "cleanup.policy=compact"), cluster.CreateTopic(b, 1, "cleanup.policy=compact")
			store := benchStore(b, cluster, func(c *transact.StoreConfig) { c.Topic, c.LedgerTopic = positions, ledgers })
			if _, _, err := store.Take(b.Context(), key("q-1")); err != nil {
				b.Fatal(err)
			}
			piece := strings.Repeat("x", 100*24) // about a hundred entries
			save := func(page, before int) {
				if err := store.Save(b.Context(), key("q-1"), at("q-1", page), chunk(today, before*len(piece), piece)); err != nil {
					b.Fatal(err)
				}
			}
			for n := range page - 1 {
				save(n+1, n)
			}
			b.ReportAllocs()
			for n := page; b.Loop(); n++ { // the same piece of the ledger each time: it is cut back to the page before
				save(n, page-1)
			}
		})
	}
}

// benchStore opens a store on a cluster.
func benchStore(b *testing.B, cluster *kafkatest.Cluster, change func(*transact.StoreConfig)) *transact.Store {
	b.Helper()
	access, err := broker.NewAccess(broker.Security{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	config := transact.StoreConfig{Name: "default", MaxMessageBytes: 1_000_000,
		Config: transact.Config{Brokers: cluster.Brokers, ClientID: "test", Access: access, Ladder: broker.NewLadder(log), Log: log}}
	change(&config)
	store, err := transact.NewStore(config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	return store
}

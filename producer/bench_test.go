package producer

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/genesys"
	"genesys-producer/genesys/genesystest"
)

// benchmarkPage is a page of 100 records of 10 KB, and the position that follows it.
func benchmarkPage(b *testing.B) (*genesys.Page, checkpoint.Position) {
	b.Helper()
	next := checkpointtest.Sample(checkpoint.Key{Queue: "queue-1", Lane: checkpoint.Live})
	day := next.Query.From
	sim := genesystest.New(genesystest.Config{Seed: 1, Queues: []string{"queue-1"}, TransferShare: -1, LiveShare: -1,
		Conversations: 100, MeanSize: 10_000, From: day, To: day.Add(time.Hour)})
	page := &genesys.Page{Number: 7, SentAt: time.Now(), FetchedAt: time.Now()}
	for _, c := range sim.Conversations("queue-1", day, day.AddDate(0, 0, 1)) {
		page.Records = append(page.Records, genesys.Record{ID: c.ID, Raw: c.JSON})
	}
	if len(page.Records) != 100 {
		b.Fatalf("%d records", len(page.Records))
	}
	return page, next
}

func pageBytes(page *genesys.Page) (n int64) {
	for _, r := range page.Records {
		n += int64(len(r.Raw))
	}
	return n
}

// One message of each record of a page: mostly the hash of its bytes.
func BenchmarkMessages(b *testing.B) {
	page, next := benchmarkPage(b)
	b.SetBytes(pageBytes(page))
	b.ReportAllocs()
	for b.Loop() {
		s, err := ledgersOf(next).sift(b.Context(), page, liveKey("queue"), next)
		if err != nil {
			b.Fatal(err)
		}
		if m := s.messages("topic", "genesys-producer/bench"); len(m) != 100 {
			b.Fatal(len(m))
		}
	}
}

func BenchmarkContentHash(b *testing.B) {
	page, _ := benchmarkPage(b)
	raw := page.Records[0].Raw
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		contentHash(raw)
	}
}

// ledgersOf are the ledgers of a position, with nothing in them.
func ledgersOf(pos checkpoint.Position) *ledgers {
	return openLedgers(checkpointtest.NewMemory(), slog.New(slog.DiscardHandler), checkpoint.Live, pos)
}

// discard is a publisher that has everything acknowledged at once.
type discard struct{}

func (discard) Publish(context.Context, []*Message) ([]*Message, error) { return nil, nil }

// A page from the judgement of its records to its stored position, with a publisher
// and a store that take no time of their own.
func BenchmarkCommit(b *testing.B) {
	page, next := benchmarkPage(b)
	c := NewAtLeastOnce(discard{}, checkpointtest.NewMemory(), Messages{Topic: "topic", DeadLetters: DeadLetters{"dead", 1_000_000},
		Producer: "genesys-producer/bench", Log: slog.New(slog.DiscardHandler)})
	b.SetBytes(pageBytes(page))
	b.ReportAllocs()
	for b.Loop() {
		page.SentAt, page.Number = page.SentAt.Add(time.Millisecond), next.Page+1
		next.Ledgers = [2]checkpoint.Mark{} // of a day that has nothing yet: all of the page is new
		s, err := ledgersOf(next).sift(b.Context(), page, liveKey(next.Query.Queue), next)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Commit(b.Context(), s); err != nil {
			b.Fatal(err)
		}
		next = s.pos
	}
}

// One conversation in a memory that is full: what is looked up, and what is noted.
func BenchmarkLatest(b *testing.B) {
	l := newLatest(remembered)
	ids := make([]string, 4*remembered)
	for i := range ids {
		ids[i] = fmt.Sprintf("%08x-5a5a-4b4b-8c8c-%012x", i*7919, i)
	}
	now := time.Now()
	for _, id := range ids {
		l.remember(id, now)
	}
	b.Run("superseded", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			l.superseded(ids[i%len(ids)], now)
		}
	})
	b.Run("remember", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			l.remember(ids[i%len(ids)], now)
		}
	})
}

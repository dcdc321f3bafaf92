package genesys

import (
	"encoding/json"
	"fmt"
	"testing"

	"genesys-producer/genesys/genesystest"
)

// benchmarkPage is a page of 100 records of about that size.
func benchmarkPage(tb testing.TB, size int) []byte {
	tb.Helper()
	sim := genesystest.New(simple(genesystest.Config{Conversations: 100, MeanSize: size}))
	body := []byte(`{"conversations":[`)
	for i, c := range sim.Conversations(queue, day, day.AddDate(0, 0, 1)) {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, c.JSON...)
	}
	return append(body, `],"totalHits":100}`...)
}

// splitPage is what the service does with an answer.
func splitPage(body []byte) error {
	records, _, err := split(Conversations.contract(), body)
	if err == nil && len(records) != 100 {
		err = fmt.Errorf("%d records", len(records))
	}
	return err
}

// unmarshalPage does as much with encoding/json: the records' bytes and their ids.
func unmarshalPage(body []byte) error {
	var page struct {
		Conversations []json.RawMessage `json:"conversations"`
		TotalHits     int               `json:"totalHits"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return err
	}
	for _, raw := range page.Conversations {
		var own struct {
			ID string `json:"conversationId"`
		}
		if err := json.Unmarshal(raw, &own); err != nil || own.ID == "" {
			return fmt.Errorf("no id: %w", err)
		}
	}
	if len(page.Conversations) != 100 {
		return fmt.Errorf("%d records", len(page.Conversations))
	}
	return nil
}

// Splitting a page of 100 records, beside encoding/json in the same run.
func BenchmarkSplit(b *testing.B) {
	for _, size := range []int{10_000, 30_000} {
		body := benchmarkPage(b, size)
		for _, way := range []struct {
			name string
			page func([]byte) error
		}{{"split", splitPage}, {"encoding-json", unmarshalPage}} {
			b.Run(fmt.Sprintf("%dKB/%s", size/1000, way.name), func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					if err := way.page(body); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(testing.AllocsPerRun(5, func() { _ = way.page(body) })/100, "allocs/record")
			})
		}
	}
}

// Of a request's budget and of a page's memory, when nobody else wants them.
func BenchmarkReserve(b *testing.B) {
	m := newMemory(bytesInFlight)
	b.ReportAllocs()
	for b.Loop() {
		r, err := m.reserve(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		r.settle(900_000)
		r.release()
	}
}

package genesystest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestSameSeedSameBytes(t *testing.T) {
	for _, d := range []Dialect{Conversations, Entities} {
		a := settled(Config{Seed: 7, Dialect: d, Conversations: 200}).Conversations("", time.Time{}, time.Time{})
		b := settled(Config{Seed: 7, Dialect: d, Conversations: 200}).Conversations("", time.Time{}, time.Time{})
		other := settled(Config{Seed: 8, Dialect: d, Conversations: 200}).Conversations("", time.Time{}, time.Time{})
		if len(a) != 200 || len(b) != 200 {
			t.Fatalf("%s: %d and %d conversations, want 200", d, len(a), len(b))
		}
		for n := range a {
			if !bytes.Equal(a[n].JSON, b[n].JSON) {
				t.Fatalf("%s: record %d differs between equal seeds", d, n)
			}
			if a[n].ID == other[n].ID {
				t.Errorf("%s: record %d has the same id under another seed", d, n)
			}
		}
	}
}

func TestRecordsHaveMeasuredSizes(t *testing.T) {
	s := settled(Config{Seed: 1, Conversations: 4000})
	var sizes []int
	sum := 0
	for _, c := range s.Conversations("", time.Time{}, time.Time{}) {
		sizes = append(sizes, len(c.JSON))
		sum += len(c.JSON)
	}
	slices.Sort(sizes)
	tenth, median, ninetieth, largest := sizes[400], sizes[2000], sizes[3600], sizes[3999]
	t.Logf("smallest %d, 10%% %d, median %d, 90%% %d, largest %d, mean %d", sizes[0], tenth, median, ninetieth, largest, sum/4000)
	if tenth < 3_000 || median < 6_000 || median > 13_000 || ninetieth > 22_000 {
		t.Errorf("10%% %d, median %d, 90%% %d: not within 3 to 20 KB", tenth, median, ninetieth)
	}
	if largest < 100_000 || largest > 310_000 {
		t.Errorf("largest %d, want a tail to 300 KB", largest)
	}
}

func TestMeanSizeIsKept(t *testing.T) {
	for _, want := range []int{4_000, 10_000, 40_000} {
		s := settled(Config{Seed: 2, Conversations: 800, MeanSize: want})
		sum := 0
		for _, c := range s.Conversations("", time.Time{}, time.Time{}) {
			sum += len(c.JSON)
		}
		t.Logf("mean %d for %d", sum/800, want)
		if mean := sum / 800; mean < want*8/10 || mean > want*12/10 {
			t.Errorf("mean %d, want about %d", mean, want)
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{4_000, 11_500} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := settled(Config{Seed: 3, MeanSize: size})
			rows := s.library.find(s.interval("", time.Time{}, time.Time{}), noon().UnixMilli())
			now := s.now().UnixMilli()
			var buf []byte
			total := 0
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				buf = appendRecord(buf[:0], rows[n%len(rows)], Conversations, now, &s.layouts)
				total += len(buf)
			}
			b.SetBytes(int64(total / b.N))
		})
	}
}

func TestEveryRecordIsValidJSON(t *testing.T) {
	for _, d := range []Dialect{Conversations, Entities} {
		s := New(Config{Seed: 4, Dialect: d, Conversations: 600, From: noon().Add(-24 * time.Hour), To: noon(),
			LateShare: 0.3, Now: func() time.Time { return noon() }})
		for _, c := range s.Conversations("", time.Time{}, time.Time{}) {
			if !json.Valid(c.JSON) {
				t.Fatalf("%s: not JSON: %s", d, c.JSON)
			}
		}
	}
}

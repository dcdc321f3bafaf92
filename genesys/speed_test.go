package genesys

import (
	"testing"
	"time"
)

// Two promises: splitting takes at most a quarter of the time that encoding/json
// takes for the same page, and 2 allocations a record. Typical are a ninth and 1.2.
// The time is judged by the best of three turns each, taken by turns; one round of
// five must hold, as the machine may be busy with other things.
func TestSplitIsFourTimesAsFastAsEncodingJSON(t *testing.T) {
	if underRace {
		t.Skip("the race detector slows the one down more than the other")
	}
	best := func(page func([]byte) error, body []byte) time.Duration {
		begun := time.Now()
		if err := page(body); err != nil {
			t.Fatal(err)
		}
		return time.Since(begun)
	}
	for _, size := range []int{10_000, 30_000} {
		body := benchmarkPage(t, size)
		ratio := 0.0
		for round := 0; round < 5 && ratio < 4; round++ {
			ours, theirs := time.Hour, time.Hour
			for range 3 {
				theirs = min(theirs, best(unmarshalPage, body))
				ours = min(ours, best(splitPage, body))
			}
			ratio = max(ratio, float64(theirs)/float64(ours))
		}
		t.Logf("a page of %d records of %d KB: %.1f times as fast as encoding/json", 100, size/1000, ratio)
		if ratio < 4 {
			t.Errorf("%d KB: %.1f times as fast as encoding/json, want 4", size/1000, ratio)
		}
	}
}

func TestSplitAllocatesTwiceARecordAtMost(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates too")
	}
	body := benchmarkPage(t, 10_000)
	perRecord := testing.AllocsPerRun(5, func() {
		if err := splitPage(body); err != nil {
			t.Fatal(err)
		}
	}) / 100
	t.Logf("%.2f allocations a record", perRecord)
	if perRecord > 2 {
		t.Errorf("%.2f allocations a record, want 2", perRecord)
	}
}

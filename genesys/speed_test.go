//go:build unix

package genesys

import (
	"syscall"
	"testing"
	"time"
)

// Two promises: splitting takes at most a quarter of the time that encoding/json
// takes for the same page, and 2 allocations a record. Typical are a tenth and 1.1.
// The time is the processor's, so that a busy machine is none of our speed; the best
// of three turns each is taken, and one round of five must hold.
func TestSplitIsFourTimesAsFastAsEncodingJSON(t *testing.T) {
	if underRace {
		t.Skip("the race detector slows the one down more than the other")
	}
	best := func(page func([]byte) error, body []byte) time.Duration {
		begun := processorTime(t)
		for range 4 { // a few milliseconds: enough to be measured
			if err := page(body); err != nil {
				t.Fatal(err)
			}
		}
		return processorTime(t) - begun
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

// processorTime is what the process has used so far. No other test runs beside.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
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

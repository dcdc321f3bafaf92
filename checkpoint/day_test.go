package checkpoint_test

import (
	"testing"
	"time"

	"genesys-producer/checkpoint"
)

func TestDay(t *testing.T) {
	east := time.FixedZone("east", 3600)
	if d := checkpoint.DayOf(time.Date(2026, 3, 2, 0, 30, 0, 0, east)); d != march1 || !d.Begin().Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("day %s, begins %v", d, d.Begin())
	}
	if begin := checkpoint.Day("2026-02-30").Begin(); !begin.IsZero() {
		t.Errorf("no day begins %v", begin)
	}
}

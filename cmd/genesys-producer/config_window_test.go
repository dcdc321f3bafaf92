package main

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestConfigStart(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 123456789, time.FixedZone("", 3600))
	for value, want := range map[string]string{
		"24h":                            "2026-03-01T11:00:00.123Z",
		"1ns":                            "2026-03-02T11:00:00.123Z",
		"2026-03-01T00:00:00Z":           "2026-03-01T00:00:00Z",
		"2026-03-01T00:00:00.0019+02:00": "2026-02-28T22:00:00.001Z",
		"2027-01-01T00:00:00Z":           "2027-01-01T00:00:00Z", // ahead: waited for
	} {
		from := mustLoad(t, map[string]string{"WINDOW_FROM": value}).WindowFrom
		if got := from.At(now); got.Location() != time.UTC || got.Format(time.RFC3339Nano) != want {
			t.Errorf("WINDOW_FROM=%s: begins %v, want %s", value, got, want)
		}
		if from.Text != value {
			t.Errorf("WINDOW_FROM=%s: Text is %q", value, from.Text)
		}
	}
}

// A duration reaches no further back than an instant may.
func TestConfigStartLongAgo(t *testing.T) {
	first := time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	from := mustLoad(t, map[string]string{"WINDOW_FROM": (first - time.Hour).String()}).WindowFrom
	if year := from.At(time.Now()).Year(); year != 2000 {
		t.Errorf("begins in %d, want 2000", year)
	}
	for _, before := range []time.Duration{first + time.Hour, 2562047 * time.Hour} {
		text := before.String()
		wantProblems(t, map[string]string{"WINDOW_FROM": text}, fmt.Sprintf("WINDOW_FROM: %q before now (%s) is in the year %d; write a duration that begins in 2000 or later, or an RFC 3339 time such as 2026-03-01T00:00:00Z",
			text, time.Now().UTC().Format(time.DateOnly), time.Now().Add(-before).UTC().Year()))
	}
}

func TestConfigEnd(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 123456789, time.FixedZone("", 3600))
	for value, want := range map[string]string{
		"now":                       "2026-03-02T10:55:00.123Z",
		"2026-03-03T00:00:00+01:00": "2026-03-02T23:00:00Z",
	} {
		to := mustLoad(t, map[string]string{"WINDOW_TO": value}).WindowTo
		if got := to.At(now, 5*time.Minute); got.Location() != time.UTC || got.Format(time.RFC3339Nano) != want {
			t.Errorf("WINDOW_TO=%s: ends %v, want %s", value, got, want)
		}
	}
	if got := mustLoad(t, map[string]string{"WINDOW_TO": ""}).WindowTo.At(now, 0); !got.IsZero() {
		t.Errorf("WINDOW_TO empty: ends %v, want never", got)
	}
}

func TestConfigAges(t *testing.T) {
	for value, want := range map[string][]time.Duration{
		"":                 nil, // never, though that is not the default
		" ":                nil,
		"1ns":              {1},
		"2h":               {2 * time.Hour},
		" 30m, 2h ,744h\n": {30 * time.Minute, 2 * time.Hour, 744 * time.Hour},
	} {
		if got := mustLoad(t, map[string]string{"WINDOW_REVISIT": value}).WindowRevisit; !slices.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("WINDOW_REVISIT=%q: %v, want %v", value, got, want)
		}
	}
}

func TestConfigEndNotAfterStart(t *testing.T) {
	order := func(from, to string) map[string]string {
		return map[string]string{"WINDOW_FROM": from, "WINDOW_TO": to}
	}
	mustLoad(t, order("2026-03-01T00:00:00Z", "2026-03-01T00:00:00.001Z"))
	mustLoad(t, order("2026-03-01T00:00:00Z", "now"))
	mustLoad(t, order("24h", "2026-03-01T00:00:00Z"))
	wantProblems(t, order("2026-03-01T00:00:00Z", "2026-03-01T01:00:00+01:00"),
		`WINDOW_TO: "2026-03-01T01:00:00+01:00" is not after "2026-03-01T00:00:00Z", which is WINDOW_FROM; write a later time`)
}

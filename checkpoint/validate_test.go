package checkpoint_test

import (
	"errors"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

func TestValidateName(t *testing.T) {
	for _, name := range []string{"default", "a", "Z", "0", "backfill-2026_03.v2", "a..", strings.Repeat("x", 64)} {
		if err := checkpoint.ValidateName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", ".", "..", ".hidden", "-rf", "_", "a/b", `a\b`, "../a", "a b", "a\n", "ä", "a\x00", "a%2f", strings.Repeat("x", 65)} {
		if err := checkpoint.ValidateName(name); !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := checkpoint.OpenDir(t.TempDir(), name); !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("open %q: %v", name, err)
		}
	}
}

func TestValidateKey(t *testing.T) {
	for _, good := range []checkpoint.Key{
		{Queue: "q", Lane: checkpoint.Live}, {Queue: "../q", Lane: checkpoint.Revisit},
		{Queue: strings.Repeat("/", 64), Lane: checkpoint.Lane("a" + strings.Repeat("-", 31))},
	} {
		if err := good.Validate(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	for _, bad := range []checkpoint.Key{
		{}, {Lane: checkpoint.Live}, {Queue: "q"}, {Queue: strings.Repeat("q", 65), Lane: checkpoint.Live}, {Queue: "\xff", Lane: checkpoint.Live},
		{Queue: "q", Lane: "Live"}, {Queue: "q", Lane: "1"}, {Queue: "q", Lane: "a.b"}, {Queue: "q", Lane: "a/b"},
		{Queue: "q", Lane: checkpoint.Lane(strings.Repeat("a", 33))},
	} {
		if err := bad.Validate(); !errors.Is(err, checkpoint.ErrInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// Which positions are refused is part of the conformance suite; here is what
// the message says.
func TestValidateNamesTheField(t *testing.T) {
	p := checkpointtest.Sample(key())
	p.Query.PageSize = -25
	want := "position: query page size -25: not valid: want 1 or more"
	if err := p.Validate(); err == nil || err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestOrderErrorNamesBoth(t *testing.T) {
	stored := checkpointtest.Sample(key())
	next := stored
	err := checkpoint.MayFollow(key(), stored, next)
	want := "checkpoint: save queue 3f2b8a52-7a2c-4f0e-9d1b-6f1f0c9b7e11 lane live: " +
		"position window 2026-03-01T00:00Z/01:00Z pass 0 page 7: it does not come after the stored one, window 2026-03-01T00:00Z/01:00Z pass 0 page 7"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	next.Page++
	next.Query.API, next.Destination.Topic = "api.mypurecloud.de", "elsewhere"
	err = checkpoint.MayFollow(key(), stored, next)
	if !errors.Is(err, checkpoint.ErrWalkChanged) {
		t.Fatalf("another API and topic: %v", err)
	}
	for _, part := range []string{"api.mypurecloud.com", "api.mypurecloud.de", `"elsewhere"`, `"genesys.conversations"`, "page 8", "page 7"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v: does not say %s", err, part)
		}
	}
	if err := checkpoint.MayFollow(key(), checkpoint.Position{}, next); err != nil {
		t.Errorf("nothing stored: %v", err)
	}
}

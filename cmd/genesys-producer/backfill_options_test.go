package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

// backfillArgs are the options of a day, and more.
func backfillArgs(more ...string) []string {
	return append([]string{"--from", "2026-03-01T00:00:00Z", "--to", "2026-03-02T00:00:00Z"}, more...)
}

func TestBackfillMisuse(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "--from is missing"},
		{[]string{"--to", "now"}, "--from is missing"},
		{[]string{"--from", "2026-03-01T00:00:00Z"}, "--to is missing"},
		{[]string{"--from", "24h", "--to", "now"}, `invalid value "24h" for flag -from: not an RFC 3339 time such as 2026-03-01T00:00:00Z`},
		{[]string{"--from", "now", "--to", "now"}, `for flag -from: not an RFC 3339 time`},
		{[]string{"--from", "2026-03-01T00:00:00Z", "--to", "tomorrow"}, "for flag -to: not an RFC 3339 time such as 2026-03-01T00:00:00Z, or now"},
		{[]string{"--from", "1926-03-01T00:00:00Z", "--to", "now"}, "is out of range; write a year from 2000 to 2199"},
		{backfillArgs("--budget", "0"), "for flag -budget: not a number above 0, up to 1, such as 0.5"},
		{backfillArgs("--budget", "1.5"), "for flag -budget"},
		{backfillArgs("--budget", "-0.5"), "for flag -budget"},
		{backfillArgs("--name", ""), "it is empty; leave it out"},
		{backfillArgs("--name", "a/b"), "is not a checkpoint name"},
		{backfillArgs("--queue", "q-1"), "flag provided but not defined: -queue"},
		{backfillArgs("more"), `it takes options alone, but got "more"`},
	} {
		setEnvironment(t, with(nil))
		var stderr strings.Builder
		if code := command(t.Context(), append([]string{"backfill"}, c.args...), strings.NewReader(""), io.Discard, &stderr); code != misuse {
			t.Errorf("%q: exit code %d", c.args, code)
		}
		if says := stderr.String(); !strings.Contains(says, "backfill: ") || !strings.Contains(says, c.want) || !strings.Contains(says, "usage: genesys-producer backfill --from TIME --to TIME|now [--name NAME] [--budget SHARE]") {
			t.Errorf("%q: it says %s", c.args, says)
		}
	}
}

// What the environment and the options together do not allow is misuse, too.
func TestBackfillRefuses(t *testing.T) {
	for _, c := range []struct {
		args []string
		name string // CHECKPOINT_NAME
		want string
	}{
		{[]string{"--from", "2026-03-02T00:00:00Z", "--to", "2026-03-02T00:00:00Z"}, "", "--to 2026-03-02T00:00:00Z is not after --from 2026-03-02T00:00:00Z; write a later one"},
		{[]string{"--from", "2026-03-02T00:00:00Z", "--to", "2199-03-02T00:00:00Z"}, "", "lies ahead, and a backfill is of the past; write now, or an earlier time"},
		{[]string{"--from", "2198-03-02T00:00:00Z", "--to", "now"}, "", "is not after --from 2198"},
		{backfillArgs("--name", "default"), "", "the name default is that of the run beside it (CHECKPOINT_NAME)"},
		{backfillArgs("--name", "default"), "live", "the name default is that of the run beside it"},
		{backfillArgs("--name", "live"), "live", "the name live is that of the run beside it"},
		{backfillArgs(), "backfill-2026-03-01-2026-03-02", "write another --name"},
	} {
		changes := map[string]string{}
		if c.name != "" {
			changes["CHECKPOINT_NAME"] = c.name
		}
		setEnvironment(t, with(changes))
		var stderr strings.Builder
		if code := command(t.Context(), append([]string{"backfill"}, c.args...), strings.NewReader(""), io.Discard, &stderr); code != misuse || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%q under %q: exit code %d, and it says %s", c.args, c.name, code, stderr.String())
		}
	}
}

// What the environment says of the interval and the name has no effect; all else has.
func TestBackfillConfiguration(t *testing.T) {
	cfg := mustLoad(t, map[string]string{"WINDOW_FROM": "5h", "WINDOW_TO": "2026-01-01T00:00:00Z", "CHECKPOINT_NAME": "live", "KAFKA_TOPIC": "t"})
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	o, err := readBackfill([]string{"--from", "2026-03-01T01:00:00+01:00", "--to", "now"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := o.configure(cfg, now)
	if err != nil {
		t.Fatal(err)
	}
	windows := cutTime(got, now)
	if !windows.From.Equal(o.from) || windows.Start != "2026-03-01T00:00:00Z" || !windows.To.Equal(now.Add(-5*time.Minute)) {
		t.Errorf("windows %+v", windows)
	}
	if got.CheckpointName != "backfill-2026-03-01-now" || got.WindowRevisit != nil || got.Topic != "t" || got.RequestsPerMinute != 150 {
		t.Errorf("%+v", got)
	}
}

func TestBackfillBudget(t *testing.T) {
	for _, c := range []struct {
		share       string
		whole, want int
	}{
		{"0.5", 300, 150}, {"1", 300, 300}, {"0.29", 100, 29}, {"0.5", 3, 1}, {"0.5", 1, 1}, {"0.001", 300, 1}, {"0.999", 300, 299},
	} {
		o, err := readBackfill(backfillArgs("--budget", c.share))
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := o.configure(config{CheckpointName: "live", RequestsPerMinute: c.whole}, time.Now())
		if err != nil || cfg.RequestsPerMinute != c.want {
			t.Errorf("%s of %d: %d, want %d (%v)", c.share, c.whole, cfg.RequestsPerMinute, c.want, err)
		}
	}
}

// The same interval has the same name, whatever the zone; another one has another.
func TestBackfillNames(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []struct{ from, to, want string }{
		{"2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", "backfill-2026-03-01-2026-04-01"},
		{"2026-03-01T02:00:00+02:00", "2026-04-01T00:00:00.0001Z", "backfill-2026-03-01-2026-04-01"},
		{"2026-03-01T00:00:00Z", "now", "backfill-2026-03-01-now"},
		{"2026-03-01T10:00:00Z", "2026-03-01T12:30:00Z", "backfill-2026-03-01T100000Z-2026-03-01T123000Z"},
		{"2026-03-01T10:00:00.5Z", "2026-03-01T10:00:00.501Z", "backfill-2026-03-01T100000.5Z-2026-03-01T100000.501Z"},
	} {
		o, err := readBackfill([]string{"--from", c.from, "--to", c.to})
		if err != nil {
			t.Fatal(err)
		}
		name := o.checkpointName()
		if _, err := parseCheckpointName(name); err != nil || name != c.want {
			t.Errorf("%s to %s: %s, want %s (%v)", c.from, c.to, name, c.want, err)
		}
		seen[name] = true
	}
	if len(seen) != 4 {
		t.Errorf("names %v", seen)
	}
	if o, err := readBackfill(backfillArgs("--name", "march")); err != nil || o.checkpointName() != "march" {
		t.Errorf("%q: %v", o.checkpointName(), err)
	}
}

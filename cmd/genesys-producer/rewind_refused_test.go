package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
)

// What would skip something, and what cannot be moved, is refused, and nothing is moved
// of a queue that could be.
func TestRewindRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		queues string
		args   string
		code   int
		says   []string
	}{
		{"later than the window in hand", "a,b", "--to 2026-03-01T00:00:00.001Z --yes", failed, []string{"rewind queue a lane live: it has come to 2026-03-01T00:00:00Z (window 2026-03-01T00:00Z/01:00Z pass 0 page 7)",
			"2026-03-01T00:00:00.001Z is later", "would be skipped; write an earlier --to"}},
		{"later than the closed window", "b", "--to 2026-03-01T01:00:00.001Z --yes", failed, []string{"rewind queue b lane live: it has come to 2026-03-01T01:00:00Z"}},
		{"no position", "a,b,c", "--to 2026-03-01T00:00:00Z --yes", failed, []string{"rewind queue c lane live: it has no position: it begins at WINDOW_FROM", "with --queue"}},
		{"of two, all that is wrong", "a,b,c", "--to 2026-03-02T00:00:00Z --yes", failed, []string{"queue a lane live: it has come to", "queue b lane live: it has come to", "queue c lane live: it has no position"}},
		{"nobody says yes", "a,b", "--to 2026-03-01T00:00:00Z", failed, []string{"Rewind 2 positions of CHECKPOINT_NAME default in the file store? [y/N]", "nothing was rewound"}},
		{"a queue that is not configured", "b,c", "--to 2026-03-01T00:00:00Z --queue a --yes", misuse, []string{`rewind: --queue "a" is none of GENESYS_QUEUES; write one of them, or add it there`}},
	} {
		s := newShelf(t, c.queues, walkedTo("a", false), walkedTo("b", true))
		code, stdout, stderr := s.rewind("", strings.Fields(c.args)...)
		if code != c.code || stdout != "" {
			t.Errorf("%s: exit code %d, want %d; stdout %q", c.name, code, c.code, stdout)
		}
		for _, part := range c.says {
			if !strings.Contains(stderr, part) {
				t.Errorf("%s: stderr does not say %q:\n%s", c.name, part, stderr)
			}
		}
		if s.of("a") != walkedTo("a", false) || s.of("b") != walkedTo("b", true) {
			t.Errorf("%s: a position was moved", c.name)
		}
	}
}

// A position that cannot be read is not replaced.
func TestRewindOfATornPosition(t *testing.T) {
	s := newShelf(t, "a,b", walkedTo("a", false), walkedTo("b", false))
	torn := filepath.Join(s.dir, "default", "b.live.json")
	if err := os.Truncate(torn, 100); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := s.rewind("", "--to", "2026-02-01T00:00:00Z", "--yes")
	if info, err := os.Stat(torn); code != failed || !strings.Contains(stderr, "b.live.json") || err != nil || info.Size() != 100 || s.of("a") != walkedTo("a", false) {
		t.Errorf("exit code %d, %v, and it says:\n%s", code, err, stderr)
	}
}

// A service that runs has its positions to itself.
func TestRewindBesideTheService(t *testing.T) {
	s := newShelf(t, "a", walkedTo("a", false))
	s.use(func(checkpoint.Store) {
		if code, _, stderr := s.rewind("", "--to", "2026-02-01T00:00:00Z", "--yes"); code != failed || !strings.Contains(stderr, "stop that process") {
			t.Errorf("exit code %d, and it says:\n%s", code, stderr)
		}
	})
	if s.of("a") != walkedTo("a", false) {
		t.Error("it was moved")
	}
}

func TestRewindIsNotUsedSo(t *testing.T) {
	const usage = "usage: genesys-producer checkpoint rewind --to TIME [--queue ID] [--yes]\n"
	setEnvironment(t, nil) // it is not even looked at
	for args, want := range map[string]string{
		"":                            "--to is missing",
		"--yes":                       "--to is missing",
		"--to":                        "flag needs an argument: -to",
		"--to 1h":                     "not an RFC 3339 time such as 2026-03-01T00:00:00Z",
		"--to 1999-12-31T00:00:00Z":   "write a year from 2000 to 2199",
		"--to 2026-03-01T00:00:00Z b": `it takes options alone, but got "b"`,
		"--from 2026-03-01T00:00:00Z": "flag provided but not defined: -from",
	} {
		var stderr transcript
		code := command(t.Context(), append([]string{"checkpoint", "rewind"}, strings.Fields(args)...), nil, io.Discard, &stderr)
		if text := stderr.String(); code != misuse || !strings.HasPrefix(text, "checkpoint rewind: ") || !strings.Contains(text, want) || !strings.HasSuffix(text, usage) {
			t.Errorf("%q: exit code %d, and it says:\n%s", args, code, text)
		}
	}
}

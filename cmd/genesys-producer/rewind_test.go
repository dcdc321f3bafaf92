package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
	"genesys-producer/genesys/genesystest"
)

// hours is a time of the day on which sample positions lie.
func hours(n float64) time.Time {
	return time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n * float64(time.Hour))).Round(time.Second)
}

// The rewound position is that of the service before the first page of a window, and has
// nothing of the former one but what must not change.
func TestRewoundPosition(t *testing.T) {
	former := checkpointtest.Sample(checkpoint.Key{Queue: "q-1", Lane: checkpoint.Live})
	for _, c := range []struct {
		name            string
		set             map[string]string
		to              float64
		since, from, at float64 // at: its end
	}{
		{"on the grid", nil, 2, 2 - 1.0/12, 2, 3},
		{"within a window", nil, 2.25, 2.25 - 1.0/12, 2.25, 3},
		{"long windows", map[string]string{"WINDOW_LENGTH": "24h", "WINDOW_SETTLE": "1h"}, 3, 2, 3, 24},
		{"a settle longer than the window", map[string]string{"WINDOW_LENGTH": "30m", "WINDOW_SETTLE": "3h"}, 3.25, 3, 3.25, 3.5},
		{"a bounded run that ends in it", map[string]string{"WINDOW_TO": "2026-03-01T02:30:00Z", "WINDOW_SETTLE": "0s"}, 2, 2, 2, 2.5},
		{"a bounded run that ended before it", map[string]string{"WINDOW_TO": "2026-03-01T02:30:00Z", "WINDOW_SETTLE": "0s"}, 2.5, 2.5, 2.5, 3},
		{"the day before", nil, -0.5, -0.5 - 1.0/12, -0.5, 0},
	} {
		cfg := mustLoad(t, c.set)
		cfg.PageSize = 50
		got := rewound(former, cfg, hours(c.to), hours(1000))
		want := checkpoint.Position{Query: former.Query, Destination: former.Destination, Start: former.Start}
		want.Query.Since, want.Query.From, want.Query.To, want.Query.PageSize = hours(c.since), hours(c.from), hours(c.at), 50
		if got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, want)
		}
		if err := got.Validate(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// shelf is a directory of positions, as the environment names it.
type shelf struct {
	*testing.T
	dir string
}

// newShelf has the program find these positions, and queues that are configured.
func newShelf(t *testing.T, queues string, positions ...checkpoint.Position) *shelf {
	t.Helper()
	s := &shelf{t, t.TempDir()}
	setEnvironment(t, with(map[string]string{"CHECKPOINT_DIR": s.dir, "GENESYS_QUEUES": queues}))
	s.use(func(store checkpoint.Store) {
		for _, p := range positions {
			if err := store.Save(t.Context(), checkpoint.Key{Queue: p.Query.Queue, Lane: checkpoint.Live}, p); err != nil {
				t.Fatal(err)
			}
		}
	})
	return s
}

func (s *shelf) use(do func(checkpoint.Store)) {
	s.Helper()
	store, err := checkpoint.OpenDir(s.dir, "default")
	if err != nil {
		s.Fatal(err)
	}
	defer store.Close()
	do(store)
}

// of is the position of a queue.
func (s *shelf) of(queue string) (p checkpoint.Position) {
	s.Helper()
	s.use(func(store checkpoint.Store) {
		var err error
		if p, _, err = store.Load(s.Context(), checkpoint.Key{Queue: queue, Lane: checkpoint.Live}); err != nil {
			s.Fatal(err)
		}
	})
	return p
}

// rewind runs the command, which a person answers.
func (s *shelf) rewind(answer string, args ...string) (code int, stdout, stderr string) {
	s.Helper()
	var out, errs transcript
	code = command(s.Context(), append([]string{"checkpoint", "rewind"}, args...), strings.NewReader(answer), &out, &errs)
	return code, out.String(), errs.String()
}

// walkedTo is a position in the sample's window, or behind it.
func walkedTo(queue string, closed bool) checkpoint.Position {
	p := checkpointtest.Sample(checkpoint.Key{Queue: queue, Lane: checkpoint.Live})
	p.Closed = closed
	return p
}

// One who says yes gets what was asked for, of one queue or of all, again too.
func TestRewind(t *testing.T) {
	s := newShelf(t, "a,b", walkedTo("a", false), walkedTo("b", true))
	s.use(func(store checkpoint.Store) { // of which a ledger tells
		if err := store.Save(t.Context(), checkpoint.Key{Queue: "b", Lane: "later"}, walkedTo("b", true), checkpoint.Chunk{Day: "2026-03-01", Text: []byte("told")}); err != nil {
			t.Fatal(err)
		}
	})
	code, stdout, stderr := s.rewind("y\n", "--to", "2026-03-01T01:00:00+00:00", "--queue", "b")
	want := rewound(walkedTo("b", true), mustLoad(t, map[string]string{"CHECKPOINT_DIR": s.dir}), hours(1), time.Now())
	if code != done || s.of("b") != want || s.of("a") != walkedTo("a", false) {
		t.Errorf("exit code %d, positions %+v and %+v:\n%s", code, s.of("a"), s.of("b"), stderr)
	}
	s.use(func(store checkpoint.Store) {
		if text, err := store.Ledger(t.Context(), "b", "2026-03-01"); err != nil || len(text) > 0 {
			t.Errorf("the ledger has %q (%v)", text, err)
		}
	})
	if former := exported(t, walkedTo("b", true)); stdout != former {
		t.Errorf("stdout is\n%s\nwant the former position:\n%s", stdout, former)
	}
	for _, part := range []string{"queue b lane live: from window 2026-03-01T00:00Z/01:00Z pass 0 page 7 closed back to window 2026-03-01T01:00Z/02:00Z pass 0 page 0\n",
		"The service must be stopped.", "ledgers are deleted", "1 positions rewound\n"} {
		if !strings.Contains(stderr, part) {
			t.Errorf("stderr does not say %q:\n%s", part, stderr)
		}
	}
	if copies, _ := filepath.Glob(filepath.Join(s.dir, "default", "b.live.json.*.former")); len(copies) != 1 {
		t.Errorf("copies of the former position: %v, want one", copies)
	}

	setEnvironment(t, with(map[string]string{"CHECKPOINT_DIR": s.dir, "GENESYS_QUEUES": "a,b"}))
	for range 2 {
		if code, _, stderr := s.rewind("", "--yes", "--to", "2026-02-28T22:30:00Z"); code != done || !strings.Contains(stderr, "2 positions rewound") {
			t.Errorf("all of them: exit code %d:\n%s", code, stderr)
		}
		for _, queue := range []string{"a", "b"} {
			if q := s.of(queue).Query; !q.From.Equal(hours(-1.5)) || !q.To.Equal(hours(-1)) {
				t.Errorf("queue %s is at %v", queue, s.of(queue))
			}
		}
	}
}

func exported(t *testing.T, p checkpoint.Position) string {
	t.Helper()
	text, err := checkpoint.Encode("default", checkpoint.Key{Queue: p.Query.Queue, Lane: checkpoint.Live}, p)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Positions of either store go back, as the stored query has them, and the former ones
// can be imported elsewhere.
func TestRewindInEachStore(t *testing.T) {
	for _, d := range []delivery{deliveries[0], inKafka} {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			w := newWorld(t, genesystest.Config{Conversations: 1}).by(d)
			path := writeExport(t, 1, w.sim.Queues()...)
			w.command([]string{"checkpoint", "import", path, "--yes"}).mustEnd(done, "3 positions stored")
			before := w.export()
			w.command([]string{"checkpoint", "rewind", "--to", "2026-03-01T00:30:00Z", "--yes"}).mustEnd(failed, "would be skipped")
			w.command([]string{"checkpoint", "rewind", "--to", "2026-02-28T22:00:00Z"}).mustEnd(failed, "nothing was rewound")
			if w.export() != before {
				t.Error("something was moved all the same")
			}
			c := w.command([]string{"checkpoint", "rewind", "--to", "2026-02-28T22:00:00Z", "--yes"})
			c.mustEnd(done, "page 1 back to window 2026-02-28T22:00Z/23:00Z pass 0 page 0", "3 positions rewound")
			after := w.export()
			if strings.Count(after, `"from": "2026-02-28T22:00:00.000Z"`) != 3 || strings.Count(after, `"page": 0`) != 3 {
				t.Errorf("the positions are:\n%s", after)
			}
			former := filepath.Join(t.TempDir(), "former.json")
			if err := os.WriteFile(former, []byte(c.stdout.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			files := append(inFiles(w), "CHECKPOINT_DIR="+t.TempDir())
			w.command([]string{"checkpoint", "import", former, "--yes"}, files...).mustEnd(done, "3 positions stored")
			if got := w.export(files...); got != before {
				t.Errorf("the former positions are:\n%s\nwant:\n%s", got, before)
			}
		})
	}
}

// What is walked again is published again, though nothing has changed.
func TestRewoundIsPublishedAgain(t *testing.T) {
	eachDelivery(t, func(t *testing.T, d delivery) {
		w := newWorld(t, genesystest.Config{Conversations: 100}).by(d)
		w.mustFinish()
		before := w.offsets()
		again := from.Add(90 * time.Minute)
		w.command([]string{"checkpoint", "rewind", "--to", again.Format(time.RFC3339), "--yes"}).mustEnd(done, "3 positions rewound")
		w.mustFinish()
		after := w.offsets()
		for _, queue := range w.sim.Queues() {
			for _, id := range w.sim.IDs(queue, again, to) {
				if len(after[id]) <= len(before[id]) { // for this queue or another, whichever read it later
					t.Errorf("conversation %s: at %v, and after the rewind at %v", id, before[id], after[id])
				}
			}
		}
	})
}

// offsets is where the messages are, by conversation.
func (w *world) offsets() map[string][]int64 {
	w.Helper()
	offsets := map[string][]int64{}
	for _, m := range w.read(w.topic) {
		offsets[m.Key] = append(offsets[m.Key], m.Offset)
	}
	return offsets
}

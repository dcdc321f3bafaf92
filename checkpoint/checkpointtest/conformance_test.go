package checkpointtest_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

// broken names, in a child process, the store that the suite must fail.
const broken = "CHECKPOINTTEST_BROKEN"

// wrong is a store that changes what goes into and comes out of another.
type wrong struct {
	checkpoint.Store
	key  func(checkpoint.Key) checkpoint.Key
	save func(checkpoint.Position) checkpoint.Position
	load func(checkpoint.Position) checkpoint.Position
	swap func(err error) error // error of Save
	ctx  func(context.Context) context.Context

	chunks func([]checkpoint.Chunk) []checkpoint.Chunk
	forget func(checkpoint.Day) checkpoint.Day
	rewind func(context.Context, checkpoint.Store, checkpoint.Key, checkpoint.Position) (checkpoint.Position, error)
}

func (w wrong) Load(ctx context.Context, key checkpoint.Key) (checkpoint.Position, bool, error) {
	p, ok, err := w.Store.Load(w.ctx(ctx), w.key(key))
	return w.load(p), ok, err
}

func (w wrong) Save(ctx context.Context, key checkpoint.Key, p checkpoint.Position, chunks ...checkpoint.Chunk) error {
	return w.swap(w.Store.Save(w.ctx(ctx), w.key(key), w.save(p), w.chunks(chunks)...))
}

func (w wrong) Forget(ctx context.Context, queue string, before checkpoint.Day) error {
	return w.Store.Forget(w.ctx(ctx), queue, w.forget(before))
}

func (w wrong) Rewind(ctx context.Context, key checkpoint.Key, p checkpoint.Position) (checkpoint.Position, error) {
	return w.rewind(w.ctx(ctx), w.Store, key, p)
}

// wrongs returns, by the subtest that must notice it, what a store can do wrong.
func wrongs() map[string]func(*wrong) {
	return map[string]func(*wrong){
		"every field comes back": func(w *wrong) {
			w.save = func(p checkpoint.Position) checkpoint.Position { p.Start = "24h"; return p }
		},
		"times come back in UTC": func(w *wrong) {
			w.load = func(p checkpoint.Position) checkpoint.Position {
				p.Query.From = p.Query.From.In(time.FixedZone("east", 3600))
				return p
			}
		},
		"keys are independent": func(w *wrong) {
			w.key = func(key checkpoint.Key) checkpoint.Key { key.Lane = checkpoint.Live; return key }
		},
		"ledgers grow, are cut back and are replaced": func(w *wrong) {
			w.chunks = func(chunks []checkpoint.Chunk) []checkpoint.Chunk { return chunks[:min(len(chunks), 1)] }
		},
		"ledgers are independent": func(w *wrong) {
			w.chunks = func(chunks []checkpoint.Chunk) []checkpoint.Chunk {
				for i := range chunks {
					chunks[i].Day = "2026-03-01"
				}
				return chunks
			}
		},
		"a chunk that is not valid is refused": func(w *wrong) {
			w.chunks = func(chunks []checkpoint.Chunk) []checkpoint.Chunk {
				return slices.DeleteFunc(chunks, func(c checkpoint.Chunk) bool { return c.Validate() != nil })
			}
		},
		"old ledgers are forgotten": func(w *wrong) {
			w.forget = func(day checkpoint.Day) checkpoint.Day { return checkpoint.DayOf(day.Begin().AddDate(0, 0, 1)) }
		},
		"rewinding moves back and deletes ledgers": func(w *wrong) {
			w.rewind = func(ctx context.Context, store checkpoint.Store, key checkpoint.Key, p checkpoint.Position) (checkpoint.Position, error) {
				former, _, err := store.Load(ctx, key)
				if err != nil {
					return checkpoint.Position{}, err
				}
				return former, store.Save(ctx, key, p) // which only goes forward, and keeps ledgers
			}
		},
		"positions only grow": func(w *wrong) {
			w.swap = func(error) error { return nil }
		},
		"a canceled call has no effect": func(w *wrong) {
			w.ctx = context.WithoutCancel
		},
	}
}

// TestConformanceNotices runs the suite over broken stores, each in a child
// process, since a failing subtest cannot be taken back.
func TestConformanceNotices(t *testing.T) {
	for subtest := range wrongs() {
		t.Run(subtest, func(t *testing.T) {
			t.Parallel()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBroken$", "-test.v")
			child.Env = append(os.Environ(), broken+"="+subtest)
			output, err := child.CombinedOutput()
			if err == nil || !strings.Contains(string(output), "--- FAIL: TestBroken/"+strings.ReplaceAll(subtest, " ", "_")) {
				t.Errorf("the suite did not notice: %v\n%s", err, output)
			}
		})
	}
}

// TestBroken is the child of TestConformanceNotices.
func TestBroken(t *testing.T) {
	change, ok := wrongs()[os.Getenv(broken)]
	if !ok {
		t.Skip("runs in a child process only")
	}
	wrap := func(store checkpoint.Store) checkpoint.Store {
		same := func(p checkpoint.Position) checkpoint.Position { return p }
		w := wrong{
			Store: store, save: same, load: same,
			key:  func(key checkpoint.Key) checkpoint.Key { return key },
			swap: func(err error) error { return err },
			ctx:  func(ctx context.Context) context.Context { return ctx },

			chunks: func(chunks []checkpoint.Chunk) []checkpoint.Chunk { return chunks },
			forget: func(day checkpoint.Day) checkpoint.Day { return day },
			rewind: func(ctx context.Context, store checkpoint.Store, key checkpoint.Key, p checkpoint.Position) (checkpoint.Position, error) {
				return store.Rewind(ctx, key, p)
			},
		}
		change(&w)
		return w
	}
	checkpointtest.Conformance(t, func(t *testing.T) (checkpoint.Store, func() checkpoint.Store) {
		store, reopen := openMemory(t)
		return wrap(store), func() checkpoint.Store { return wrap(reopen()) }
	})
}

func TestWalkAscends(t *testing.T) {
	walk := checkpointtest.Walk(checkpoint.Key{Queue: "queue-1", Lane: checkpoint.Live})
	for i, p := range walk {
		if err := p.Validate(); err != nil {
			t.Errorf("%v: %v", p, err)
		}
		if i > 0 && walk[i-1].Compare(p) >= 0 {
			t.Errorf("%v does not come before %v", walk[i-1], p)
		}
	}
}

package producer

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func TestLatestSupersedesOnlyWhatWasReadEarlier(t *testing.T) {
	l := newLatest(10)
	now := time.Now()
	l.remember("a", now)
	for name, c := range map[string]struct {
		id   string
		read time.Time
		want bool
	}{
		"read earlier":             {"a", now.Add(-time.Nanosecond), true},
		"read at the same time":    {"a", now, false},
		"read later":               {"a", now.Add(time.Nanosecond), false},
		"of another, read earlier": {"b", now.Add(-time.Minute), false},
		"of a prefix of its id":    {"", now.Add(-time.Minute), false},
	} {
		if got := l.superseded(c.id, c.read); got != c.want {
			t.Errorf("%s: superseded %v, want %v", name, got, c.want)
		}
	}
}

// Whatever is committed in whatever order, what latest lets pass is never older
// than what passed before: against a memory that forgets nothing.
func TestLatestNeverLetsAnOlderVersionPass(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	l := newLatest(20)
	all := map[string]time.Time{}
	begin := time.Now()
	stale, superseded := 0, 0
	for i := range 20_000 {
		id := fmt.Sprint(random.IntN(200))
		read := begin.Add(time.Duration(i-random.IntN(100)) * time.Millisecond)
		if !l.judgeable(read) {
			stale++
			continue
		}
		if l.superseded(id, read) {
			superseded++
			if !all[id].After(read) {
				t.Fatalf("%s read at %v was called superseded, by %v", id, read, all[id])
			}
			continue
		}
		if all[id].After(read) {
			t.Fatalf("%s read at %v passed after one read at %v", id, read, all[id])
		}
		l.remember(id, read)
		all[id] = read
		if n := len(l.recent) + len(l.older); n > 2*l.limit {
			t.Fatalf("%d conversations are remembered, want at most %d", n, 2*l.limit)
		}
	}
	if stale == 0 || superseded == 0 {
		t.Fatalf("%d stale, %d superseded: this tested nothing", stale, superseded)
	}
}

func TestLatestRemembersTheLastPages(t *testing.T) {
	l := newLatest(1000)
	begin := time.Now()
	for i := range 10_000 {
		l.remember(fmt.Sprint(i), begin.Add(time.Duration(i)*time.Millisecond))
		if !l.judgeable(begin.Add(time.Duration(i-999) * time.Millisecond)) {
			t.Fatalf("after %d commits a page that was read 999 commits ago cannot be judged", i)
		}
	}
}

package producer_test

import (
	"strconv"
	"testing"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
)

// fetched is when the messages of windows from then on are told to have been fetched, first
// and last; and how many they are.
func (w *world) fetched(since time.Time) (first, last int64, n int) {
	w.Helper()
	for _, m := range w.cluster.Read(w, w.topic) {
		if m.Headers["window"] < since.Format("2006-01-02T15:04") {
			continue
		}
		at, err := strconv.ParseInt(m.Headers["fetched-at"], 10, 64)
		if err != nil {
			w.Fatal(err)
		}
		if first == 0 || at < first {
			first = at
		}
		last = max(last, at)
		n++
	}
	return first, last, n
}

// The machine's clock was set back while the service was stopped: what it reads then is
// told to be newer all the same, of every queue, for one that two queues share may have
// been read by the other.
func TestClockThatIsSetBackWhileStopped(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		stopped := from.Add(time.Hour)
		w.windows.To = stopped
		if err := w.start(nil).Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		key := checkpoint.Key{Queue: w.sim.Queues()[1], Lane: checkpoint.Live}
		pos, _, err := w.store.Load(w.Context(), key)
		if err != nil {
			w.Fatal(err)
		}
		pos.Account.ReadAt += int(time.Hour.Milliseconds()) // as the clock went then
		if _, err := w.store.Rewind(w.Context(), key, pos); err != nil {
			w.Fatal(err)
		}
		w.windows.To = to
		if err := w.start(nil).Run(w.Context()); err != nil {
			w.Fatal(err)
		}
		first, last, n := w.fetched(stopped)
		if n < 30 || first <= int64(pos.Account.ReadAt) || last-first > time.Hour.Milliseconds() {
			w.Errorf("%d messages are told to be fetched from %d to %d, after one of %d", n, first, last, pos.Account.ReadAt)
		}
	})
}

// A start goes on behind the latest time that consumers were told, and leaves its own for
// the next: the clock may have been set back two lives ago.
func TestFetchTimesGrowOverTwoRestarts(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		run := func(until time.Time) {
			w.windows.To = until
			if err := w.start(nil).Run(w.Context()); err != nil {
				w.Fatal(err)
			}
		}
		run(from.Add(time.Hour))
		key := checkpoint.Key{Queue: w.sim.Queues()[1], Lane: checkpoint.Live}
		pos, _, _ := w.store.Load(w.Context(), key)
		pos.Account.ReadAt += int(time.Hour.Milliseconds())
		if _, err := w.store.Rewind(w.Context(), key, pos); err != nil {
			w.Fatal(err)
		}
		run(from.Add(2 * time.Hour))
		_, last, _ := w.fetched(from.Add(time.Hour))
		run(to)
		first, _, n := w.fetched(from.Add(2 * time.Hour))
		if n < 20 || first <= last {
			w.Errorf("%d messages, from %d, after %d", n, first, last)
		}
	})
}

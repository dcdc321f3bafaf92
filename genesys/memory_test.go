package genesys

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
)

// Many walks, each with pages to spare, and memory for six of them in all.
func TestBytesInFlightAreBounded(t *testing.T) {
	config := genesystest.Config{Conversations: 60, Latency: aSecond}
	inWorld(t, config, func(w *world) {
		const size = 4
		bytes, largest := map[int]int64{}, int64(0) // of each page
		_, err := walk(w.Context(), w.client(), w.query(size), Cursor{})
		w.must(err)
		for _, r := range w.queries() {
			bytes[r.Page] = int64(r.Bytes)
			largest = max(largest, int64(r.Bytes))
		}

		c := w.client(readAhead(8))
		c.memory = newMemory(6 * largest)
		c.memory.expect(largest)
		var inFlight, most atomic.Int64
		w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
			now := inFlight.Add(bytes[r.Page]) // until the loop is done with the page
			for was := most.Load(); now > was && !most.CompareAndSwap(was, now); was = most.Load() {
			}
			return nil
		})
		var walks sync.WaitGroup
		for range 20 {
			walks.Go(func() {
				for page, err := range c.Pages(w.Context(), w.query(size), Cursor{}) {
					if err != nil {
						w.Error(err)
						return
					}
					time.Sleep(time.Second) // a page takes its time downstream
					inFlight.Add(-bytes[page.Number])
				}
			})
		}
		walks.Wait()
		// A guess may be a little less than the page that comes.
		if got := most.Load(); got < 5*largest || got > 7*largest {
			w.Errorf("up to %d bytes in flight, want those of 6 pages of %d to be used and not exceeded", got, largest)
		}
		w.mustBeFree(c)
	})
}

// A working size is no limit on a page: a larger one is read while it is alone.
func TestAPageLargerThanMemoryIsRead(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 40}, func(w *world) {
		c := w.client(readAhead(8))
		c.memory = newMemory(1000)
		for _, err := range everywhere(w.Context(), c, w.hours(8, 4)) {
			w.must(err)
		}
		w.mustBeFree(c)
	})
}

func TestMemoryTakesWhatAPageNeeds(t *testing.T) {
	for _, row := range []struct {
		name              string
		last, size, other int64 // guess; the page that comes; held by others meanwhile
		held, next        int64 // by the page; the next guess
	}{
		{"as guessed", 100, 100, 0, 100, 100},
		{"smaller: the rest is given back", 400, 100, 0, 100, 350},
		{"larger: more is taken", 100, 300, 0, 300, 300},
		{"larger, and none is left: it is owed", 100, 300, 900, 300, 300},
		{"larger than all there is", 100, 5000, 0, 5000, 1000},
		{"guessed larger than all there is", 5000, 10, 0, 10, 1000},
		{"empty", 100, 0, 0, 0, 87},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := newMemory(1000)
			m.expect(row.last)
			page, err := m.reserve(t.Context())
			if err != nil || page.held != min(row.last, 1000) {
				t.Fatalf("reserved %d, error %v", page.held, err)
			}
			if !m.free.TryAcquire(row.other) {
				t.Fatal("more is reserved than was guessed")
			}
			page.settle(row.size)
			if page.held != row.held || m.guess() != row.next {
				t.Errorf("held %d, want %d; next guess %d, want %d", page.held, row.held, m.guess(), row.next)
			}
			page.release()
			page.release() // twice is once
			m.free.Release(row.other)
			if !m.free.TryAcquire(1000) || m.free.TryAcquire(1) {
				t.Error("what was given back is not what was taken")
			}
		})
	}
}

// Pages that are larger than was guessed are paid for before others are asked.
func TestWhatIsOwedIsPaidFirst(t *testing.T) {
	m := newMemory(1000)
	m.expect(100)
	var pages []*reservation
	for range 5 {
		page, ok := m.tryReserve()
		if !ok {
			t.Fatal("there is memory for ten such pages")
		}
		pages = append(pages, page)
	}
	for _, page := range pages {
		page.settle(400) // 2000 in all
	}
	for i, page := range pages {
		held := int64(2000 - 400*i)
		another, ok := m.tryReserve() // of 400, as the last page
		if want := held+400 <= 1000; ok != want {
			t.Errorf("with %d of 1000 bytes held, another page is let in: %v", held, ok)
		}
		if ok {
			another.release()
		}
		page.release()
	}
	if !m.free.TryAcquire(1000) || m.free.TryAcquire(1) {
		t.Error("what was given back is not what was taken")
	}
}

// Reading ahead is no reason to wait, nor to overtake a walk that waits for the
// one page it needs.
func TestReadingAheadGivesWayToAWalkThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(1000)
		m.expect(600)
		first, ok := m.tryReserve()
		if !ok {
			t.Fatal("there is memory for one")
		}
		if _, ok := m.tryReserve(); ok {
			t.Error("there is memory for one only")
		}
		waited := make(chan error)
		go func() {
			_, err := m.reserve(t.Context())
			waited <- err
		}()
		synctest.Wait()
		m.expect(100)
		if _, ok := m.tryReserve(); ok {
			t.Error("a page that is read ahead overtook a walk that waits")
		}
		first.release()
		if err := <-waited; err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		m.expect(900)
		if _, err := m.reserve(ctx); err == nil {
			t.Error("waiting does not end with the context")
		}
	})
}

// expect makes the next page be guessed to be as large as this.
func (m *memory) expect(size int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = size
}

func TestABufferThatIsFarTooLargeIsNotUsedAgain(t *testing.T) {
	m := newMemory(bytesInFlight)
	for range 100 { // a pool may forget what it was given
		r, _ := m.tryReserve()
		r.buffer(100 << 20)
		r.release()
		next, _ := m.tryReserve()
		if size := next.buffer(1 << 20).Cap(); size > 10<<20 {
			t.Fatalf("a page of 1 MB is read into %d bytes", size)
		}
		next.release()
	}
}

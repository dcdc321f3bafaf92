package genesys

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// Connections that have died without a word swallow what is sent. One request finds
// that out for all that are idle, and not each of them a timeout later than the last.
func TestIdleConnectionsThatHaveDiedAreFoundOutTogether(t *testing.T) {
	const walks = 6
	var line line
	sim, client, q := overSockets(t, genesystest.Config{Conversations: 30}, func(c *Config) {
		transport := newTransport()
		transport.DialContext = line.dial
		c.Transport, c.Timeout = transport, 3*time.Second
	})
	var arrived atomic.Int64
	together := make(chan struct{})
	sim.Script(func(r genesystest.Request) *genesystest.Fault {
		if r.Page == 1 && !r.Token {
			if arrived.Add(1) == walks {
				close(together)
			}
			<-together
		}
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var walking sync.WaitGroup
	for range walks {
		walking.Go(func() {
			if _, err := walk(ctx, client, q, Cursor{}); err != nil {
				t.Error(err)
			}
		})
	}
	walking.Wait()
	sim.Script(nil)
	if line.carries() < walks {
		t.Fatalf("%d connections, want %d: the walks did not ask side by side", line.carries(), walks)
	}

	line.die()
	if _, err := walk(ctx, client, q, Cursor{}); err != nil {
		t.Fatal(err)
	}
	if n := line.swallowed.Load(); n != 1 {
		t.Errorf("%d requests were sent over dead connections, want 1", n)
	}
}

// line is what connections go over. They die with it; those that come later live.
type line struct {
	swallowed atomic.Int64 // requests sent after the death

	mu    sync.Mutex
	conns []*mortal
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	m := &mortal{Conn: conn, line: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, m)
	return m, nil
}

func (l *line) carries() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns)
}

func (l *line) die() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		c.dead.Store(true)
	}
}

type mortal struct {
	net.Conn
	line *line
	dead atomic.Bool
}

// Write is called once for a request: they are shorter than a buffer of net/http.
func (m *mortal) Write(b []byte) (int, error) {
	if m.dead.Load() {
		m.line.swallowed.Add(1)
		return len(b), nil
	}
	return m.Conn.Write(b)
}

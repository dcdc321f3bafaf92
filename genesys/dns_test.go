package genesys

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// names is a DNS server that knows one address, 127.0.0.1, for every name, but for a
// while none.
type names struct {
	net.PacketConn
	missing atomic.Int64 // so many questions are answered that the name does not exist
}

func serveNames(t *testing.T) *names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &names{PacketConn: conn}
	var serving sync.WaitGroup
	serving.Go(n.serve)
	t.Cleanup(func() { _ = conn.Close(); serving.Wait() })
	return n
}

func (n *names) serve() {
	buffer := make([]byte, 1500)
	for {
		length, from, err := n.ReadFrom(buffer)
		if err != nil {
			return
		}
		_, _ = n.WriteTo(n.answer(buffer[:length]), from)
	}
}

// answer answers one question (RFC 1035, section 4).
func (n *names) answer(question []byte) []byte {
	const header = 12
	end := header
	for question[end] != 0 { // the labels of the name
		end += 1 + int(question[end])
	}
	end++
	isA := question[end+1] == 1
	a := append([]byte{}, question[:end+4]...) // without the additional section
	a[2], a[3] = 0x81, 0x80                    // an answer, recursive, no error
	copy(a[6:header], make([]byte, header-6))
	switch {
	case n.missing.Load() > 0:
		n.missing.Add(-1)
		a[3] |= 3 // NXDOMAIN
	case isA:
		a[7] = 1 // an answer: the name as above, A, IN, no time to live, 4 bytes
		a = append(a, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1)
	}
	return a
}

// resolver asks that server alone.
func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", n.LocalAddr().String())
	}}
}

// A name that is gone for a while is told of once, with what to do if it stays so, and
// once when it is back.
func TestANameThatComesBack(t *testing.T) {
	dns := serveNames(t)
	dns.missing.Store(2) // one lookup, for both kinds of address
	told := make(chan Incident, 8)
	_, client, q := overSockets(t, genesystest.Config{Conversations: 20}, func(c *Config) {
		base, err := url.Parse(c.APIURL)
		if err != nil {
			t.Fatal(err)
		}
		base.Host = "api.genesys.test.:" + base.Port() // a full name: no search for others
		c.APIURL, c.LoginURL = base.String(), base.String()
		transport := newTransport()
		transport.Proxy = nil
		transport.DialContext = (&net.Dialer{Timeout: 10 * time.Second, Resolver: dns.resolver()}).DialContext
		c.Transport, c.Observe = transport, func(i Incident) { told <- i }
	})
	q.Host = client.Host()
	pages, err := walk(t.Context(), client, q, Cursor{})
	if err != nil || len(pages) < 2 {
		t.Fatalf("%d pages, error %v", len(pages), err)
	}
	if len(told) != 2 {
		t.Fatalf("told %d times, want twice", len(told))
	}
	begun, over := <-told, <-told
	text := begun.Err.Error()
	if begun.Over || !over.Over || !strings.Contains(text, "lookup api.genesys.test.") || !strings.Contains(text, "the name does not resolve: check GENESYS_DOMAIN") {
		t.Errorf("told %q, and then %+v", text, over)
	}
}

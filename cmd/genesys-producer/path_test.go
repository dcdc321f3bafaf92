package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// path carries connections to a server, until it dies: then those that it carries get
// nothing through any more, while both ends are acknowledged what they send.
type path struct {
	address string

	mu   sync.Mutex
	life *life // of the connections that come now
}

type life struct{ over bool }

// through makes a path to an address.
func (w *world) through(address string) *path {
	w.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	p := &path{address: listener.Addr().String(), life: &life{}}
	var carrying sync.WaitGroup
	w.Cleanup(func() { _ = listener.Close(); carrying.Wait() }) // the ends have gone by then, or go
	carrying.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", address)
			if err != nil {
				_ = near.Close()
				continue
			}
			p.mu.Lock()
			life := p.life
			p.mu.Unlock()
			carrying.Go(func() { p.carry(near, far, life) })
			carrying.Go(func() { p.carry(far, near, life) })
		}
	})
	return p
}

func (p *path) carry(from, to net.Conn, life *life) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		over := life.over
		p.mu.Unlock()
		if n > 0 && !over {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// die ends the life of the connections that there are; those that come later live.
func (p *path) die() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.life.over, p.life = true, &life{}
}

// overProxy has the program reach the API over TLS through a proxy alone, the only one
// who knows its name. From the first time it is asked, for a while, the proxy does not
// know it either: it answers 502.
func (w *world) overProxy(away time.Duration) (address string) {
	w.Helper()
	const name = "api.genesys.test"
	s := w.overTLS()
	s.show(s.server(name, time.Now().Add(time.Hour)))
	back := sync.OnceValue(func() time.Time { return time.Now().Add(away) })
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != name+":443" || time.Now().Before(back()) {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		far, err := net.Dial("tcp", s.address)
		if err != nil {
			w.Error(err)
			return
		}
		near, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			w.Error(err)
			return
		}
		defer near.Close()
		defer far.Close()
		_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
		_, _ = io.Copy(near, far)
	}))
	w.Cleanup(proxy.Close)
	w.environment["HTTPS_PROXY"] = proxy.URL
	w.at("https://" + name)
	return strings.TrimPrefix(proxy.URL, "http://")
}

package genesystest

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// Pipe serves h over connections in memory and returns a transport that
// reaches it whatever the host of a URL, which must be plain http. Nothing of
// it touches a socket, so it works in a bubble of testing/synctest.
//
// close drops the connections, which ends the requests under way, and returns
// when every goroutine of the server is done. It may be called more than once.
func Pipe(h http.Handler) (rt *http.Transport, close func()) {
	listener := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	var serving sync.WaitGroup
	server := &http.Server{
		Handler:  h,
		ErrorLog: log.New(io.Discard, "", 0), // a dropped connection is no news here
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				serving.Add(1)
			case http.StateClosed, http.StateHijacked:
				serving.Done()
			}
		},
	}
	rt = &http.Transport{
		DialContext:         listener.dial,
		MaxIdleConnsPerHost: 64, // a reader that asks for pages ahead keeps its connections
	}
	var accepting sync.WaitGroup
	accepting.Go(func() { _ = server.Serve(listener) }) // always ErrServerClosed
	return rt, func() {
		_ = server.Close() // also closes the listener, which never fails
		accepting.Wait()
		serving.Wait()
		rt.CloseIdleConnections()
	}
}

// pipeListener accepts the far ends of the connections that it dials.
type pipeListener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

package main

import (
	"io"
	"net/http"
	"sync"

	"genesys-producer/genesys/genesystest"
)

// gate stands before the API and acts at a certain query.
type gate struct {
	behind sync.Mutex // of api alone: who acts can take its time
	api    http.Handler

	mu      sync.Mutex
	left    int    // queries until it acts; 0: it does not
	act     func() // called at that query, before its answer
	hold    bool   // that query and all later ones get no answer
	holding bool
	let     chan struct{} // closed when the client has left a held query
}

// at has the gate act at the n-th query from now. With hold the client gets no
// more answers from there on, and the channel tells when it leaves.
func (g *gate) at(n int, hold bool, act func()) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left, g.act, g.hold, g.holding, g.let = n, act, hold, false, make(chan struct{})
	return g.let
}

// open ends what at has begun.
func (g *gate) open() { g.at(0, false, nil) }

// through has all requests from now on go through h, which hands them on to what is
// behind the gate.
func (g *gate) through(h func(api http.Handler) http.Handler) {
	g.behind.Lock()
	defer g.behind.Unlock()
	g.api = h(g.api)
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.behind.Lock()
	api := g.api
	g.behind.Unlock()
	if r.URL.Path != genesystest.QueryPath {
		api.ServeHTTP(w, r)
		return
	}
	g.mu.Lock()
	g.left--
	if g.left == 0 {
		g.act()
		g.holding = g.hold
	}
	held, let := g.holding, g.let
	g.mu.Unlock()
	if !held {
		api.ServeHTTP(w, r)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body) // only then net/http sees the client leave
	<-r.Context().Done()
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-let: // another has told already
	default:
		close(let)
	}
}

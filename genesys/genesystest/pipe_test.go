package genesystest

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestPipeLeavesNothingBehind runs in a bubble, which fails if a goroutine is
// left when the test returns.
func TestPipeLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Conversations: 50, MeanSize: 20_000, Latency: func(Request) time.Duration { return time.Second }})
		rt, closePipe := Pipe(s)
		client := &http.Client{Transport: rt}
		var readers sync.WaitGroup
		for n := range 20 {
			readers.Go(func() {
				r := tokenRequest(Conversations, "client", "secret")
				r.RequestURI, r.URL.Host = "", fmt.Sprintf("host-%d.test", n%3)
				answer, err := client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				defer func() { _ = answer.Body.Close() }()
				readAll(t, answer.Body)
			})
		}
		readers.Wait()
		closePipe()
		closePipe()
		if _, err := client.Get("http://api.test/"); err == nil {
			t.Error("served after close")
		}
	})
}

// TestPipeCloseEndsWhatIsUnderWay closes with requests in every kind of wait.
func TestPipeCloseEndsWhatIsUnderWay(t *testing.T) {
	for name, fault := range map[string]*Fault{"slow": Slow(time.Hour), "stall": Stall(time.Hour)} {
		synctest.Test(t, func(t *testing.T) {
			s := settled(Config{Conversations: 30, Queues: []string{"only"}})
			token := signIn(t, s)
			s.Script(func(Request) *Fault { return fault })
			rt, closePipe := Pipe(s)
			start := time.Now()
			time.AfterFunc(time.Minute, closePipe)
			answer, err := rt.RoundTrip(queryRequest(Conversations, token,
				bodyFor(Conversations, "only", noon().Add(-24*time.Hour), noon(), 1, 10), 1, 10))
			if err == nil {
				_, err = io.ReadAll(answer.Body)
				_ = answer.Body.Close()
			}
			if err == nil || time.Since(start) != time.Minute {
				t.Errorf("%s: ended with %v after %s", name, err, time.Since(start))
			}
		})
	}
}

func TestClientThatGoesAwayIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := settled(Config{Conversations: 30, Queues: []string{"only"}, Latency: func(Request) time.Duration { return time.Hour }})
		rt, closePipe := Pipe(s)
		defer closePipe()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r := queryRequest(Conversations, "x", bodyFor(Conversations, "only", noon().Add(-time.Hour), noon(), 1, 10), 1, 10)
		if _, err := rt.RoundTrip(r.WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}
		synctest.Wait()
		if seen := s.Requests(); len(seen) != 1 || seen[0].Status != 0 {
			t.Errorf("the journal says %+v", seen)
		}
	})
}

func TestGzipForClientsThatAcceptIt(t *testing.T) {
	a := newAsker(t, settled(Config{Conversations: 30, Queues: []string{"only"}, Gzip: true}))
	plain := a.raw("only", noon().Add(-24*time.Hour), noon(), 1, 10)
	if plain.Header().Get("Content-Encoding") != "" {
		t.Error("compressed for a client that did not ask")
	}
	r := queryRequest(Conversations, a.token, bodyFor(Conversations, "only", noon().Add(-24*time.Hour), noon(), 1, 10), 1, 10)
	r.Header.Set("Accept-Encoding", "gzip")
	w := serve(a, r)
	if w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() >= plain.Body.Len()/2 {
		t.Fatalf("%d bytes of %d, encoding %q", w.Body.Len(), plain.Body.Len(), w.Header().Get("Content-Encoding"))
	}
	unzip, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if string(readAll(t, unzip)) != plain.Body.String() {
		t.Error("unpacked it is another answer")
	}
}

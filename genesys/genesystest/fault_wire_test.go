package genesystest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestFaultsOnTheWire meets the faults that only a connection shows, over a
// socket and over a pipe.
func TestFaultsOnTheWire(t *testing.T) {
	for _, c := range []struct {
		fault *Fault
		token bool
		body  bool // whether an answer begins at all
	}{
		{Truncated(50), false, true},
		{Truncated(-1), false, true},
		{Truncated(0), false, true},
		{Truncated(5), true, true},
		{Reset(), false, false},
		{Reset(), true, false},
	} {
		s := settled(Config{Conversations: 30, Queues: []string{"only"}})
		token := signIn(t, s)
		s.Script(func(Request) *Fault { return c.fault })
		attempt := func(client *http.Client, base string) {
			t.Helper()
			r := queryRequest(Conversations, token, bodyFor(Conversations, "only", noon().Add(-24*time.Hour), noon(), 1, 10), 1, 10)
			if c.token {
				r = tokenRequest(Conversations, "client", "secret")
				r.RequestURI = ""
			}
			r.URL.Host = strings.TrimPrefix(base, "http://")
			answer, err := client.Do(r)
			if !c.body {
				if err == nil {
					t.Errorf("%s: an answer of status %d", c.fault, answer.StatusCode)
				}
				return
			}
			if err != nil {
				t.Errorf("%s: %v", c.fault, err)
				return
			}
			defer func() { _ = answer.Body.Close() }()
			if _, err := io.ReadAll(answer.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: the body ends with %v", c.fault, err)
			}
		}
		server := httptest.NewServer(s)
		attempt(server.Client(), server.URL)
		server.Close()
		rt, closePipe := Pipe(s)
		attempt(&http.Client{Transport: rt}, "http://anywhere.test")
		closePipe()
		seen := s.Requests()
		if last := seen[len(seen)-1]; last.Fault != c.fault.String() || (last.Status == 200) != c.body {
			t.Errorf("%s: the journal says %+v", c.fault, last)
		}
	}
}

// TestWaits measures, in fake time, how long answers take.
func TestWaits(t *testing.T) {
	for _, c := range []struct {
		name    string
		latency time.Duration
		fault   *Fault
		head    time.Duration // until the head of the answer
		whole   time.Duration // until its end
	}{
		{"none", 0, nil, 0, 0},
		{"latency", 3 * time.Second, nil, 3 * time.Second, 3 * time.Second},
		{"slow", 3 * time.Second, Slow(time.Minute), 63 * time.Second, 63 * time.Second},
		{"stall", 0, Stall(time.Hour), 0, time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := settled(Config{Conversations: 30, Queues: []string{"only"},
				Latency: func(r Request) time.Duration {
					if r.Token {
						return 0
					}
					return c.latency
				}})
			token := signIn(t, s)
			s.Script(func(Request) *Fault { return c.fault })
			rt, closePipe := Pipe(s)
			defer closePipe()
			start := time.Now()
			answer, err := rt.RoundTrip(queryRequest(Conversations, token,
				bodyFor(Conversations, "only", noon().Add(-24*time.Hour), noon(), 1, 10), 1, 10))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			if got := time.Since(start); got != c.head {
				t.Errorf("%s: the head came after %s, want %s", c.name, got, c.head)
			}
			if body := readAll(t, answer.Body); !json.Valid(body) {
				t.Errorf("%s: the body is damaged", c.name)
			}
			if got := time.Since(start); got != c.whole {
				t.Errorf("%s: the end came after %s, want %s", c.name, got, c.whole)
			}
		})
	}
}

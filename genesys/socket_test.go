package genesys

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// The tests of this file go over sockets, through net/http's own transport. They
// wait for signals, and TestMain checks that no goroutine is left.

// overSockets serves a simulator under a path of a gateway.
func overSockets(t *testing.T, config genesystest.Config, change func(*Config)) (*genesystest.Simulator, *Client, Query) {
	t.Helper()
	sim := genesystest.New(simple(config))
	server := httptest.NewServer(http.StripPrefix("/gateway", sim))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		Dialect: Conversations, APIURL: server.URL + "/gateway", LoginURL: server.URL + "/gateway",
		ClientID: genesystest.DefaultClientID, ClientSecret: genesystest.DefaultClientSecret,
		RequestsPerMinute: 60_000, ReadAhead: 4, Timeout: time.Minute, MaxResponseBytes: 64 << 20,
	}
	change(&c)
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.http.CloseIdleConnections)
	return sim, client, Query{Dialect: Conversations, Host: base.Host, Queue: queue,
		From: day, To: day.AddDate(0, 0, 1), PageSize: 10}
}

func TestAWalkOverSockets(t *testing.T) {
	sim, client, q := overSockets(t, genesystest.Config{Conversations: 200, Gzip: true}, func(*Config) {})
	n := 0
	for page, err := range client.Pages(t.Context(), q, Cursor{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			if truth, ok := sim.Conversation(r.ID); !ok || string(truth.JSON) != string(r.Raw) {
				t.Errorf("record %s is not as it was sent", r.ID)
			}
			n++
		}
	}
	if n != 200 {
		t.Errorf("%d records", n)
	}
}

// A server may close an idle connection just as the next request is sent. The
// query is a pure read, so it is sent again at once and nobody is told.
func TestAConnectionClosedWhileIdleIsNoIncident(t *testing.T) {
	var incidents atomic.Int64
	sim, client, q := overSockets(t, genesystest.Config{Conversations: 5}, func(c *Config) {
		c.Observe = func(Incident) { incidents.Add(1) }
	})
	if err := client.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	sim.Script(func(r genesystest.Request) *genesystest.Fault {
		if r.Attempt == 1 {
			return genesystest.Reset()
		}
		return nil
	})
	if _, err := walk(t.Context(), client, q, Cursor{}); err != nil {
		t.Fatal(err)
	}
	if incidents.Load() != 0 {
		t.Error("an incident was told")
	}
}

func TestCancellingEndsAWalkOverSockets(t *testing.T) {
	asked := make(chan struct{}, 64)
	sim, client, q := overSockets(t, genesystest.Config{Conversations: 200}, func(*Config) {})
	sim.Script(func(r genesystest.Request) *genesystest.Fault {
		if r.Page < 3 {
			return nil
		}
		asked <- struct{}{}
		return genesystest.Stall(time.Hour)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for range 4 { // pages 3 to 6, page 2 being in hand
			<-asked
		}
		cancel()
	}()
	pages, err := walk(ctx, client, q, Cursor{})
	if !errors.Is(err, context.Canceled) || len(pages) != 2 {
		t.Errorf("%d pages, error %v", len(pages), err)
	}
	if !client.memory.free.TryAcquire(client.memory.bound) {
		t.Error("memory was not given back")
	}
}

// Nobody listens, or the name is unknown: that may pass, and the text names the
// URL once and no secret.
func TestAServerThatIsNotThereIsWaitedFor(t *testing.T) {
	told := make(chan Incident, 1)
	_, client, q := overSockets(t, genesystest.Config{Conversations: 1}, func(c *Config) {
		c.LoginURL = "http://127.0.0.1:1"
		c.Observe = func(i Incident) { told <- i }
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := walk(ctx, client, q, Cursor{})
		ended <- err
	}()
	i := <-told
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	text := i.Err.Error()
	if i.Err.Kind != Passing || strings.Count(text, "http://127.0.0.1:1/oauth/token") != 1 || !errors.Is(i.Err, syscall.ECONNREFUSED) {
		t.Errorf("told %q", text)
	}
}

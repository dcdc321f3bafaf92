package genesys

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// queueIDs are ids of queues, as the API writes them.
func queueIDs(from, n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("%08x-5f0c-4d2b-9a55-3a1d7c1f0b11", from+i))
	}
	return ids
}

func asked(ids ...[]string) (all []QueueID) {
	for _, some := range ids {
		for _, id := range some {
			all = append(all, QueueID(id))
		}
	}
	return all
}

// mustFind expects that a lookup finds those queues, with their names, in so many requests.
func (w *world) mustFind(c *Client, ask []QueueID, want []string, requests int) {
	w.Helper()
	w.must(c.Login(w.Context()))
	before := len(w.queries())
	names, err := c.Queues(w.Context(), ask)
	w.must(err)
	all := map[QueueID]string{}
	for _, id := range want {
		all[QueueID(id)] = w.sim.QueueName(id)
	}
	if !maps.Equal(names, all) {
		w.Errorf("%d found of %d, want %d: %.300v", len(names), len(ask), len(all), names)
	}
	w.mustEqual("requests", len(w.queries())-before, requests)
}

func TestQueuesAreLookedUpInFewRequests(t *testing.T) {
	for _, d := range []genesystest.Dialect{genesystest.Conversations, genesystest.Entities} {
		inWorld(t, genesystest.Config{Dialect: d, Queues: queueIDs(0, 250), HiddenQueues: queueIDs(200, 10)}, func(w *world) {
			c, ids, unknown := w.client(), w.sim.Queues(), queueIDs(9000, 3)
			w.mustFind(c, nil, nil, 0)
			w.mustFind(c, asked(ids[:1]), ids[:1], 1)
			w.mustFind(c, asked(ids[:100]), ids[:100], 1)
			w.mustFind(c, asked(ids[:101]), ids[:101], 2)
			w.mustFind(c, asked(ids[:1], ids[:1], ids[:1]), ids[:1], 1)
			w.mustFind(c, asked(unknown), nil, 2) // one of them alone, too
			w.mustFind(c, asked(slices.Repeat(unknown, 50)), nil, 2)
			w.mustFind(c, asked(ids[198:201], unknown), ids[198:200], 2)
			w.mustFind(c, asked(ids), append(ids[:200:200], ids[210:]...), 4)
		})
	}
}

// A configuration may have its ids in capitals, which the API does not write.
func TestAQueueIsFoundHoweverItsIDIsWritten(t *testing.T) {
	inWorld(t, genesystest.Config{Queues: queueIDs(0xabc, 1)}, func(w *world) {
		id := w.sim.Queues()[0]
		w.sim.Script(func(genesystest.Request) *genesystest.Fault { return genesystest.FilterIgnored() })
		names, err := w.client().Queues(w.Context(), asked([]string{strings.ToUpper(id), id}))
		w.must(err)
		name := w.sim.QueueName(id)
		w.mustEqual("found", names, map[QueueID]string{QueueID(strings.ToUpper(id)): name, QueueID(id): name})
	})
}

// A server that does not filter is read until all are found; where one is not, to its end,
// and once at that.
func TestAServerThatDoesNotFilter(t *testing.T) {
	inWorld(t, genesystest.Config{Queues: queueIDs(0, 1000), HiddenQueues: queueIDs(500, 1)}, func(w *world) {
		w.sim.Script(func(genesystest.Request) *genesystest.Fault { return genesystest.FilterIgnored() })
		c, ids, unknown := w.client(), w.sim.Queues(), queueIDs(9000, 250)
		w.mustFind(c, asked(unknown[:1]), nil, 10)
		w.mustFind(c, asked(unknown), nil, 10)
		w.mustFind(c, asked(ids[500:501], ids[:1]), ids[:1], 10)
		w.mustFind(c, asked(ids[:500], ids[501:]), append(ids[:500:500], ids[501:]...), 10)
		first := firstByName(w.sim)
		w.mustFind(c, asked([]string{first}), []string{first}, 1)
	})
}

// A server that takes one id of several is found out: a queue that is seen is not told of as
// one that is not.
func TestAServerThatTakesOneIDOfSeveral(t *testing.T) {
	inWorld(t, genesystest.Config{Queues: queueIDs(0, 5), HiddenQueues: queueIDs(4, 1)}, func(w *world) {
		c := w.client(func(c *Config) { c.Transport = oneID{w.transport} })
		ids := w.sim.Queues()
		w.mustFind(c, asked(ids), ids[:4], 6) // together, which is the hidden one, then each alone
		w.mustFind(c, asked(ids[:3]), ids[:3], 3)
	})
}

// oneID keeps the last id of a lookup.
type oneID struct{ http.RoundTripper }

func (o oneID) RoundTrip(req *http.Request) (*http.Response, error) {
	params := req.URL.Query()
	if ids := params["id"]; len(ids) > 1 {
		params["id"] = ids[len(ids)-1:]
		req = req.Clone(req.Context())
		req.URL.RawQuery = params.Encode()
	}
	return o.RoundTripper.RoundTrip(req)
}

func firstByName(sim *genesystest.Simulator) (first string) {
	for n, id := range sim.Queues() {
		if n != 500 && (first == "" || sim.QueueName(id) < sim.QueueName(first)) {
			first = id
		}
	}
	return first
}

func TestALookupThatIsRefusedSaysWhatItMeans(t *testing.T) {
	status := genesystest.Status
	for _, row := range []struct {
		fault *genesystest.Fault // nil: the client lacks the permission
		kind  Kind
		says  string
		times int
	}{
		{nil, Forbidden, `status 403 missing.permissions "Unable to perform the requested action. You are missing the following permission(s): routing:queue:view"`, 1},
		{nil, Forbidden, "a role with the permission routing:queue:view. Walking them does not", 1},
		{status(404, "not.found", "No."), Rejected, "the server does not have this call", 1},
		{status(400, "bad.request", "No."), Rejected, "does not accept their ids", 1},
		{status(405, "method.not.allowed", "No."), Rejected, "status 405", 1},
		{status(409, "conflict", "No."), Rejected, "status 409", 1},
		{status(413, "too.large", "No."), Rejected, "gateway", 1},
		{status(501, "not.implemented", "No."), Rejected, "does not know this call", 1},
		{genesystest.EdgeError(302), Rejected, "status 302", 1},
		{genesystest.EdgeError(403), Rejected, "gateway or proxy", 1 + strangersAgain},
		{genesystest.EdgeError(404), Rejected, "does not have this call", 1 + strangersAgain},
		{status(403, "", "Forbidden"), Rejected, "gateway or proxy", 1 + strangersAgain},
	} {
		t.Run(row.says, func(t *testing.T) {
			inWorld(t, genesystest.Config{Conversations: 3, NoQueueView: row.fault == nil}, func(w *world) {
				w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
					if r.Path == genesystest.QueuesPath {
						return row.fault
					}
					return nil
				})
				c := w.client()
				found, err := c.Queues(w.Context(), []QueueID{queue, "another"})
				var e *Error
				if !errors.As(err, &e) || e.Kind != row.kind || e.StopsService() || found != nil {
					w.Fatalf("found %v, error %v", found, err)
				}
				const op = "looking up queues: page 1: GET http://api.test/api/v2/routing/queues: status "
				if text := err.Error(); !strings.HasPrefix(text, op) || !strings.Contains(text, row.says) {
					w.Errorf("error %q, want %q and %q", text, op, row.says)
				}
				w.mustEqual("requests", len(w.queries()), row.times)
				w.mustEqual("incidents", len(w.told()), 0)
				_, err = walk(w.Context(), c, w.query(4), Cursor{})
				w.must(err)
			})
		})
	}
}

// What passes is waited for, and nobody is told: no walk waits.
func TestALookupWaitsForWhatPasses(t *testing.T) {
	for _, fault := range []*genesystest.Fault{
		unavailable, genesystest.Status(500, "internal.server.error", "No."), genesystest.EdgeError(502), genesystest.Status(504, "request.timeout", "No."),
		genesystest.Status(408, "client.timeout", "No."), genesystest.Reset(), genesystest.Truncated(9),
	} {
		t.Run(fault.String(), func(t *testing.T) {
			inWorld(t, genesystest.Config{}, func(w *world) {
				w.sim.Script(failing(9, false, fault))
				w.mustFind(w.client(), []QueueID{queue}, []string{queue}, 10)
				w.mustClimb(w.queries(), 10)
				w.mustEqual("incidents", len(w.told()), 0)
			})
		})
	}
}

func TestALookupRenewsATokenThatWasRefused(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		c, m := w.measured()
		w.must(c.Login(w.Context()))
		w.sim.RevokeTokens()
		w.mustFind(c, []QueueID{queue}, []string{queue}, 2)
		w.mustEqual("exchanges", briefs(m.all()), []string{"token 200", "queues 401", "token 200", "queues 200 again"})
	})
	inWorld(t, genesystest.Config{}, func(w *world) {
		w.sim.Script(failing(9, false, genesystest.Unauthorized()))
		_, err := w.client().Queues(w.Context(), []QueueID{queue})
		if e := new(*Error); !errors.As(err, e) || (*e).Kind != Unauthorized || !(*e).StopsService() {
			w.Errorf("error %v", err)
		}
		w.mustEqual("requests", len(w.queries()), 2)
	})
}

// The budget is everybody's: a lookup that is told to stay away tells it, and so do walks.
func TestALookupThatIsToldToStayAwayClosesTheBudget(t *testing.T) {
	inWorld(t, genesystest.Config{Conversations: 3, Latency: func(genesystest.Request) time.Duration { return latency }}, func(w *world) {
		w.sim.Script(failing(1, false, genesystest.TooManyRequests("600")))
		c := w.client()
		w.must(c.Login(w.Context()))
		looking := make(chan error)
		go func() {
			_, err := c.Queues(w.Context(), []QueueID{queue})
			looking <- err
		}()
		time.Sleep(time.Second)
		w.sim.Script(nil)
		began := time.Now()
		_, err := walk(w.Context(), c, w.query(4), Cursor{})
		w.must(err)
		if waited := time.Since(began); waited < 10*time.Minute {
			w.Errorf("the walk waited for %v", waited)
		}
		w.must(<-looking)
		if told := w.told(); len(told) != 2 || told[0].Until.IsZero() || !told[1].Over || told[1].Open {
			w.Errorf("told %+v, want until when, and the end", told)
		}
	})
}

func TestALookupEndsWithItsContext(t *testing.T) {
	inWorld(t, genesystest.Config{}, func(w *world) {
		w.sim.Script(outage(24*time.Hour, unavailable))
		ctx, cancel := context.WithTimeout(w.Context(), time.Hour)
		defer cancel()
		if found, err := w.client().Queues(ctx, []QueueID{queue}); !errors.Is(err, context.DeadlineExceeded) || found != nil {
			w.Errorf("found %v, error %v", found, err)
		}
	})
}

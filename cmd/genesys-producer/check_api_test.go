package main

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// nowhere is an address at which nobody listens.
func nowhere(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// apiRow is something wrong with the API, or with what is asked of it.
type apiRow struct {
	name         string
	organisation genesystest.Config
	script       func(genesystest.Request) *genesystest.Fault
	changes      []string
	code         int
	others       []string // verdicts that are not ok
	must         func(c *checkup)
}

func TestCheckTheAPI(t *testing.T) {
	blind := []string{"unknown query", "unknown queue", "unknown rate"}
	refuse := func(place string, f *genesystest.Fault) func(genesystest.Request) *genesystest.Fault {
		return func(r genesystest.Request) *genesystest.Fault {
			if r.Path == place {
				return f
			}
			return nil
		}
	}
	closed := "http://" + nowhere(t)
	for _, row := range []apiRow{
		{name: "wrong secret", changes: []string{"GENESYS_CLIENT_SECRET=" + wrongWord}, code: failed, others: append(blind, "fail login"),
			must: func(c *checkup) {
				c.must(fails, "login", "", "status 401 invalid_client", "check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET")
				c.must(fine, "clock", "", "agree", "")
			}},
		{name: "nobody listens", changes: []string{"GENESYS_API_URL=" + closed, "GENESYS_LOGIN_URL=" + closed}, code: failed, others: append(blind, "fail login", "unknown clock"),
			must: func(c *checkup) {
				c.must(fails, "login", "", "no good answer within 12s: POST "+closed, "check GENESYS_DOMAIN")
				c.must(fails, "login", "", "connection refused", "check GENESYS_DOMAIN")
			}},
		{name: "always 503", script: refuse(genesystest.TokenPath, genesystest.Status(http.StatusServiceUnavailable, "service.unavailable", "")), code: failed, others: append(blind, "fail login"),
			must: func(c *checkup) { c.must(fails, "login", "", "status 503", "the vendor's trouble") }},
		{name: "no permission to query", script: refuse(genesystest.QueryPath, genesystest.Forbidden()), code: failed, others: []string{"fail query"},
			must: func(c *checkup) {
				c.must(fails, "query", "", "missing.any.permissions", "grant a role with the permission analytics:conversationDetail:view")
				c.must(fine, "queue", "", "seen by the client: 2 queues: conversations of the last 24 h were not asked for (the first query was not answered)", "")
			}},
		{name: "hidden queue", organisation: genesystest.Config{HiddenQueues: []string{"queue-of-sales"}}, code: done, others: []string{"warn queue"},
			must: func(c *checkup) {
				c.must(warns, "queue", "queue-of-sales", "not seen by the client: no conversation in the last 24 h. It does not exist", "correct the id in GENESYS_QUEUES")
				c.must(fine, "queue", "queue-of-support", "is seen by the client", "")
			}},
		{name: "no permission to look up", organisation: genesystest.Config{NoQueueView: true}, code: done, others: []string{"unknown queue"},
			must: func(c *checkup) {
				c.must(unsure, "queue", "", "nobody can tell whether the client sees the queues", "grant a role with the permission routing:queue:view")
				c.must(fine, "queue", "queue-of-sales", "conversations in the last 24 h", "")
			}},
		{name: "no conversations", organisation: genesystest.Config{Conversations: -1}, code: done, others: []string{"warn queue", "warn queue"},
			must: func(c *checkup) {
				c.must(warns, "queue", "queue-of-sales", "no conversation in the last 24 h", "wrong id")
			}},
		{name: "clock ahead", organisation: genesystest.Config{Now: clockAhead(10 * time.Minute).now}, code: done, others: []string{"warn clock"},
			must: func(c *checkup) { c.must(warns, "clock", "", "ahead of this machine's", "set this machine's clock") }},
		{name: "smaller allowance", organisation: genesystest.Config{RequestsPerMinute: 200}, code: done, others: []string{"warn rate"},
			must: func(c *checkup) {
				c.must(warns, "rate", "", "allows 200 requests a minute, and GENESYS_REQUESTS_PER_MINUTE is 300", "GENESYS_REQUESTS_PER_MINUTE=200")
			}},
		{name: "many hidden queues", organisation: genesystest.Config{Queues: manyQueues(30), HiddenQueues: manyQueues(30), Conversations: -1}, code: done, others: slices.Repeat([]string{"warn queue"}, 21),
			must: func(c *checkup) {
				c.must(warns, "queue", "", "10 queues not seen by the client: queue-020, ", "correct the id in GENESYS_QUEUES")
			}},
		{name: "allowance used up", organisation: genesystest.Config{RequestsPerMinute: 1}, code: done, others: []string{"unknown query", "warn rate"},
			must: func(c *checkup) {
				c.must(unsure, "query", "", "the allowance of requests is used up until 20", "run check again then")
				c.must(fine, "queue", "", "were not asked for (the first query was not answered)", "")
			}},
		{name: "429 to queries", script: refuse(genesystest.QueryPath, genesystest.TooManyRequests("40")), code: done, others: []string{"unknown query"},
			must: func(c *checkup) {
				c.must(unsure, "query", "", "the allowance of requests is used up until 20", "give each user a client of its own")
			}},
		{name: "one queue's query is refused", organisation: genesystest.Config{Queues: manyQueues(3), NoQueueView: true}, script: func(r genesystest.Request) *genesystest.Fault {
			if r.Queue == "queue-001" {
				return genesystest.Status(http.StatusBadRequest, "bad.request", "not an id")
			}
			return nil
		}, code: failed, others: []string{"fail queue", "unknown queue"},
			must: func(c *checkup) {
				c.must(fails, "queue", "queue-001", `its conversations cannot be asked for: POST `, "")
				c.must(fails, "queue", "queue-001", `status 400 bad.request "not an id"`, "")
				c.must(fine, "queue", "queue-002", "conversations in the last 24 h", "")
			}},
		{name: "the query of the first queue is refused", organisation: genesystest.Config{Queues: manyQueues(3), HiddenQueues: []string{"queue-001"}}, script: func(r genesystest.Request) *genesystest.Fault {
			if r.Queue == "queue-001" { // which is in doubt, and asked first
				return genesystest.Status(http.StatusBadRequest, "bad.request", "not an id")
			}
			return nil
		}, code: failed, others: []string{"fail queue"},
			must: func(c *checkup) {
				c.must(fine, "query", "", "conversations can be asked for", "")
				c.must(fails, "queue", "queue-001", `status 400 bad.request "not an id"`, "")
				c.must(fine, "queue", "queue-000", "conversations in the last 24 h", "")
				c.must(fine, "queue", "queue-002", "conversations in the last 24 h", "")
			}},
		{name: "every query is refused", script: refuse(genesystest.QueryPath, genesystest.Status(http.StatusBadRequest, "bad.request", "No.")), code: failed, others: []string{"fail query"},
			must: func(c *checkup) {
				c.must(fails, "query", "", `status 400 bad.request "No."`, "")
				c.must(fine, "queue", "", "2 queues: conversations of the last 24 h were not asked for", "")
			}},
		{name: "one queue's query is not answered", script: func(r genesystest.Request) *genesystest.Fault {
			if r.Queue == "queue-of-support" {
				return genesystest.Status(http.StatusServiceUnavailable, "service.unavailable", "")
			}
			return nil
		}, code: failed, others: []string{"fail queue"},
			must: func(c *checkup) {
				c.must(fails, "queue", "queue-of-support", "no good answer within 12s: ", "the vendor's trouble")
			}},
		{name: "429 to the second query", script: func(r genesystest.Request) *genesystest.Fault {
			if r.Queue == "queue-of-support" {
				return genesystest.TooManyRequests("40")
			}
			return nil
		}, code: done,
			must: func(c *checkup) {
				c.must(fine, "queue", "queue-of-sales", "conversations in the last 24 h", "")
				c.must(fine, "queue", "", "1 queue: conversations of the last 24 h were not asked for (that takes a request each, and there was no time for more)", "")
			}},
		{name: "429 to the login", script: refuse(genesystest.TokenPath, genesystest.TooManyRequests("")), code: done, others: append(blind, "unknown login"),
			must: func(c *checkup) {
				c.must(unsure, "login", "", "the allowance of requests is used up until 20", "run check again then")
			}},
		{name: "a request in 15 s", changes: []string{"GENESYS_REQUESTS_PER_MINUTE=4"}, code: done, others: []string{"unknown query", "unknown queue", "unknown queue", "unknown rate"},
			must: func(c *checkup) {
				c.must(unsure, "query", "", "GENESYS_REQUESTS_PER_MINUTE=4 lets a request be sent every 15s only", "set it to what the vendor allows")
			}},
		{name: "500 queues", organisation: genesystest.Config{Queues: manyQueues(500), Conversations: 10_000}, changes: []string{"WINDOW_LENGTH=1m"}, code: failed, others: []string{"fail budget"},
			must: func(c *checkup) {
				c.must(fails, "budget", "", "500 queues in windows of 1m need 500 requests a minute or more, 172 % of the 291 that are sent at most (97 % of GENESYS_REQUESTS_PER_MINUTE=300)", "set a longer WINDOW_LENGTH")
				c.must(fine, "queue", "", "480 queues: conversations of the last 24 h were not asked for", "")
			}},
		{name: "200 queues", organisation: genesystest.Config{Queues: manyQueues(200), Conversations: 10_000}, changes: []string{"WINDOW_LENGTH=1m"}, code: done, others: []string{"warn budget"},
			must: func(c *checkup) {
				c.must(warns, "budget", "", "more than half goes into asking", "set a longer WINDOW_LENGTH")
			}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newChecked(t, deliveries[0], row.organisation)
			w.sim.Script(row.script)
			w.environment["GENESYS_QUEUES"] = strings.Join(w.sim.Queues(), ",")
			c := w.check(row.changes...)
			c.mustOnly(row.code, row.others...)
			row.must(c)
		})
	}
}

func manyQueues(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("queue-%03d", i))
	}
	return ids
}

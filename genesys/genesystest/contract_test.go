package genesystest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// errorAnswer is the model ErrorBody.
type errorAnswer struct {
	Message   string
	Code      string
	Status    int
	ContextID string
	Details   []any
	Errors    []any
}

func readError(t *testing.T, raw []byte) errorAnswer {
	t.Helper()
	var read errorAnswer
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatalf("no ErrorBody: %v: %.300s", err, raw)
	}
	if read.Details == nil || read.Errors == nil {
		t.Errorf("details and errors are not written out: %.300s", raw)
	}
	return read
}

// breach is a request that differs from a good one in one respect.
type breach struct {
	name     string
	old, new string                // replaced in the body
	change   func(r *http.Request) // or in the request
	status   int
	says     string // part of the message, or the code
}

func common() []breach {
	return []breach{
		{name: "GET", change: func(r *http.Request) { r.Method = "GET" }, status: 405, says: "405"},
		{name: "another path", change: func(r *http.Request) { r.URL.Path += "/x" }, status: 404, says: "not.found"},
		{name: "no content type", change: func(r *http.Request) { r.Header.Del("Content-Type") }, status: 415},
		{name: "form", change: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, status: 415},
		{name: "no token", change: func(r *http.Request) { r.Header.Del("Authorization") }, status: 401, says: "authentication.required"},
		{name: "basic", change: func(r *http.Request) { r.SetBasicAuth("client", "secret") }, status: 401, says: "authentication.required"},
		{name: "unknown token", change: func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, status: 401, says: "bad.credentials"},
		{name: "not JSON", old: `{"`, new: `<"`, status: 400, says: "JSON object"},
		{name: "cut JSON", old: `]}`, new: `]`, status: 400, says: "malformed"},
		{name: "something after it", old: "]}\x00", new: `]}{}`, status: 400, says: "follows"},
		{name: "unknown field", old: `{"`, new: `{"cursor":"x","`, status: 400, says: `unrecognized field \"cursor\"`},
		{name: "much too large", old: `{"`, new: `{"` + strings.Repeat("x", largestBody), status: 413, says: "512000"},
	}
}

func conversationsBreaches() []breach {
	const interval = `"interval":"2026-03-01T12:00:00.000Z/2026-03-02T12:00:00.000Z"`
	return append(common(), []breach{
		{name: "query string", change: func(r *http.Request) { r.URL.RawQuery = "pageNumber=1" }, status: 400, says: "no query parameters"},
		{name: "another case", old: `"order"`, new: `"Order"`, status: 400, says: "unrecognized field"},
		{name: "doubled field", old: `{"interval"`, new: `{"order":"asc","interval"`, status: 400, says: "twice"},
		{name: "no interval", old: interval + ",", new: "", status: 400, says: "must specify a search interval"},
		{name: "null interval", old: interval, new: `"interval":null`, status: 400, says: "must specify a search interval"},
		{name: "half an interval", old: interval, new: `"interval":"2026-03-01T12:00:00Z"`, status: 400, says: "invalid.date"},
		{name: "no ISO date", old: "2026-03-01T12:00:00.000Z/", new: "01.03.2026 12:00/", status: 400, says: "invalid.date"},
		{name: "no time of day", old: "2026-03-01T12:00:00.000Z/", new: "2026-03-01/", status: 400, says: "invalid.date"},
		{name: "no zone", old: "2026-03-01T12:00:00.000Z/", new: "2026-03-01T12:00:00/", status: 400, says: "invalid.date"},
		{name: "empty interval", old: "2026-03-01", new: "2026-03-02", status: 400, says: "before it ends"},
		{name: "backward", old: "2026-03-01", new: "2026-03-05", status: 400, says: "before it ends"},
		{name: "over 31 days", old: "2026-03-01", new: "2026-01-29", status: 400, says: "does not exceed 31 days."},
		{name: "page 0", old: `"pageNumber":1`, new: `"pageNumber":0`, status: 400, says: "pageNumber"},
		{name: "page as text", old: `"pageNumber":1`, new: `"pageNumber":"1"`, status: 400, says: "pageNumber"},
		{name: "no page", old: `,"pageNumber":1`, new: ``, status: 400, says: "both required"},
		{name: "no size", old: `"pageSize":100,`, new: ``, status: 400, says: "both required"},
		{name: "101 a page", old: `"pageSize":100`, new: `"pageSize":101`, status: 400, says: "pageSize"},
		{name: "none a page", old: `"pageSize":100`, new: `"pageSize":0`, status: 400, says: "pageSize"},
		{name: "page 1001", old: `"pageNumber":1`, new: `"pageNumber":1001`, status: 400, says: "Pagination may not exceed 100000 results. "},
		{name: "a page beyond all", old: `"pageNumber":1`, new: `"pageNumber":9000000000000000000`, status: 400, says: "Pagination may not exceed"},
		{name: "order", old: `"order":"asc"`, new: `"order":"up"`, status: 400, says: "Value [up] is not valid for field type [Order]. Allowable values are: asc, desc, unordered"},
		{name: "orderBy", old: `"conversationStart"`, new: `"startTime"`, status: 400, says: "Value [startTime]"},
		{name: "filter type", old: `"type":"or"`, new: `"type":""`, status: 400, says: "Value [] is not valid for field type [QueryFilterType]. Allowable values are: and, or"},
		{name: "no predicates", old: `"predicates":[{`, new: `"predicates":[],"x":[{`, status: 400},
		{name: "filter of another kind", old: `"queueId"`, new: `"mediaType"`, status: 400, says: "not simulated"},
		{name: "operator", old: `"matches"`, new: `"eq"`, status: 400, says: "Value [eq]"},
		{name: "predicate of another type", old: `"type":"dimension"`, new: `"type":"metric"`, status: 400, says: "not simulated"},
		{name: "the other dialect's field", old: `"operator"`, new: `"field"`, status: 400, says: "unrecognized field"},
	}...)
}

func entitiesBreaches() []breach {
	query := func(raw string) func(*http.Request) { return func(r *http.Request) { r.URL.RawQuery = raw } }
	return append(common(), []breach{
		{name: "no query string", change: query(""), status: 400, says: "is required"},
		{name: "no page number", change: query("pageSize=100"), status: 400, says: "pageNumber is required"},
		{name: "no page size", change: query("pageNumber=1"), status: 400, says: "pageSize is required"},
		{name: "two page numbers", change: query("pageNumber=1&pageNumber=2&pageSize=100"), status: 400, says: "once"},
		{name: "a third parameter", change: query("pageNumber=1&pageSize=100&x=1"), status: 400, says: "unknown query parameter"},
		{name: "page x", change: query("pageNumber=x&pageSize=100"), status: 400, says: "no number"},
		{name: "page 0", change: query("pageNumber=0&pageSize=100"), status: 400, says: "at least 1"},
		{name: "page 1001", change: query("pageNumber=1001&pageSize=100"), status: 400, says: "Pagination may not exceed 100000 results. "},
		{name: "size contradicts", change: query("pageNumber=1&pageSize=99"), status: 400, says: "contradicts"},
		{name: "page contradicts", old: `"size"`, new: `"pageNumber":2,"size"`, status: 400, says: "contradicts"},
		{name: "no dateFrom", old: `"dateFrom":"2026-03-01T12:00:00.000Z",`, new: "", status: 400, says: "dateFrom"},
		{name: "no milliseconds", old: "2026-03-01T12:00:00.000Z", new: "2026-03-01T12:00:00Z", status: 400, says: "invalid.date"},
		{name: "not UTC", old: "2026-03-01T12:00:00.000Z", new: "2026-03-01T12:00:00.000+01:00", status: 400, says: "invalid.date"},
		{name: "over 31 days", old: "2026-03-01", new: "2026-01-29", status: 400, says: "does not exceed 31 days."},
		{name: "backward", old: "2026-03-01", new: "2026-03-05", status: 400, says: "before it ends"},
		{name: "view", old: `"default"`, new: `"mine"`, status: 400, says: "viewId"},
		{name: "no view", old: `"viewId":"default",`, new: ``, status: 400, says: "viewId"},
		{name: "groupBy", old: `["queueId"]`, new: `["userId"]`, status: 400, says: "groupBy"},
		{name: "filter type", old: `"and"`, new: `"or"`, status: 400, says: "filter"},
		{name: "predicate", old: `"eq"`, new: `"matches"`, status: 400, says: "filter"},
		{name: "field", old: `"queue.id"`, new: `"queueId"`, status: 400, says: "filter"},
		{name: "order field", old: `"startTime"`, new: `"conversationStart"`, status: 400, says: "order"},
		{name: "order direction", old: `"asc"`, new: `"desc"`, status: 400, says: "order"},
		{name: "no order", old: `"order":[{"field":"startTime","direction":"asc"}]`, new: `"order":[]`, status: 400, says: "order"},
		{name: "the other dialect's interval", old: `"dateFrom"`, new: `"interval"`, status: 400, says: "unrecognized field"},
	}...)
}

func TestBreachesOfTheContractAreRefused(t *testing.T) {
	for d, breaches := range map[Dialect][]breach{Conversations: conversationsBreaches(), Entities: entitiesBreaches()} {
		s := settled(Config{Dialect: d, Conversations: 10, RequestsPerMinute: -1, TokenLife: 1000 * time.Hour})
		token := signIn(t, s)
		good := bodyFor(d, s.Queues()[0], noon().Add(-24*time.Hour), noon(), 1, 100)
		if w := serve(s, queryRequest(d, token, good, 1, 100)); w.Code != 200 {
			t.Fatalf("%s: the good request: %d %s", d, w.Code, w.Body)
		}
		for _, b := range breaches {
			t.Run(string(d)+"/"+b.name, func(t *testing.T) {
				body := good
				if b.change == nil {
					if body = strings.Replace(good+"\x00", b.old, b.new, 1); body == good+"\x00" {
						t.Fatalf("%q is not in the body", b.old)
					}
					body = strings.TrimSuffix(body, "\x00")
				}
				r := queryRequest(d, token, body, 1, 100)
				if b.change != nil {
					b.change(r)
				}
				w := serve(s, r)
				read := readError(t, w.Body.Bytes())
				if w.Code != b.status || read.Status != b.status || !strings.Contains(w.Body.String(), b.says) {
					t.Errorf("status %d, want %d with %q: %.300s", w.Code, b.status, b.says, w.Body)
				}
				if id := w.Header().Get("ININ-Correlation-Id"); id == "" || id != read.ContextID {
					t.Errorf("correlation id %q, contextId %q", id, read.ContextID)
				}
				seen := s.Requests()
				if last := seen[len(seen)-1]; last.Status != b.status || last.Refusal != read.Code {
					t.Errorf("the journal says %+v", last)
				}
			})
		}
	}
}

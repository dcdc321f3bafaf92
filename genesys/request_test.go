package genesys

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// recorder is a server that writes down what it was sent. Its token and its page
// are always the same.
type recorder struct {
	token, page string
	requests    []*http.Request
	bodies      []string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.requests, r.bodies = append(r.requests, req), append(r.bodies, string(body))
	answer := r.page
	if strings.HasSuffix(req.URL.Path, "/oauth/token") {
		answer = r.token
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(answer)), Request: req,
	}, nil
}

// record has a client ask for a page and returns what was sent: the request for a
// token, then that for the page.
func record(t *testing.T, dialect Dialect, page Cursor, change func(*Config, *Query)) *recorder {
	t.Helper()
	r := &recorder{token: `{"access_token":"the-token","token_type":"bearer","expires_in":3600}`, page: `{}`}
	c := Config{
		Dialect: dialect, APIURL: "https://api.test", LoginURL: "https://login.test",
		ClientID: "the-id", ClientSecret: "the-secret", RequestsPerMinute: 60_000,
		Timeout: time.Minute, MaxResponseBytes: 1 << 20, UserAgent: "genesys-producer/test", Transport: r,
	}
	q := Query{Dialect: dialect, Host: "api.test", Queue: "the-queue",
		From: day.Add(time.Hour), To: day.Add(2*time.Hour + 3*time.Millisecond), PageSize: 50}
	change(&c, &q)
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := walk(t.Context(), client, q, page); err != nil {
		t.Fatal(err)
	}
	if len(r.requests) != 2 {
		t.Fatalf("%d requests, want 2", len(r.requests))
	}
	return r
}

func asIs(*Config, *Query) {}

func TestTheQueryIsWrittenAsItsDialectHasIt(t *testing.T) {
	for _, row := range []struct {
		dialect   Dialect
		url, body string
	}{
		{Conversations, "https://api.test/api/v2/analytics/conversations/details/query", `{
			"interval": "1999-12-30T01:00:00.000Z/1999-12-30T02:00:00.003Z",
			"order": "asc", "orderBy": "conversationStart",
			"paging": {"pageSize": 50, "pageNumber": 7},
			"segmentFilters": [{"type": "or", "predicates": [
				{"type": "dimension", "dimension": "queueId", "operator": "matches", "value": "the-queue"}]}]}`},
		{Entities, "https://api.test/api/v2/analytics/conversations/details/query?pageNumber=7&pageSize=50", `{
			"dateFrom": "1999-12-30T01:00:00.000Z", "dateTo": "1999-12-30T02:00:00.003Z",
			"viewId": "default", "groupBy": ["queueId"], "size": 50,
			"filter": {"type": "and", "predicates": [{"type": "eq", "field": "queue.id", "value": "the-queue"}]},
			"order": [{"field": "startTime", "direction": "asc"}]}`},
	} {
		t.Run(string(row.dialect), func(t *testing.T) {
			r := record(t, row.dialect, Cursor{Page: 6, Read: 300}, asIs)
			req := r.requests[1]
			if req.Method != http.MethodPost || req.URL.String() != row.url {
				t.Errorf("%s %s, want POST %s", req.Method, req.URL, row.url)
			}
			if got, want := canonical(t, r.bodies[1]), canonical(t, row.body); got != want {
				t.Errorf("body\n got %s\nwant %s", got, want)
			}
			for name, want := range map[string]string{
				"Authorization": "Bearer the-token", "Content-Type": "application/json",
				"Accept": "application/json", "User-Agent": "genesys-producer/test",
			} {
				if got := req.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			var sent bytes.Buffer
			if err := req.Header.Write(&sent); err != nil || strings.Contains(sent.String(), "Idempotency") {
				t.Errorf("headers %q, error %v", sent.String(), err)
			}
		})
	}
}

// canonical writes JSON with its members in order and no white space.
func canonical(t *testing.T, text string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestTheTokenIsAskedForAsTheDialectHasIt(t *testing.T) {
	for _, row := range []struct {
		dialect Dialect
		basic   bool
		form    url.Values
	}{
		{Conversations, true, url.Values{"grant_type": {"client_credentials"}}},
		{Entities, false, url.Values{"grant_type": {"client_credentials"}, "client_id": {"the-id"}, "client_secret": {"the-secret"}}},
	} {
		t.Run(string(row.dialect), func(t *testing.T) {
			r := record(t, row.dialect, Cursor{}, asIs)
			req := r.requests[0]
			if req.Method != http.MethodPost || req.URL.String() != "https://login.test/oauth/token" {
				t.Errorf("%s %s", req.Method, req.URL)
			}
			if got := req.Header.Get("Content-Type"); got != "application/x-www-form-urlencoded" {
				t.Errorf("content type %q", got)
			}
			id, secret, basic := req.BasicAuth()
			if basic != row.basic || basic && (id != "the-id" || secret != "the-secret") {
				t.Errorf("basic authorization %t: %q", basic, req.Header.Get("Authorization"))
			}
			if form, err := url.ParseQuery(r.bodies[0]); err != nil || form.Encode() != row.form.Encode() {
				t.Errorf("form %v, want %v; error %v", form, row.form, err)
			}
		})
	}
}

// Whether an end at midnight touches the next day is documented nowhere.
func TestAnEndAtMidnightIsSentAsTheLastMomentOfTheDay(t *testing.T) {
	last, midnight := "1999-12-30T23:59:59.999Z", day.AddDate(0, 0, 1)
	for _, to := range []time.Time{midnight, midnight.In(time.FixedZone("", -5*3600))} {
		change := func(_ *Config, q *Query) { q.To = to }
		if body := record(t, Conversations, Cursor{}, change).bodies[1]; !strings.Contains(body, `"1999-12-30T01:00:00.000Z/`+last+`"`) {
			t.Errorf("conversations: %s", body)
		}
		if body := record(t, Entities, Cursor{}, change).bodies[1]; !strings.Contains(body, `"dateTo":"`+last+`"`) {
			t.Errorf("entities: %s", body)
		}
	}
	// The query's own name for its interval is the half-open one.
	q := Query{From: day, To: midnight}
	if got := q.Interval(); got != "1999-12-30T00:00:00.000Z/1999-12-31T00:00:00.000Z" {
		t.Errorf("interval %s", got)
	}
	// Midnight elsewhere is an hour like any other.
	local := time.Date(1999, 12, 30, 0, 0, 0, 0, time.FixedZone("", -5*3600))
	if got := (Query{To: local}).lastMoment(); !got.Equal(local) {
		t.Errorf("midnight in another zone is sent as %v", got)
	}
}

func TestAGatewaysPathIsKept(t *testing.T) {
	for _, base := range []string{"https://gate.test:8443/gateway", "https://gate.test:8443/gateway/"} {
		r := record(t, Entities, Cursor{}, func(c *Config, q *Query) {
			c.APIURL, c.LoginURL, q.Host = base, "https://gate.test:8443/gateway/login", "gate.test:8443"
		})
		want := "https://gate.test:8443/gateway/api/v2/analytics/conversations/details/query?pageNumber=1&pageSize=50"
		if got := r.requests[1].URL.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got := r.requests[0].URL.String(); got != "https://gate.test:8443/gateway/login/oauth/token" {
			t.Errorf("token from %s", got)
		}
	}
}

func TestAQueryIsAskedOnlyWhereItsPagesHaveTheirMeaning(t *testing.T) {
	r := &recorder{}
	client, err := New(Config{Dialect: Conversations, APIURL: "https://api.test", Transport: r, RequestsPerMinute: 60})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []Query{
		{Dialect: Entities, Host: "api.test", PageSize: 1},
		{Dialect: Conversations, Host: "api.other", PageSize: 1},
		{Dialect: Conversations, Host: "api.test:443", PageSize: 1},
	} {
		_, err := walk(t.Context(), client, q, Cursor{})
		if err == nil || !strings.Contains(err.Error(), q.Host) || !strings.Contains(err.Error(), client.Host()) {
			t.Errorf("error %v, want one that names both hosts", err)
		}
	}
	if len(r.requests) != 0 {
		t.Errorf("%d requests were sent", len(r.requests))
	}
	if _, err := New(Config{APIURL: "api.test"}); err == nil || !strings.Contains(err.Error(), `"api.test"`) {
		t.Errorf("a URL without a host: error %v", err)
	}
}

func TestTheLargestPageIsTheDialects(t *testing.T) {
	if c, e := Conversations.LargestPage(), Entities.LargestPage(); c != 100 || e != 250 {
		t.Errorf("%d and %d, want 100 and 250", c, e)
	}
}

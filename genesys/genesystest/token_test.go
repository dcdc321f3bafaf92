package genesystest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestTokenContract(t *testing.T) {
	type request = *http.Request
	form := func(raw string) func(request) request {
		return func(r request) request {
			other := httptest.NewRequest(http.MethodPost, TokenPath, strings.NewReader(raw))
			other.Header = r.Header
			return other
		}
	}
	for _, c := range []struct {
		name    string
		dialect Dialect
		change  func(r request) request
		status  int
		error   string
		says    string
	}{
		{"unknown client", Conversations, func(request) request { return tokenRequest(Conversations, "x", "secret") }, 400, "invalid_client", "client not found"},
		{"wrong secret", Conversations, func(request) request { return tokenRequest(Conversations, "client", "x") }, 401, "invalid_client", "authentication failed"},
		{"unknown client", Entities, func(request) request { return tokenRequest(Entities, "x", "secret") }, 400, "invalid_client", "client not found"},
		{"wrong secret", Entities, func(request) request { return tokenRequest(Entities, "client", "x") }, 401, "invalid_client", "authentication failed"},
		{"credentials in the form", Conversations, func(request) request { return tokenRequest(Entities, "client", "secret") }, 400, "invalid_request", "grant_type alone"},
		{"credentials in the header", Entities, func(request) request { return tokenRequest(Conversations, "client", "secret") }, 400, "invalid_request", "form alone"},
		{"no credentials", Conversations, func(r request) request { r.Header.Del("Authorization"); return r }, 400, "invalid_request", "basic"},
		{"no credentials", Entities, form("grant_type=client_credentials"), 400, "invalid_request", "client_id"},
		{"another grant", Conversations, form("grant_type=password"), 400, "unsupported_grant_type", ""},
		{"no grant", Conversations, form(""), 400, "invalid_request", "grant_type"},
		{"two grants", Conversations, form("grant_type=client_credentials&grant_type=x"), 400, "invalid_request", "once"},
		{"bad form", Conversations, form("grant_type=%zz"), 400, "invalid_request", "malformed"},
		{"in the query string", Conversations, func(r request) request { r.URL.RawQuery = "a=b"; return r }, 400, "invalid_request", "body"},
		{"GET", Conversations, func(r request) request { r.Method = "GET"; return r }, 405, "invalid_request", "POST"},
		{"JSON", Conversations, func(r request) request { r.Header.Set("Content-Type", "application/json"); return r }, 400, "invalid_request", "urlencoded"},
	} {
		t.Run(string(c.dialect)+"/"+c.name, func(t *testing.T) {
			s := settled(Config{Dialect: c.dialect, Conversations: -1})
			w := serve(s, c.change(tokenRequest(c.dialect, DefaultClientID, DefaultClientSecret)))
			var read map[string]string
			if err := json.Unmarshal(w.Body.Bytes(), &read); err != nil {
				t.Fatal(err)
			}
			if w.Code != c.status || read["error"] != c.error || !strings.Contains(read["description"], c.says) ||
				read["error_description"] != read["description"] {
				t.Errorf("status %d, want %d: %v", w.Code, c.status, read)
			}
			if seen := s.Requests(); len(seen) != 1 || !seen[0].Token || seen[0].Status != c.status || seen[0].Refusal != c.error {
				t.Errorf("the journal says %+v", seen)
			}
		})
	}
}

func TestTokenExpiresAndIsRevoked(t *testing.T) {
	for _, d := range []Dialect{Conversations, Entities} {
		c := &clock{now: noon()}
		a := newAsker(t, settled(Config{Dialect: d, Conversations: 5, Now: c.Now}))
		status := func() int { return a.raw(a.Queues()[0], noon().Add(-time.Hour), noon(), 1, 10).Code }
		c.Advance(a.config.TokenLife - time.Second)
		if got := status(); got != 200 {
			t.Errorf("%s: a second before it expires: %d", d, got)
		}
		c.Advance(time.Second)
		if got := status(); got != 401 {
			t.Errorf("%s: when it has expired: %d", d, got)
		}
		a.token = signIn(t, a.Simulator)
		if got := status(); got != 200 {
			t.Errorf("%s: with a new token: %d", d, got)
		}
		a.RevokeTokens()
		if got := status(); got != 401 {
			t.Errorf("%s: after revocation: %d", d, got)
		}
		a.token = signIn(t, a.Simulator)
		if got := status(); got != 200 {
			t.Errorf("%s: with a token issued since: %d", d, got)
		}
		seen := a.Requests()
		if last := seen[len(seen)-1]; last.Bearer != 3 {
			t.Errorf("%s: the third token is %d in the journal", d, last.Bearer)
		}
	}
}

func TestRateWindow(t *testing.T) {
	c := &clock{now: noon()}
	a := newAsker(t, settled(Config{Conversations: 5, Now: c.Now, RequestsPerMinute: 3}))
	ask := func() (int, http.Header, string) {
		w := a.raw(a.Queues()[0], noon().Add(-time.Hour), noon(), 1, 10)
		return w.Code, w.Header(), w.Body.String()
	}
	for n, reset := range []int{60, 50, 40} {
		status, h, _ := ask()
		if status != 200 || h.Get("inin-ratelimit-count") != strconv.Itoa(n+1) || h.Get("inin-ratelimit-allowed") != "3" ||
			h.Get("inin-ratelimit-reset") != strconv.Itoa(reset) {
			t.Errorf("request %d: status %d, headers %v", n+1, status, h)
		}
		c.Advance(10 * time.Second)
	}
	c.Advance(500 * time.Millisecond)
	status, h, body := ask()
	if status != 429 || h.Get("Retry-After") != "30" || h.Get("inin-ratelimit-count") != "3" {
		t.Errorf("the fourth: status %d, headers %v", status, h)
	}
	want := `{"message":"Rate limit exceeded the maximum. Retry the request in [30] seconds",` +
		`"code":"too.many.requests.retry.after","status":429,"contextId":"` + h.Get("ININ-Correlation-Id") +
		`","details":[],"errors":[]}`
	if body != want {
		t.Errorf("body %s\nwant %s", body, want)
	}
	c.Advance(29 * time.Second)
	if status, _, _ := ask(); status != 429 {
		t.Errorf("half a second before the window ends: %d", status)
	}
	c.Advance(time.Second) // 30 s after the refusal, as it said
	if status, h, _ := ask(); status != 200 || h.Get("inin-ratelimit-count") != "1" {
		t.Errorf("in the next window: %d, %v", status, h)
	}
	if date := h.Get("Date"); date != "Mon, 02 Mar 2026 12:00:30 GMT" {
		t.Errorf("Date %q is not of the clock", date)
	}
}

func TestRateWindowIsOfTheToken(t *testing.T) {
	a := newAsker(t, settled(Config{Conversations: 5, RequestsPerMinute: 1}))
	if a.page("q", noon().Add(-time.Hour), noon(), 1, 10); a.raw("q", noon().Add(-time.Hour), noon(), 1, 10).Code != 429 {
		t.Error("the second request is served")
	}
	a.token = signIn(t, a.Simulator)
	a.page("q", noon().Add(-time.Hour), noon(), 1, 10)
}

package genesystest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// once is a script that gives one fault to the first request of a page.
func once(f *Fault) func(Request) *Fault {
	return func(r Request) *Fault {
		if r.Attempt == 1 {
			return f
		}
		return nil
	}
}

// TestFaultsInAnswers looks at what each fault makes of one page of ten.
func TestFaultsInAnswers(t *testing.T) {
	for _, c := range []struct {
		fault   *Fault
		dialect Dialect
		status  int
		check   func(h http.Header, body string, a answer) bool
	}{
		{Status(503, "service.unavailable", "Try again."), Conversations, 503, func(_ http.Header, body string, _ answer) bool {
			return strings.Contains(body, `"message":"Try again.","code":"service.unavailable","status":503`)
		}},
		{TooManyRequests("7"), Conversations, 429, func(h http.Header, body string, _ answer) bool {
			return h.Get("Retry-After") == "7" && strings.Contains(body, "Retry the request in [7] seconds")
		}},
		{TooManyRequests("Mon, 02 Mar 2026 13:00:00 GMT"), Conversations, 429, func(h http.Header, body string, _ answer) bool {
			return h.Get("Retry-After") == "Mon, 02 Mar 2026 13:00:00 GMT" && strings.Contains(body, "in [42] seconds")
		}},
		{TooManyRequests(""), Conversations, 429, func(h http.Header, _ string, _ answer) bool { return h.Get("Retry-After") == "" }},
		{EdgeError(502), Conversations, 502, func(h http.Header, body string, _ answer) bool {
			return h.Get("Content-Type") == "text/html" && h.Get("ININ-Correlation-Id") == "" && strings.HasPrefix(body, "<!DOCTYPE html>")
		}},
		{Unauthorized(), Conversations, 401, func(_ http.Header, body string, _ answer) bool { return strings.Contains(body, "bad.credentials") }},
		{Forbidden(), Conversations, 403, func(_ http.Header, body string, _ answer) bool {
			return strings.Contains(body, "missing.any.permissions") && strings.Contains(body, "analytics:conversationDetail:view")
		}},
		{Garbage(), Conversations, 200, func(h http.Header, body string, _ answer) bool {
			return h.Get("Content-Type") == "application/json" && !json.Valid([]byte(body))
		}},
		{CutJSON(100), Conversations, 200, func(h http.Header, body string, _ answer) bool {
			return len(body) == 100 && h.Get("Content-Length") == "100"
		}},
		{CutJSON(-1), Conversations, 200, func(_ http.Header, body string, _ answer) bool { return json.Valid([]byte(body + "}")) }},
		{OtherDialect(), Conversations, 200, func(_ http.Header, body string, a answer) bool {
			return len(a.Entities) == 10 && a.TotalCount != nil && a.Conversations == nil && strings.Contains(body, `"startTime"`)
		}},
		{OtherDialect(), Entities, 200, func(_ http.Header, body string, a answer) bool {
			return len(a.Conversations) == 10 && a.TotalHits != nil && a.Entities == nil && !strings.Contains(body, `"startTime"`)
		}},
		{MissingArray(), Entities, 200, func(_ http.Header, body string, a answer) bool {
			return !strings.Contains(body, "entities") && a.total() > 10
		}},
		{EmptyArray(), Conversations, 200, func(_ http.Header, body string, a answer) bool {
			return strings.Contains(body, `"conversations":[]`) && a.total() > 10
		}},
		{NullArray(), Conversations, 200, func(_ http.Header, body string, a answer) bool {
			return strings.Contains(body, `"conversations":null`) && a.total() > 10
		}},
		{ShortBy(3), Conversations, 200, func(_ http.Header, _ string, a answer) bool { return len(a.Conversations) == 7 }},
		{ShortBy(30), Conversations, 200, func(_ http.Header, _ string, a answer) bool { return a.Conversations == nil }},
		{TotalOffset(-4), Conversations, 200, func(_ http.Header, _ string, a answer) bool { return a.total() == 26 }},
		{TotalOffset(-99), Conversations, 200, func(_ http.Header, _ string, a answer) bool { return a.total() == 0 }},
		{WithoutTotal(), Conversations, 200, func(_ http.Header, _ string, a answer) bool {
			return a.TotalHits == nil && len(a.Conversations) == 10
		}},
		{PageNumberEcho(9), Entities, 200, func(_ http.Header, _ string, a answer) bool { return *a.PageNumber == 9 }},
	} {
		t.Run(string(c.dialect)+"/"+c.fault.String(), func(t *testing.T) {
			a := newAsker(t, settled(Config{Dialect: c.dialect, Conversations: 30, Queues: []string{"only"}}))
			a.Script(once(c.fault))
			w := a.raw("only", noon().Add(-24*time.Hour), noon(), 1, 10)
			var read answer
			_ = json.Unmarshal(w.Body.Bytes(), &read) // some faults are no JSON
			if w.Code != c.status || !c.check(w.Header(), w.Body.String(), read) {
				t.Errorf("status %d, headers %v, body %.300s", w.Code, w.Header(), w.Body)
			}
			seen := a.Requests()
			if last := seen[len(seen)-1]; last.Fault != c.fault.String() || last.Status != c.status {
				t.Errorf("the journal says %+v", last)
			}
			if again := a.page("only", noon().Add(-24*time.Hour), noon(), 1, 10); len(again.rows()) != 10 || again.total() != 30 {
				t.Errorf("the next answer is not healthy: %d rows of %d", len(again.rows()), again.total())
			}
		})
	}
}

func TestFaultsOfTheOtherEndpointArePassedOver(t *testing.T) {
	a := newAsker(t, settled(Config{Conversations: 5}))
	a.Script(func(r Request) *Fault {
		if r.Token {
			return ShortBy(1)
		}
		return InvalidClient()
	})
	signIn(t, a.Simulator)
	a.page("q", noon().Add(-time.Hour), noon(), 1, 10)
	for _, r := range a.Requests() {
		if r.Fault != "" || r.Status != 200 {
			t.Errorf("the journal says %+v", r)
		}
	}
	a.Script(func(Request) *Fault { return InvalidClient() })
	w := serve(a, tokenRequest(Conversations, "client", "secret"))
	if w.Code != 401 || !strings.Contains(w.Body.String(), `"error":"invalid_client","description":"authentication failed"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	a.Script(nil)
	signIn(t, a.Simulator)
}

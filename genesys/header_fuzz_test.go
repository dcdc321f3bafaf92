package genesys

import (
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// secret is planted where no error may show it from.
const secret = "kX9-not-to-be-printed"

// FuzzHeaders: whatever a server, or a proxy before it, writes into the headers
// that decide how long we wait,
//
//   - a Retry-After is from 0 to a month, as seconds and as a date;
//   - the pace is never above ours, never 0, and no slower than the API's minutes
//     warrant;
//   - the budget never opens earlier than it would have, and within a month;
//   - now is never later than the local clock;
//   - classify has a kind for it, and shows code, message and correlation id of
//     the answer, none at length, and nothing else of it.
func FuzzHeaders(f *testing.F) {
	const date = "Thu, 30 Dec 1999 00:00:00 GMT"
	for _, after := range []string{"", "0", "30", "-30", "+7", "1.5", "soon", "999999999999", "99999999999999999999",
		date, "Thu, 30 Dec 1999 00:00:40 GMT", "Thursday, 30-Dec-99 00:00:40 GMT", "Thu Dec 30 00:00:40 1999",
		"Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"} {
		f.Add(429, after, date, "300", "300", "20", "", []byte(`{"message":"Rate limit exceeded","code":"too.many.requests","status":429,"contextId":"c"}`))
	}
	f.Add(503, "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "1", "300", "2592000", "c-1", []byte("<html>"))
	f.Add(400, "", "yesterday", "-9223372036854775808", "9223372036854775807", "1", "", []byte(`{"message":"Pagination may not exceed 400 total pages","code":"bad.request"}`))
	f.Add(403, "", "", "9223372036854775807", "-9223372036854775808", "61", "", []byte(`{"code":"missing.any.permissions"}`))
	f.Add(401, "", "Fri, 31 Dec 9999 23:59:59 GMT", "299", "300", "99999999", "", []byte(`null`))
	f.Add(504, "", "", "1", "300", "1", "", []byte(``))
	f.Add(302, "", "", "0", "0", "60", "", []byte(`{"message":7,"code":"`+strings.Repeat("ä", 400)+`"}`))
	f.Fuzz(func(t *testing.T, status int, after, date, count, allowed, reset, id string, body []byte) {
		h := rateHeaders(count, allowed, reset)
		h.Set("Set-Cookie", secret)
		for name, value := range map[string]string{"Retry-After": after, "Date": date, "Inin-Correlation-Id": id} {
			if value != "" {
				h.Set(name, value)
			}
		}
		checkRetryAfter(t, h)
		checkBudget(t, h)
		checkClock(t, h)
		resp := &http.Response{StatusCode: status, Header: h, Request: &http.Request{URL: new(url.URL), Header: http.Header{"Authorization": {secret}}}}
		for _, a := range []advice{Conversations.contract().advice, Entities.contract().advice, lookupAdvice()} {
			checkError(t, classify(a, "POST /x", resp, body))
			checkError(t, classify(a, "POST /x", resp, append([]byte(secret), body...)))
			checkError(t, classify(a, "POST /x", resp, apiError(t, body)))
		}
	})
}

// apiError is an error body with the text in each member that is shown, and a
// secret in those that are not.
func apiError(t *testing.T, text []byte) []byte {
	body, err := json.Marshal(map[string]any{"message": string(text), "code": string(text), "contextId": string(text),
		"details": []string{secret}, "messageParams": map[string]string{"token": secret}})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func checkRetryAfter(t *testing.T, h http.Header) {
	t.Helper()
	for name, d := range map[string]time.Duration{
		"Retry-After": retryAfter(h), "as seconds": seconds(h.Get("Retry-After")), "reset": seconds(h.Get("inin-ratelimit-reset")),
	} {
		if d < 0 || d > 30*24*time.Hour {
			t.Errorf("%s of %v is %v", name, h, d)
		}
	}
	if n, err := strconv.ParseUint(h.Get("Retry-After"), 10, 16); err == nil && retryAfter(h) != time.Duration(n)*time.Second {
		t.Errorf("Retry-After: %d is %v", n, retryAfter(h))
	}
}

func checkBudget(t *testing.T, h http.Header) {
	t.Helper()
	for _, held := range []time.Duration{0, time.Hour} {
		b := newBudget(300)
		b.close(held)
		before := b.closedUntil()
		b.observe(h)
		pace := float64(b.limiter.Limit())
		if math.IsNaN(pace) || pace > float64(b.pace) || pace < min(float64(b.pace), 1/countedFor.Seconds()) {
			t.Errorf("%v: %v a second", h, pace)
		}
		b.close(retryAfter(h) + time.Second) // as until does
		if until := b.closedUntil(); until.Before(before) || time.Until(until) > 31*24*time.Hour {
			t.Errorf("%v: closed until %v, was %v", h, until, before)
		}
	}
}

func checkClock(t *testing.T, h http.Header) {
	t.Helper()
	var c clock
	c.observe(h)
	for _, local := range []time.Time{time.Now(), time.Now().Add(-time.Hour), time.Now().AddDate(100, 0, 0)} {
		now := c.now(local)
		_, err := http.ParseTime(h.Get("Date"))
		if now.After(local) || err != nil && !now.Equal(local) {
			t.Errorf("Date %q: now is %v, local %v", h.Get("Date"), now, local)
		}
	}
}

func checkError(t *testing.T, e *Error) {
	t.Helper()
	switch e.Kind {
	case Passing, RateLimited, Unauthorized, Forbidden, Rejected, ResultCap, Credentials:
	default:
		t.Errorf("kind %q", e.Kind)
	}
	text := e.Error()
	if strings.Contains(text, secret) || len(text) > 4000 {
		t.Errorf("%d bytes: %s", len(text), text)
	}
	for _, part := range []string{e.Code, e.Message, e.Correlation} {
		if len(part) > 300 || !utf8.ValidString(part) {
			t.Errorf("%d bytes of the answer's words: %q", len(part), part)
		}
	}
	if e.retryAfter < 0 || e.retryAfter > 30*24*time.Hour {
		t.Errorf("to stay away for %v", e.retryAfter)
	}
}

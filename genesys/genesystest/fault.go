package genesystest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Fault makes one answer other than a healthy server's. A Fault does not
// change, so one may be given to any number of requests.
//
// A fault that replaces the answer comes before every check of the request,
// which still counts against the rate window of its token. A fault that alters
// a page leaves a refusal as it is. One that concerns another endpoint is
// passed over, and the answer is healthy.
type Fault struct {
	name   string
	place  endpoint
	delay  time.Duration
	answer func(*exchange)              // in place of the answer
	shape  func(*page)                  // alters a page
	look   func(*lookup)                // alters what is looked up
	send   func(*exchange, int, []byte) // alters how the bytes of any answer go out
}

// endpoint is where a fault makes sense.
type endpoint int

const (
	anywhere endpoint = iota
	queries
	tokens
	lookups
	bearers // queries and lookups, which want a token
)

// String returns the name of the fault, as in Request.Fault.
func (f *Fault) String() string { return f.name }

func (f *Fault) concerns(r Request) bool {
	at := queries
	switch {
	case r.Token:
		at = tokens
	case r.Path == QueuesPath:
		at = lookups
	}
	return f != nil && (f.place == anywhere || f.place == at || f.place == bearers && at != tokens)
}

// Status answers with an ErrorBody, as the operation declares it for 400, 401,
// 403, 404, 408, 409, 413, 415, 429, 500, 503 and 504. Common codes:
// internal.server.error (500), service.unavailable (503), request.timeout (504).
func Status(code int, errorCode, message string) *Fault {
	return &Fault{name: fmt.Sprintf("status %d", code), answer: func(x *exchange) {
		x.refuse(&refusal{code, errorCode, message})
	}}
}

// TooManyRequests answers 429 with the announced body ("normalized 429
// responses", in force since 2021-11-10). The header Retry-After is sent
// verbatim: seconds, or a date as a proxy may send; empty: no header.
func TooManyRequests(retryAfter string) *Fault {
	return &Fault{name: "too many requests", answer: func(x *exchange) {
		seconds := retryAfter
		if _, err := strconv.Atoi(retryAfter); err != nil {
			seconds = "42" // as in the announcement
		}
		if retryAfter != "" {
			x.w.Header().Set("Retry-After", retryAfter)
		}
		x.refuse(tooMany(seconds))
	}}
}

// Unauthorized answers 401 as for a token that is not, or no longer, good
// (recorded). The token itself stays valid: see Simulator.RevokeTokens.
func Unauthorized() *Fault {
	return &Fault{name: "unauthorized", place: bearers, answer: func(x *exchange) { x.refuse(badCredentials()) }}
}

// Forbidden answers a query with 403 as for a client whose roles lack the permission (the
// specification's error code missing.any.permissions).
func Forbidden() *Fault {
	return &Fault{name: "forbidden", place: queries, answer: func(x *exchange) {
		x.refuse(&refusal{http.StatusForbidden, "missing.any.permissions",
			"Unable to perform the requested action. You must have at least one of the following permissions " +
				"assigned: analytics:conversationDetail:view, analytics:agentConversationDetail:view"})
	}}
}

// InvalidClient answers a token request with 401 invalid_client, as for a
// wrong secret (recorded by an integration test of a client library).
func InvalidClient() *Fault {
	return &Fault{name: "invalid client", place: tokens, answer: func(x *exchange) { x.deny(wrongSecret()) }}
}

// EdgeError answers with a page of HTML from the content network in front of
// the API (its headers are in recorded answers; that it has error pages of its
// own is how that network works).
func EdgeError(code int) *Fault {
	return &Fault{name: fmt.Sprintf("edge error %d", code), answer: func(x *exchange) {
		h := x.w.Header()
		h.Set("Content-Type", "text/html")
		h.Set("Server", "CloudFront")
		h.Set("Via", "1.1 edge.cloudfront.example (CloudFront)")
		h.Set("X-Cache", "Error from cloudfront")
		x.send(code, fmt.Appendf(nil, "<!DOCTYPE html>\n<html><head><title>ERROR: The request could not be satisfied"+
			"</title></head>\n<body><h1>%d ERROR</h1>\n<h2>The request could not be satisfied.</h2>\n</body></html>\n", code))
	}}
}

// Garbage answers 200 with bytes that are no JSON under the type of JSON.
func Garbage() *Fault {
	return &Fault{name: "garbage", answer: func(x *exchange) {
		x.reply(http.StatusOK, []byte("\x1f\x8b\x00\xff<<< not JSON >>>\x00{\"conversations\":[{]"))
	}}
}

// FilterIgnored has a lookup answer with all queues that the client sees, whatever ids
// were asked for. That the service filters is documented and was not seen.
func FilterIgnored() *Fault {
	return &Fault{name: "filter ignored", place: lookups, look: func(l *lookup) { l.ids = nil }}
}

// Slow waits before a healthy answer.
func Slow(d time.Duration) *Fault { return &Fault{name: "slow", delay: d} }

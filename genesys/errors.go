package genesys

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Kind says what an answer, or the lack of one, means.
type Kind string

const (
	Passing      Kind = "passing"       // not the API's last word: asked again until it is
	RateLimited  Kind = "rate limited"  // 429: the shared budget is closed for a while
	Unauthorized Kind = "unauthorized"  // 401: the token is missing, expired or revoked
	Forbidden    Kind = "forbidden"     // 403: the client lacks the permission
	Credentials  Kind = "credentials"   // the token endpoint refuses the client
	WrongDialect Kind = "wrong dialect" // the server speaks the other contract
	Rejected     Kind = "rejected"      // any other 4xx: this query will not be answered
	ResultCap    Kind = "result cap"    // more rows than the API pages through
	TooLarge     Kind = "too large"     // the answer exceeds Config.MaxResponseBytes
	Malformed    Kind = "malformed"     // a 200 that cannot be split
)

// Error is a failed request, judged. It never holds a secret or the content of
// a conversation.
type Error struct {
	Kind        Kind
	Op          string // method and URL
	Status      int    // 0: no answer
	Code        string // the API's code, such as bad.request; may be empty
	Message     string // the API's message; may be empty
	Correlation string // id to give to the vendor's support; may be empty
	Advice      string // what to do; may be empty
	Err         error  // cause; may be nil

	retryAfter time.Duration // as the answer asks for; 0: it does not
	token      string        // the token that was refused
	optional   bool          // the service goes on without an answer
}

// StopsService reports whether the error concerns the client, and so every
// queue, rather than one query.
func (e *Error) StopsService() bool {
	switch e.Kind {
	case Forbidden:
		return !e.optional
	case Unauthorized, Credentials, WrongDialect:
		return true
	}
	return false
}

func (e *Error) Unwrap() error { return e.Err }

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " %s", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, " %q", e.Message)
	}
	if e.Correlation != "" {
		fmt.Fprintf(&b, " (correlation id %s)", e.Correlation)
	}
	if e.Err != nil {
		b.WriteString(": " + clip(e.Err.Error())) // net/http, too, can quote what a server sent
	}
	if e.Advice != "" {
		fmt.Fprintf(&b, ": %s", e.Advice)
	}
	return b.String()
}

// errorBody is the API's own error body. What comes from the edge before the
// API (a content delivery network, a proxy) is not one.
type errorBody struct {
	Message   string `json:"message"`
	Code      string `json:"code"`
	ContextID string `json:"contextId"`
}

// advice is what to do about a call that is refused.
type advice struct {
	forbidden  string // 403: the client lacks the permission
	badRequest string // 400
	notFound   string // 404
	optional   bool   // the service goes on without an answer
}

// classify judges an answer of the API that is not 200.
func classify(a advice, op string, resp *http.Response, body []byte) *Error {
	var own errorBody
	isJSON := json.Unmarshal(body, &own) == nil
	e := &Error{
		Op: op, Status: resp.StatusCode,
		Code: clip(own.Code), Message: clip(own.Message), Correlation: correlation(resp.Header, own),
		retryAfter: stayAway(resp),
	}
	e.Kind, e.Advice = judge(a, resp.StatusCode, own, isJSON)
	e.optional = a.optional
	if !isJSON && plainToTLS(resp) {
		e.Advice = writeHTTPS
	}
	return e
}

// judge is the meaning of each status, in the order in which they are told apart.
func judge(a advice, status int, own errorBody, isJSON bool) (Kind, string) {
	switch {
	case status == http.StatusTooManyRequests:
		return RateLimited, ""
	case status < 400:
		return Rejected, "the API never answers so: check GENESYS_DOMAIN or GENESYS_API_URL"
	case status == http.StatusNotImplemented:
		return Rejected, "the server does not know this call: check GENESYS_API_URL"
	case status >= 500:
		return Passing, "" // 500, 502, 503, 504, and what edges add: the vendor's own clients retry them
	case status == http.StatusRequestTimeout:
		return Passing, "" // 408: the request arrived too slowly; the query is a pure read, so it may be sent again
	case status == http.StatusRequestEntityTooLarge:
		return Rejected, "a gateway with a smaller limit than the API's stands in between"
	case !isJSON, status == http.StatusForbidden && own.Code == "": // gateways refuse in JSON too, without a code
		return Passing, "the answer is not the API's own: a gateway or proxy stands in between; if it lasts, check GENESYS_DOMAIN or GENESYS_API_URL"
	case status == http.StatusUnauthorized:
		return Unauthorized, "the API refuses a token that was just issued: check that GENESYS_DOMAIN, or GENESYS_API_URL and GENESYS_LOGIN_URL, are of one region"
	case status == http.StatusForbidden:
		return Forbidden, a.forbidden
	case status == http.StatusBadRequest && strings.HasPrefix(own.Message, "Pagination may not exceed"):
		return ResultCap, "the window holds more conversations than the API pages through: walk this queue alone from this window's start, with a shorter WINDOW_LENGTH, under another CHECKPOINT_NAME"
	case status == http.StatusBadRequest:
		return Rejected, a.badRequest
	case status == http.StatusNotFound:
		return Rejected, a.notFound
	}
	return Rejected, "report it with the correlation id to the vendor's support"
}

// unreadable judges a 200 whose body could not be split.
func unreadable(op string, resp *http.Response, c contract, cause error) *Error {
	e := &Error{
		Kind: Malformed, Op: op, Status: resp.StatusCode, Correlation: correlation(resp.Header, errorBody{}), Err: cause,
		Advice: "check that GENESYS_DOMAIN or GENESYS_API_URL leads to the API",
	}
	if _, ok := errors.AsType[*otherDialect](cause); ok {
		e.Kind, e.Advice = WrongDialect, fmt.Sprintf("the server speaks the dialect %q: set GENESYS_DIALECT=%s", c.other, c.other)
	}
	return e
}

// classifyToken judges a failed request to the token endpoint, whose errors are
// not the API's error body but OAuth's.
func classifyToken(op string, err error) *Error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return unanswered(op, unparsed(err)) // or answered without a token
	}
	resp := refused.Response
	e := &Error{
		Kind: Passing, Op: op, Status: resp.StatusCode, Code: clip(refused.ErrorCode), Message: clip(refused.ErrorDescription),
		Correlation: correlation(resp.Header, errorBody{}), retryAfter: stayAway(resp),
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		e.Kind = RateLimited
	case resp.StatusCode == http.StatusRequestTimeout: // a code does not make it a refusal
	case resp.StatusCode < 500 && refused.ErrorCode != "":
		e.Kind = Credentials
		e.Advice = "check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and the region of GENESYS_DOMAIN; the client's grant type must be client credentials"
		if refused.ErrorCode == "invalid_request" {
			e.Advice += "; or GENESYS_DIALECT, because the dialects send the credentials in different ways"
		}
	case plainToTLS(resp):
		e.Advice = writeHTTPS
	case resp.StatusCode < 500:
		e.Advice = "the answer is not the token endpoint's own; if it lasts, check GENESYS_DOMAIN or GENESYS_LOGIN_URL"
	}
	return e
}

const writeHTTPS = "a port that speaks TLS answers so to a URL that begins with http://: if it lasts, write https://"

// plainToTLS reports whether an answer that is not the API's own is what servers say
// to plain HTTP on a port that speaks TLS.
func plainToTLS(resp *http.Response) bool {
	return resp.StatusCode == http.StatusBadRequest && resp.Request != nil && resp.Request.URL.Scheme == "http"
}

func correlation(h http.Header, own errorBody) string {
	for _, id := range []string{h.Get("Inin-Correlation-Id"), h.Get("Genesys-Correlation-Id"), own.ContextID} {
		if id != "" {
			return clip(id)
		}
	}
	return ""
}

// IsResultCap reports whether an error says that the API pages no further.
func IsResultCap(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == ResultCap
}

// Correlation is the id by which the vendor's support finds the request that an error is
// about; empty: the error tells none.
func Correlation(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Correlation
	}
	return ""
}

// unparsed takes off what a parser says of a token endpoint's answer: it can quote
// the text, and that text holds the token.
func unparsed(err error) error {
	for _, head := range []string{"oauth2: cannot parse json", "oauth2: cannot parse response"} {
		if strings.HasPrefix(err.Error(), head) {
			return errors.New(head)
		}
	}
	return err
}

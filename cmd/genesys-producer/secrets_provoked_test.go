package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/kafkatest"
)

// unset has a provocation unset a variable.
const unset = "\x00unset"

func httptestServer(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// answer is what the API says. It is well where the provocation has nothing else.
func (p provocation) answer(w http.ResponseWriter, r *http.Request) {
	if p.api != nil {
		p.api(w, r)
		return
	}
	well(w, r)
}

// well issues tokens, knows the queues, and has no conversation.
func well(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case isLogin(r):
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":3600}`, accessToken)
	case isQuery(r) && r.URL.Query().Has("pageNumber"):
		fmt.Fprint(w, `{"entities":[],"totalCount":0,"pageNumber":1,"pageSize":250}`)
	case isQuery(r):
		fmt.Fprint(w, `{"conversations":[],"totalHits":0}`)
	default:
		fmt.Fprint(w, `{"entities":[{"id":"q1","name":"One"},{"id":"q2","name":"Two"}],"pageNumber":1,"pageCount":1,"total":2}`)
	}
}

func isLogin(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/oauth/token") }
func isQuery(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/details/query") }

// isFirst is a query for the first queue. The other goes on, so that the program does.
func isFirst(r *http.Request) bool {
	if !isQuery(r) {
		return false
	}
	body, err := io.ReadAll(r.Body)
	return err == nil && strings.Contains(string(body), `"q1"`)
}

// echo is all that a hostile server knows: what it was sent.
func echo(r *http.Request) string {
	known := []string{r.Header.Get("Authorization"), ofClient, url.QueryEscape(ofClient)}
	if !isLogin(r) {
		known = append(known, accessToken)
	}
	return strings.Join(known, " ")
}

// quoting refuses a request with all that it knows, in every place that is read.
func quoting(status int, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h, known := w.Header(), accessToken
		if isLogin(r) {
			known = ofClient
		}
		h.Set("Content-Type", "application/json")
		h.Set("ININ-Correlation-Id", known)
		h.Set("Location", "http://127.0.0.1:1/?token="+accessToken)
		h.Set("WWW-Authenticate", "Bearer "+accessToken)
		if retryAfter != "" {
			h.Set("Retry-After", retryAfter)
		}
		text, err := json.Marshal(map[string]any{
			"message": "you said " + echo(r), "code": "bad." + known, "contextId": known, "status": status,
			"error": "bad_" + ofClient, "error_description": "you said " + echo(r), "error_uri": "http://x/" + ofClient,
			"details": []string{hiddenName, hiddenPhone}, "messageParams": map[string]string{"name": hiddenName}, "errors": []string{hiddenName},
		})
		if err != nil {
			panic(err) // strings and a number
		}
		w.WriteHeader(status)
		w.Write(text)
	}
}

// saying answers with a text, in which %s is all that it knows.
func saying(status int, kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		fmt.Fprint(w, strings.ReplaceAll(text, "%s", echo(r)))
	}
}

// only has requests of one kind meet an answer, and all others a good one.
func only(kind func(*http.Request) bool, answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if kind(r) {
			answer(w, r)
			return
		}
		well(w, r)
	}
}

// dialects has a provocation in each of both.
func dialects(p provocation) (both []provocation) {
	for _, dialect := range []string{"conversations", "entities"} {
		one := p
		one.name += ", " + dialect
		one.set = append([]string{"GENESYS_DIALECT=" + dialect}, p.set...)
		both = append(both, one)
	}
	return both
}

const person = `"conversationId":"c1","participants":[{"participantName":"` + hiddenName + `","ani":"` + hiddenPhone + `"}]`

// hostileAnswers are those of an API that says all that it knows, under every status, and
// of one whose pages cannot be read.
func hostileAnswers() (all []provocation) {
	for _, status := range []int{204, 302, 400, 401, 403, 404, 405, 408, 409, 413, 415, 418, 422, 429, 451, 500, 501, 502, 503, 504, 520} {
		all = append(all, dialects(provocation{name: fmt.Sprintf("page: %d", status), api: only(isFirst, quoting(status, ""))})...)
	}
	all = append(all, dialects(provocation{name: "page: 429 for an hour", api: only(isQuery, quoting(429, "3600"))})...)
	all = append(all, dialects(provocation{name: "page: 503 for an hour", api: only(isQuery, quoting(503, "3600"))})...)
	for name, text := range map[string]string{
		"a page of HTML":       "<html><h1>%s</h1>" + hiddenName + "</html>",
		"cut in a name":        `{"conversations":[{` + person[:80],
		"cut behind a record":  `{"conversations":[{` + person + `}`,
		"records that are not": `{"conversations":"` + hiddenName + `","entities":"` + hiddenName + `"}`,
		"a total that is not":  `{"conversations":[{` + person + `}],"totalHits":"` + hiddenPhone + `","entities":[{` + person + `}],"totalCount":"` + hiddenPhone + `"}`,
		"a record that is not": `{"conversations":["` + hiddenName + `"],"totalHits":1,"entities":["` + hiddenName + `"],"totalCount":1}`,
		"no UTF-8":             "{\"conversations\":[{\"name\":\"" + hiddenName + "\xff\"}],\"totalHits\":1,\"entities\":[{\"name\":\"" + hiddenName + "\xff\"}],\"totalCount\":1}",
		"text behind it":       `{"conversations":[],"totalHits":0,"entities":[],"totalCount":0}` + hiddenName,
		"a bare name":          hiddenName,
		"a control character":  "{\"conversations\":[{\"name\":\"" + hiddenName + "\x00\n\"}]",
	} {
		all = append(all, dialects(provocation{name: "page: " + name, harmless: true, api: only(isQuery, saying(200, "application/json", text))})...)
	}
	all = append(all, dialects(provocation{name: "page: too large", set: []string{"GENESYS_MAX_RESPONSE_BYTES=100"},
		api: only(isQuery, saying(200, "application/json", `{"conversations":[{`+person+`}],"totalHits":1,"entities":[]}`))})...)
	queries := func(r *http.Request) bool { return !isQuery(r) && !isLogin(r) }
	for _, status := range []int{400, 401, 403, 404, 429, 500} {
		all = append(all, provocation{name: fmt.Sprintf("queue lookup: %d", status), harmless: true, args: []string{"check"}, api: only(queries, quoting(status, ""))})
	}
	for _, command := range []string{"check", "check --json", "plan", "verify --from 2025-01-01T00:00:00Z --to 2025-01-01T01:00:00Z",
		"backfill --from 2025-01-01T00:00:00Z --to 2025-01-01T01:00:00Z"} {
		for _, status := range []int{400, 401, 403} {
			all = append(all, provocation{name: fmt.Sprintf("%s: %d", command, status), harmless: true, args: strings.Fields(command), api: only(isQuery, quoting(status, ""))})
		}
	}
	return all
}

// hostileTokens are a token endpoint's answers that are no token.
func hostileTokens() (all []provocation) {
	for _, status := range []int{302, 400, 401, 403, 404, 429, 500, 503} {
		all = append(all, dialects(provocation{name: fmt.Sprintf("login: %d", status), api: only(isLogin, quoting(status, ""))})...)
	}
	for name, text := range map[string]string{
		"a page of HTML":     "<html><h1>%s</h1></html>",
		"no token in it":     `{"token":"` + accessToken + `","error":"","x":"%s"}`,
		"cut in the token":   `{"access_token":"` + accessToken,
		"a token of another": `{"access_token":{"value":"` + accessToken + `"}}`,
		"a life of words":    `{"access_token":"` + accessToken + `","expires_in":"` + ofClient + `"}`,
	} {
		all = append(all, dialects(provocation{name: "login: " + name, harmless: name == "a life of words", api: only(isLogin, saying(200, "application/json", text))})...)
	}
	return append(all, provocation{name: "login: check", args: []string{"check"}, api: only(isLogin, quoting(401, ""))})
}

// hostileLogins are brokers that do not let the program in, and a token endpoint of theirs
// that says all that it knows.
func hostileLogins(t *testing.T, open *kafkatest.Cluster) (all []provocation) {
	closed, echoing := kafkatest.Start(t, kafkatest.Authorizing()...), kafkatest.Start(t, kafkatest.Authorizing()...)
	echoing.Fake.ControlKey(int16(kmsg.SASLAuthenticate), func(r kmsg.Request) (kmsg.Response, error, bool) {
		echoing.Fake.KeepControl()
		response, said := r.ResponseKind().(*kmsg.SASLAuthenticateResponse), r.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes
		text := fmt.Sprintf("you said %s, and the password is %s", said, ofUser)
		response.ErrorCode, response.ErrorMessage = kerr.SaslAuthenticationFailed.Code, &text
		return response, nil, true
	})
	at := "KAFKA_BROKERS=" + closed.Brokers[0]
	for _, mechanism := range []string{"plain", "scram-sha-256", "scram-sha-512"} {
		login := password(mechanism, clientOf, ofUser)
		all = append(all,
			provocation{name: "brokers: " + mechanism, set: append(login, at)},
			provocation{name: "brokers: " + mechanism + " of a broker that quotes the password", set: append(login, "KAFKA_BROKERS="+echoing.Brokers[0])},
			provocation{name: "brokers: " + mechanism + " of a broker that quotes the password, by check", set: append(login, "KAFKA_BROKERS="+echoing.Brokers[0]), args: []string{"check"}},
			provocation{name: "brokers: " + mechanism + " by check", set: append(login, at), args: []string{"check"}},
			provocation{name: "brokers: " + mechanism + " over TLS to plain text", set: append(login, at, "KAFKA_TLS=true")},
			provocation{name: "brokers: " + mechanism + " where none is wanted", set: append(login, "KAFKA_BROKERS="+open.Brokers[0])},
			provocation{name: "brokers: " + mechanism + " where nobody is", set: append(login, "KAFKA_BROKERS=127.0.0.1:1")})
	}
	bearer := func(url string) []string {
		return []string{at, "KAFKA_SASL_MECHANISM=oauthbearer", "KAFKA_SASL_TOKEN_URL=" + url, "KAFKA_SASL_CLIENT_ID=" + clientOf, "KAFKA_SASL_CLIENT_SECRET=" + ofBearer}
	}
	say := func(status int, kind, text string) string {
		return httptestServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Location", "/?"+ofBearer)
			w.WriteHeader(status)
			fmt.Fprint(w, strings.ReplaceAll(text, "%s", r.Header.Get("Authorization")+" "+ofBearer+" "+bearerToken))
		})) + "/token"
	}
	for _, status := range []int{302, 400, 401, 403, 404, 429, 500, 503} {
		quoting := `{"error":"bad_%s","error_description":"you said %s","access":"%s"}`
		all = append(all, provocation{name: fmt.Sprintf("brokers' tokens: %d", status), set: bearer(say(status, "application/json", quoting))})
	}
	for name, text := range map[string]string{
		"a page of HTML": "<html>%s</html>", "no token in it": `{"token":"%s"}`, "cut in the token": `{"access_token":"` + bearerToken,
		"a token that the broker refuses": `{"access_token":"` + bearerToken + `","token_type":"bearer","expires_in":60}`,
		"a token with a line break":       `{"access_token":"` + bearerToken + `\nX: y","token_type":"bearer","expires_in":60}`,
	} {
		all = append(all, provocation{name: "brokers' tokens: " + name, set: bearer(say(200, "application/json", text))})
	}
	proxied := "https_proxy=http://" + clientOf + ":" + inURL + "@127.0.0.1:1"
	return append(all,
		provocation{name: "brokers' tokens: nobody is there", set: bearer("http://127.0.0.1:1/token")},
		provocation{name: "brokers' tokens: no proxy is there", set: append(bearer("https://tokens.example.com/token"), proxied)},
		provocation{name: "login: no proxy is there", set: []string{"GENESYS_API_URL=https://api.example.com", "GENESYS_LOGIN_URL=https://login.example.com", proxied}})
}

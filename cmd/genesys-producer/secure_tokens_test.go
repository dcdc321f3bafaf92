package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// token are those of a login by token.
func (f *fort) token(url, secret string) []string {
	return []string{"KAFKA_SASL_MECHANISM=oauthbearer", "KAFKA_SASL_TOKEN_URL=" + url, "KAFKA_SASL_SCOPES=kafka",
		"KAFKA_SASL_CLIENT_ID=" + f.tokens.ClientID, "KAFKA_SASL_CLIENT_SECRET=" + secret}
}

// bearer is the way of a client with tokens.
var bearer = way{name: "oauthbearer over plain text", real: true, settings: func(f *fort) []string {
	return at(f.SASLPlaintext, f.token(f.tokens.URL, f.tokens.ClientSecret)...)
}}

// loginLife of a token is shorter than its renewals in a walk that is slowed down, and
// than the longest session of the listeners, which is as long as the API rests once.
const (
	loginLife = 4 * time.Second
	apiRests  = 16 * time.Second
)

// Tokens are renewed under a walk that outlasts many of them, and a session of the
// listener's. It is no outage, and repeats nothing.
func TestRenewsTokens(t *testing.T) {
	encryptedToo := way{name: "oauthbearer over TLS", real: true, settings: func(f *fort) []string {
		return at(f.SASLSSL, encrypted(f.CA, f.token(f.tokens.URL, f.tokens.ClientSecret)...)...)
	}}
	for _, w := range []way{bearer, encryptedToo} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			w.inEachFort(t, func(f *fort) {
				queries := 0
				f.gate.at(1, false, func() {
					if queries++; queries == 20 {
						time.Sleep(apiRests)
					}
					time.Sleep(300 * time.Millisecond)
					f.gate.left = 1
				})
				began := time.Now()
				c := f.start(w.settings(f)...)
				c.mustEnd(done)
				f.mustBeQuiet(c)
				f.checkNoRepeats()
				if issued, took := f.tokens.Issued(), time.Since(began); issued < 4 || took < apiRests+2*loginLife || f.tokens.Scope() != "kafka" {
					f.Errorf("%d tokens for %q in %v", issued, f.tokens.Scope(), took)
				}
				if strings.Contains(c.stderr.String(), "eyJ") {
					f.Error("a token was told")
				}
				f.enter(w.name+", renewed", f.outcome())
			})
		})
	}
}

// A token endpoint that does not know the client any more ends the program as soon as it
// needs a token; one that is away is waited for.
func TestTokenEndpointUnderWay(t *testing.T) {
	for _, change := range []struct {
		name   string
		status int
		body   string
		says   []string
		lasts  bool
	}{
		{"the token endpoint forgets the client", http.StatusUnauthorized, `{"error":"invalid_client"}`,
			[]string{"no token for the login", "401 Unauthorized (invalid_client)", "KAFKA_SASL_CLIENT_SECRET"}, false},
		{"the token endpoint is away", http.StatusServiceUnavailable, "",
			[]string{"no token for the login", "503 Service Unavailable", "see to the endpoint of KAFKA_SASL_TOKEN_URL", kafkaGoesOn}, true},
	} {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			bearer.inEachFort(t, func(f *fort) {
				address, wrong := f.tokensBehind(change.status, change.body)
				reached, goOn := f.pause(20, 1)
				settings := at(f.SASLPlaintext, f.token(address, f.tokens.ClientSecret)...)
				c := f.start(settings...)
				c.reach(reached)
				wrong.Store(true)
				time.Sleep(loginLife + time.Second) // what it has ends
				goOn()
				outcome := "waits; mended, goes on, nothing lost"
				if change.lasts {
					c.await(kafkaWaits, 1)
					wrong.Store(false)
					c.mustEnd(done, change.says...)
					f.mustWarnOnce(c)
				} else {
					outcome = f.mustBeKeptOut(c, false, change.says...)
					wrong.Store(false)
					f.start(settings...).mustEnd(done)
				}
				if repeated := f.checkTopic().repeats(); f.exact() && repeated > 0 || repeated > 3 {
					f.Errorf("%d pages repeated", repeated)
				}
				f.enter(change.name, outcome)
			})
		})
	}
}

// tokensBehind is the token endpoint behind something that answers in its place while it
// is told to.
func (f *fort) tokensBehind(status int, body string) (address string, wrong *atomic.Bool) {
	f.Helper()
	endpoint, err := url.Parse(f.tokens.URL)
	if err != nil {
		f.Fatal(err)
	}
	wrong, proxy := new(atomic.Bool), httputil.NewSingleHostReverseProxy(&url.URL{Scheme: endpoint.Scheme, Host: endpoint.Host})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !wrong.Load() {
			proxy.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	f.Cleanup(server.Close)
	return server.URL + endpoint.Path, wrong
}

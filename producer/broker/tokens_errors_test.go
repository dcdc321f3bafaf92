package broker_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"genesys-producer/producer/broker"
)

// Each way not to get a token is told apart, by words that have nothing of the answer's
// body or of the secret.
func TestNoToken(t *testing.T) {
	refuse := func(status int, body string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	abort := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	byStyle := func(header, form http.HandlerFunc) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			if _, _, ok := r.BasicAuth(); ok {
				header(w, r)
				return
			}
			form(w, r)
		}
	}
	for _, test := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request)
		final  bool
		words  []string
	}{
		{"a wrong secret", refuse(401, `{"error":"invalid_client","error_description":"tell-nobody"}`), true, []string{"answers 401 Unauthorized (invalid_client)", "KAFKA_SASL_CLIENT_SECRET"}},
		{"a wrong secret, as some say it", refuse(400, `{"error":"invalid_client"}`), true, []string{"400 Bad Request (invalid_client)", "KAFKA_SASL_CLIENT_ID"}},
		{"a wrong secret, as Keycloak says it", refuse(401, `{"error":"unauthorized_client"}`), true, []string{"(unauthorized_client)"}},
		{"a wrong secret where only the header is taken", byStyle(refuse(401, `{"error":"invalid_client"}`), refuse(400, `{"error":"invalid_request"}`)), true, []string{"401 Unauthorized (invalid_client)"}},
		{"a server that stumbles over the form", byStyle(refuse(401, `{"error":"invalid_client"}`), refuse(503, "")), false, []string{"503 Service Unavailable: see to the endpoint"}},
		{"a server that wants no more of the form", byStyle(refuse(401, `{"error":"invalid_client"}`), refuse(429, "")), false, []string{"429 Too Many Requests: see to the endpoint"}},
		{"a server that gives no answer to the form", byStyle(refuse(401, `{"error":"invalid_client"}`), abort), false, []string{"gives no answer: it ends the connection"}},
		{"a wrong scope", refuse(400, `{"error":"invalid_scope"}`), false, []string{"(invalid_scope)", "KAFKA_SASL_SCOPES"}},
		{"invalid_client of a server that stumbles", refuse(500, `{"error":"invalid_client"}`), false, []string{"500 Internal Server Error (invalid_client)"}},
		{"a code that is none", refuse(400, `{"error":"tell-nobody, 1"}`), false, []string{"400 Bad Request: check KAFKA_SASL_TOKEN_URL"}},
		{"a wrong path", refuse(404, "tell-nobody"), false, []string{"404 Not Found: check KAFKA_SASL_TOKEN_URL"}},
		{"too many requests", refuse(429, ""), false, []string{"429 Too Many Requests: see to the endpoint"}},
		{"a page", refuse(200, "<html>tell-nobody"), false, []string{"answers with something that is no token: check KAFKA_SASL_TOKEN_URL"}},
		{"no token", refuse(200, `{"id_token":"tell-nobody"}`), false, []string{"something that is no token"}},
		{"an error in a good answer", refuse(200, `{"error":"server_error"}`), false, []string{"200 OK (server_error)"}},
		{"another place", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/tell-nobody", http.StatusTemporaryRedirect)
		}, false, []string{"307 Temporary Redirect: check KAFKA_SASL_TOKEN_URL"}},
		{"an end", abort, false, []string{"gives no answer: it ends the connection", "can be reached"}},
		{"no HTTP", func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprint(c, "HTTP/1.1 tell-nobody\r\n\r\n")
			c.Close()
		}, false, []string{"gives no answer: the connection fails"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newEndpoint(t)
			e.answers(test.answer)
			_, err := login(t.Context(), e.access(t))
			refused := wantAccessError(t, err, "broker:9094", append(test.words, "no token for the login: 127.0.0.1:")...)
			if refused.Final() != test.final || broker.Final(err) != test.final {
				t.Errorf("%v: final is %v, want %v", err, refused.Final(), test.final)
			}
			if strings.Contains(fmt.Sprintf("%+v", err), "tell-nobody") {
				t.Errorf("%v: quotes the answer or the secret", err)
			}
		})
	}
}

// An endpoint that is not there, not trusted or silent is no error of the connection to
// a broker: a client must not take it for one.
func TestUnreachableEndpoint(t *testing.T) {
	gone := newEndpoint(t)
	gone.Close()
	private := httptest.NewTLSServer(http.NotFoundHandler())
	private.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(private.Close)
	for url, words := range map[string][]string{
		gone.URL:    {"gives no answer: ", "connection refused", "KAFKA_SASL_TOKEN_URL, and that the endpoint can be reached"},
		private.URL: {"unknown authority", "not against KAFKA_TLS_CA_FILE: SSL_CERT_FILE"},
	} {
		a := access(t, broker.Security{Mechanism: "oauthbearer", TokenURL: url + "/token", ClientID: "app", ClientSecret: "tell-nobody"})
		_, err := login(t.Context(), a)
		refused := wantAccessError(t, err, "broker:9094", words...)
		if errors.Unwrap(refused.Err) != nil || refused.Final() {
			t.Errorf("%#v: has a cause, or is final", refused.Err)
		}
	}
}

// A caller that goes away while a token is asked for, by itself or by another, is told
// nothing but that. One whose time is up is told what it has waited for.
func TestGivesUpToken(t *testing.T) {
	e := newEndpoint(t)
	asked, goOn := make(chan struct{}, 2), make(chan struct{})
	e.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-goOn
	})
	defer close(goOn)
	a := e.access(t)
	ctx, cancel := context.WithCancel(t.Context())
	failures := make(chan error)
	for range 2 {
		go func() {
			_, err := login(ctx, a)
			failures <- err
		}()
	}
	<-asked
	cancel()
	for range 2 {
		if err := <-failures; !isBare(err, context.Canceled) {
			t.Errorf("%v (%T), want a bare %v", err, err, context.Canceled)
		}
	}
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	for range 2 {
		go func() {
			_, err := login(ctx, a)
			failures <- err
		}()
	}
	for range 2 {
		wantAccessError(t, <-failures, "broker:9094", "does not answer in time", "KAFKA_SASL_TOKEN_URL")
	}
}

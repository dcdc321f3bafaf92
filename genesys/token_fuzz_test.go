package genesys

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// answering answers every request with the same answer.
type answering struct {
	status int
	header http.Header
	body   []byte
}

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: a.header.Clone(), Request: req, Body: io.NopCloser(bytes.NewReader(a.body))}, nil
}

// FuzzToken: whatever the token endpoint answers, it is a token or an error of a
// kind, and the error shows neither the client's secret nor more of the answer than
// OAuth's error code and description.
func FuzzToken(f *testing.F) {
	const jsonType, formType = "application/json; charset=utf-8", "application/x-www-form-urlencoded"
	f.Add(200, jsonType, "", []byte(`{"access_token":"`+secret+`","token_type":"bearer","expires_in":86399}`))
	f.Add(200, jsonType, "", []byte(`{"access_token":"`+secret+`","expires_in":"`+secret+`"}`))
	f.Add(200, jsonType, "", []byte(`{"access_token":"`+secret+`","expires_in":-1e99}`))
	f.Add(200, jsonType, "", []byte(`{"access_token":["`+secret+`"]}`))
	f.Add(200, formType, "", []byte(`access_token=`+secret+`&expires_in=99999999999999999&x=%zz`))
	f.Add(200, "text/html", "", []byte(`<html>`+secret))
	f.Add(200, "", "", []byte(`{"error":"invalid_client"}`))
	f.Add(401, jsonType, "", []byte(`{"error":"invalid_client","description":"client not found","error_description":"`+strings.Repeat("ü", 400)+`"}`))
	f.Add(429, "text/html", "Fri, 31 Dec 9999 23:59:59 GMT", []byte(secret))
	f.Add(302, "", "1", []byte(``))
	f.Add(503, jsonType, "-1", []byte(`{`))
	f.Fuzz(func(t *testing.T, status int, contentType, after string, body []byte) {
		for _, dialect := range []Dialect{Conversations, Entities} {
			server := answering{status, http.Header{"Content-Type": {contentType}, "Retry-After": {after}}, body}
			c, err := New(Config{Dialect: dialect, APIURL: "http://api.test", LoginURL: "http://login.test",
				ClientID: "client", ClientSecret: secret, RequestsPerMinute: 300, Transport: server})
			if err != nil {
				t.Fatal(err)
			}
			token, err := c.tokens.config.Token(context.WithValue(t.Context(), oauth2.HTTPClient, c.http))
			if err == nil {
				if token.AccessToken == "" {
					t.Error("an empty token")
				}
				continue
			}
			if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && strings.Contains(refused.ErrorCode+refused.ErrorDescription, secret) {
				continue // it is the endpoint's own word
			}
			if _, ok := errors.AsType[*url.Error](err); ok {
				continue // the answer is none to net/http
			}
			checkError(t, classifyToken("POST /oauth/token", err))
		}
	})
}

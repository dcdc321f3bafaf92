package genesystest

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
)

// denial is an answer of the token endpoint that grants nothing. It is not an
// ErrorBody: OAuth has its own form.
type denial struct {
	status            int
	code, description string
}

// The recorded answers to credentials that are not good.
func unknownClient() *denial {
	return &denial{http.StatusBadRequest, "invalid_client", "client not found"}
}

func wrongSecret() *denial {
	return &denial{http.StatusUnauthorized, "invalid_client", "authentication failed"}
}

// serveToken answers at the token endpoint.
func (x *exchange) serveToken() {
	x.seen.Path, x.seen.Token = TokenPath, true
	body, err := io.ReadAll(io.LimitReader(x.r.Body, largestBody+1))
	if err != nil {
		return // the client went away in the middle of its request
	}
	if !x.enter() {
		return
	}
	if x.fault != nil && x.fault.answer != nil {
		x.fault.answer(x)
		return
	}
	if no := x.config.grant(x.r, body); no != nil {
		x.deny(no)
		return
	}
	answer := append([]byte(`{"access_token":"`), x.issuer.issue(x.now())...)
	answer = append(answer, `","token_type":"bearer","expires_in":`...)
	answer = strconv.AppendInt(answer, int64(x.config.TokenLife.Seconds()), 10)
	x.w.Header().Set("Cache-Control", "no-store")
	x.reply(http.StatusOK, append(answer, '}'))
}

func (x *exchange) deny(no *denial) {
	x.seen.Refusal = no.code
	body := append([]byte(`{"error":`), appendText(nil, no.code)...)
	for _, name := range []string{"description", "error_description"} {
		body = append(body, `,"`+name+`":`...)
		body = appendText(body, no.description)
	}
	x.reply(no.status, append(body, '}'))
}

// grant checks a token request against the contract; nil grants it.
//
// Id and secret in the Authorization header are taken as published, base64 of
// id:secret; a client that percent-encodes them first (RFC 6749, 2.3.1) is
// understood only where that changes nothing.
func (c *Config) grant(r *http.Request, body []byte) *denial {
	invalid := func(why string) *denial { return &denial{http.StatusBadRequest, "invalid_request", why} }
	if r.Method != http.MethodPost {
		return &denial{http.StatusMethodNotAllowed, "invalid_request", "POST was expected"}
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return invalid("the content type must be application/x-www-form-urlencoded")
	}
	form, err := url.ParseQuery(string(body))
	switch {
	case err != nil:
		return invalid("malformed form")
	case r.URL.RawQuery != "":
		return invalid("credentials and grant belong in the body")
	case len(form["grant_type"]) != 1:
		return invalid("grant_type is required, once")
	case form.Get("grant_type") != "client_credentials":
		return &denial{http.StatusBadRequest, "unsupported_grant_type", "only client_credentials is simulated"}
	}
	id, secret, basic := r.BasicAuth()
	if c.Dialect == Entities {
		switch {
		case r.Header.Get("Authorization") != "":
			return invalid("credentials belong in the form alone")
		case len(form) != 3 || len(form["client_id"]) != 1 || len(form["client_secret"]) != 1:
			return invalid("the form must hold grant_type, client_id and client_secret")
		}
		id, secret = form.Get("client_id"), form.Get("client_secret")
	} else {
		switch {
		case len(form) != 1:
			return invalid("the form must hold grant_type alone")
		case !basic:
			return invalid("basic authorization is required")
		}
	}
	switch {
	case id != c.ClientID:
		return unknownClient()
	case secret != c.ClientSecret:
		return wrongSecret()
	}
	return nil
}

package broker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// mayMeanStyle reports whether an endpoint may only have wanted the credentials in
// another place.
func mayMeanStyle(err error) bool {
	status, _ := refusal(err)
	return status == http.StatusBadRequest || status == http.StatusUnauthorized
}

// isFinal reports whether an endpoint does not know the client. Keycloak says
// unauthorized_client where others say invalid_client.
func isFinal(err error) bool {
	_, code := refusal(err)
	return mayMeanStyle(err) && (code == "invalid_client" || code == "unauthorized_client")
}

// mayPass reports whether an endpoint has given no answer to the request, or one that
// tells of its own troubles.
func mayPass(err error) bool {
	status, _ := refusal(err)
	return status == 0 || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

// refusal is an endpoint's answer that is no token. Its code is shown, so that one that
// does not look like a code of OAuth is not taken for one.
func refusal(err error) (status int, code string) {
	answer, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return 0, ""
	}
	code = answer.ErrorCode
	if len(code) > 40 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		code = ""
	}
	return answer.Response.StatusCode, code
}

// explain says what to do about a token that cannot be had. Nothing of the answer is
// quoted, and the cause is not unwrapped: a Kafka client would take a failed connection
// to the endpoint for one to the broker. A caller that went away is told nothing but that.
func (t *tokens) explain(err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	const reach = "check KAFKA_SASL_TOKEN_URL, and that the endpoint can be reached from here"
	told, advice := "answers with something that is no token", "check KAFKA_SASL_TOKEN_URL"
	status, code := refusal(err)
	transport, unanswered := errors.AsType[*url.Error](err)
	switch {
	case status != 0:
		told = fmt.Sprintf("answers %d %s", status, http.StatusText(status))
		if code != "" {
			told += " (" + code + ")"
		}
		switch {
		case isFinal(err):
			advice = "the endpoint of KAFKA_SASL_TOKEN_URL does not know the client, or does not give it tokens: check KAFKA_SASL_CLIENT_ID and KAFKA_SASL_CLIENT_SECRET, and that the client may use client credentials"
		case code == "invalid_scope":
			advice = "the endpoint of KAFKA_SASL_TOKEN_URL does not grant what KAFKA_SASL_SCOPES asks for"
		case mayPass(err):
			advice = "see to the endpoint of KAFKA_SASL_TOKEN_URL if that goes on"
		default:
			advice = "check KAFKA_SASL_TOKEN_URL, KAFKA_SASL_CLIENT_ID, KAFKA_SASL_CLIENT_SECRET and KAFKA_SASL_SCOPES"
		}
	case errors.Is(err, context.DeadlineExceeded) || unanswered && transport.Timeout():
		told, advice = "does not answer in time", reach
	case unanswered:
		told, advice = "gives no answer: "+connection(transport.Err), reach
		if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
			advice = "its certificate is checked against the system's authorities and not against KAFKA_TLS_CA_FILE: SSL_CERT_FILE names others"
		}
	}
	return &AccessError{Err: fmt.Errorf("no token for the login: %s %s", t.endpoint, told), Advice: advice, final: isFinal(err)}
}

// connection is why there is none. What net/http says of an answer that is no HTTP
// quotes it.
func connection(err error) string {
	var (
		op     *net.OpError
		verify *tls.CertificateVerificationError
		header tls.RecordHeaderError
		proxy  *proxyError
	)
	switch {
	case errors.As(err, &proxy):
		return proxy.Error()
	case errors.As(err, &verify):
		return verify.Error()
	case errors.As(err, &header):
		return header.Error()
	case errors.As(err, &op):
		return op.Error()
	case isEnd(err):
		return "it ends the connection"
	}
	return "the connection fails"
}

// proxyError is a proxy that does not connect. Its URL may hold a password.
type proxyError struct {
	host   string
	status int
}

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy %s does not connect: %d %s", e.host, e.status, http.StatusText(e.status))
}

func nameProxy(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{proxy.Host, resp.StatusCode}
}

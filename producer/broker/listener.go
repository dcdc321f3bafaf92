package broker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"syscall"
	"time"
)

// AccessError is a listener that does not let us in, or cannot be made sure of.
type AccessError struct {
	Address string // host:port of the listener; empty: it is not known
	Err     error  // the cause
	Advice  string // what to do
	final   bool
}

func (e *AccessError) Error() string {
	text := "listener"
	if e.Address != "" {
		text += " " + e.Address
	}
	text += ": " + e.Err.Error()
	if e.Advice != "" {
		text += ": " + e.Advice
	}
	return text
}

// Unwrap returns the cause.
func (e *AccessError) Unwrap() error { return e.Err }

// Final reports whether trying again is of no use.
func (e *AccessError) Final() bool { return e.final }

// listener is what is known of one when a connection to it fails.
type listener struct {
	address         string
	security        Security
	asksCertificate bool              // it asked for a client's certificate
	sent            *x509.Certificate // what it got; nil: none
}

func (l *listener) fail(err error, advice string) error {
	return &AccessError{Address: l.address, Err: err, Advice: advice}
}

// cut is why a connection ended. Its cause is told and not unwrapped: see Dial.
func (l *listener) cut(told string, err error, advice string) error {
	return l.fail(errors.New(told+": "+err.Error()), advice)
}

const (
	tlsOnPlain      = "this is a plain-text listener: " + otherListener
	maybeTLSOnPlain = "if that goes on, this may be a plain-text listener: " + otherListener
	otherListener   = "name the port of the TLS listener in KAFKA_BROKERS, or set KAFKA_TLS=false"
)

// handshakeFailed explains why a handshake of TLS did.
func (l *listener) handshakeFailed(err error) error {
	var (
		header   tls.RecordHeaderError
		unknown  x509.UnknownAuthorityError
		roots    x509.SystemRootsError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
	)
	if code, ok := alertOf(err); ok {
		return l.refused(err, code)
	}
	switch {
	case errors.As(err, &header):
		return l.fail(err, tlsOnPlain)
	case errors.As(err, &unknown), errors.As(err, &roots):
		if l.security.CAFile != "" {
			return l.fail(err, "the broker's certificate is not signed by an authority in "+l.security.CAFile+" (KAFKA_TLS_CA_FILE): put the certificate of the one that signed it there")
		}
		return l.fail(err, "the broker's certificate is signed by an authority that this system does not know: set KAFKA_TLS_CA_FILE to the file with that authority's certificate")
	case errors.As(err, &hostname):
		return l.fail(err, "the broker's certificate is made out to other names: use one of them in KAFKA_BROKERS and in the broker's advertised.listeners, or have this one added to its subject alternative names")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return l.fail(err, "the broker's certificate, or one that signed it, is out of date: renew it, and check the clock of this machine")
	case isEnd(err):
		return l.cut("the broker ended the connection in the TLS handshake", err, maybeTLSOnPlain)
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return l.cut("the broker did not finish the TLS handshake in time", err, maybeTLSOnPlain)
	}
	return l.fail(err, "check the broker's certificate and its ssl. settings; TLS 1.2 or later is needed")
}

// The alerts of TLS (RFC 8446, section 6.2) by which a client's certificate is refused.
// crypto/tls has no names for them.
const (
	alertHandshakeFailure    tls.AlertError = 40
	alertBadCertificate      tls.AlertError = 42
	alertAccessDenied        tls.AlertError = 49
	alertDecryptError        tls.AlertError = 51
	alertProtocolVersion     tls.AlertError = 70
	alertCertificateRequired tls.AlertError = 116
)

// refused explains an alert.
func (l *listener) refused(err error, code tls.AlertError) error {
	certificate := code >= alertBadCertificate && code <= alertAccessDenied || code == alertDecryptError ||
		code == alertCertificateRequired || code == alertHandshakeFailure && l.asksCertificate
	switch {
	case certificate && l.sent == nil:
		return l.fail(err, "the broker demands a client certificate: set KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE")
	case certificate:
		return l.fail(err, "the broker refuses "+l.ownCertificate())
	case code == alertProtocolVersion || code == alertHandshakeFailure:
		return l.fail(err, "the broker and this service have no version or cipher of TLS in common: TLS 1.2 or later is needed (ssl.enabled.protocols, ssl.cipher.suites)")
	}
	return l.fail(err, "the broker refuses the TLS connection: its log says why")
}

func (l *listener) ownCertificate() string {
	return fmt.Sprintf("the client certificate in %s (KAFKA_TLS_CERT_FILE), which is of %q, signed by %q and good from %s to %s: check that the broker's truststore has its authority",
		l.security.CertFile, l.sent.Subject, l.sent.Issuer, l.sent.NotBefore.UTC().Format(time.RFC3339), l.sent.NotAfter.UTC().Format(time.RFC3339))
}

// answersTLS is a listener that answers plain text with an alert.
func (l *listener) answersTLS() error {
	return l.fail(errors.New("the broker answers plain text in TLS"), "set KAFKA_TLS=true, or name the port of a plain-text listener in KAFKA_BROKERS")
}

// ended explains a connection that the broker has ended in the login, without an
// answer or after the first.
func (l *listener) ended(err error, answered bool) error {
	told := "the broker ended the connection without an answer"
	var advice string
	switch {
	case !answered && !l.security.TLS:
		advice = "if that goes on, the listener may speak TLS: set KAFKA_TLS=true, or name the port of a plain-text listener in KAFKA_BROKERS"
	case !answered && l.sent != nil:
		advice = "if that goes on, it may be that the broker refuses " + l.ownCertificate()
	case !answered && l.asksCertificate:
		advice = "if that goes on, the listener may demand a client certificate: set KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE"
	case !answered:
		advice = "if that goes on, the port in KAFKA_BROKERS may not be one of a Kafka listener; the broker's log may say more"
	case l.security.Mechanism == "":
		told = "the broker ended the connection at the first request"
		advice = "if that goes on, the listener may demand a login: set KAFKA_SASL_MECHANISM and what it needs"
	default:
		told = "the broker ended the connection in the login"
		advice = "if that goes on, it may be that it refuses the login: check " + l.security.credentials() + ", and that KAFKA_SASL_MECHANISM is one of the listener's"
	}
	return l.cut(told, err, advice)
}

// alertOf is the alert of TLS by which the other side has ended a connection. crypto/tls
// keeps its type to itself.
func alertOf(err error) (tls.AlertError, bool) {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "remote error" {
		return 0, false
	}
	for code := range tls.AlertError(255) {
		if code.Error() == op.Err.Error() {
			return code, true
		}
	}
	return 255, true
}

// isEnd reports whether the other side has ended the connection.
func isEnd(err error) bool {
	return slices.ContainsFunc([]error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE},
		func(end error) bool { return errors.Is(err, end) })
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

package genesys

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
)

// unanswered judges a request that got no answer. All of it may pass: networks heal,
// names come back, certificates are renewed. What lasts is somebody's to mend, so it
// says whose.
func unanswered(op string, err error) *Error {
	err = cause(err)
	return &Error{Kind: Passing, Op: op, Err: err, Advice: remedy(err)}
}

// cause takes the URL off an error of net/http: the operation names it already.
func cause(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

const checkURLs = "check GENESYS_DOMAIN, or GENESYS_API_URL and GENESYS_LOGIN_URL"

// remedy is what to do about a failure of the network that seldom passes by itself;
// empty: nothing.
func remedy(err error) string {
	var (
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		other   x509.HostnameError
		plain   tls.RecordHeaderError
		name    *net.DNSError
	)
	switch {
	case errors.As(err, &unknown):
		return "the server's certificate is signed by nobody whom this machine trusts: if a proxy or gateway of yours stands in between, " +
			"name a file with its CA in SSL_CERT_FILE; else " + checkURLs
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the server's certificate has expired, or the clock of this machine is wrong: check the clock; a new certificate is taken up at once"
	case errors.As(err, &other):
		return "another server answers than the URL names: " + checkURLs + ", and what the name resolves to"
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &plain):
		return "the URL says https and the port does not speak TLS: " + checkURLs
	case errors.As(err, &name) && name.IsNotFound:
		return "the name does not resolve: " + checkURLs + ", and the DNS of this machine"
	}
	return ""
}

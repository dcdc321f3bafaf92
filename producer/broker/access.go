package broker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/sasl"
)

// Dial opens a connection.
type Dial = func(ctx context.Context, network, address string) (net.Conn, error)

// connectTimeout is what one address may take, TLS included. A caller that knows several
// has to have time for the next.
const connectTimeout = 10 * time.Second

// Access is how listeners are reached. It is safe for concurrent use.
type Access struct {
	security  Security // without its secrets
	under     Dial
	mechanism sasl.Mechanism
}

// NewAccess makes the access that s asks for, over connections of under (nil:
// net.Dialer's). It reads the files of TLS, to refuse those that are of no use.
func NewAccess(s Security, under Dial) (*Access, error) {
	if under == nil {
		under = new(net.Dialer).DialContext
	}
	if s.TLS {
		if _, err := s.roots(); err != nil {
			return nil, err
		}
		if _, err := s.certificate(); err != nil {
			return nil, err
		}
	}
	a := &Access{security: s, under: under}
	if err := a.setMechanism(s); err != nil {
		return nil, err
	}
	a.security.Password, a.security.ClientSecret = "", ""
	return a, nil
}

// Format prints what the listeners demand, whatever the verb.
func (a Access) Format(f fmt.State, _ rune) { fmt.Fprint(f, a.security.String()) }

// Mechanism is that of the login; nil: there is none.
func (a *Access) Mechanism() sasl.Mechanism { return a.mechanism }

// Dial opens a connection, with the handshake of TLS done where TLS is on. What goes
// wrong in a login is an [AccessError], on the connection too. Where the broker ended
// it, that tells of io.EOF or a system call's error and does not unwrap to it: kafka-go
// puts a bare "unexpected EOF" in the place of any error that is io.EOF, and franz-go
// either hides it behind a guess of its own or tries again for half a minute before it
// tells. So both tell at once, in our words; whoever asked them tries again.
func (a *Access) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	l := &listener{address: address, security: a.security}
	var config *tls.Config
	if a.security.TLS {
		var err error
		if config, err = a.config(l); err != nil {
			return nil, &AccessError{Address: address, Err: err}
		}
	}
	bounded, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	under, err := a.under(bounded, network, address)
	if err != nil {
		return nil, err // waited for as it is
	}
	if config == nil {
		return newConn(under, l), nil
	}
	client := tls.Client(under, config)
	if err := client.HandshakeContext(bounded); err != nil {
		_ = under.Close() // nothing was sent
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, ctx.Err()
		}
		return nil, l.handshakeFailed(err)
	}
	return newConn(client, l), nil
}

// config is that of one handshake. The files are read each time: certificates are
// renewed under a service that runs for months.
func (a *Access) config(l *listener) (*tls.Config, error) {
	host, _, err := net.SplitHostPort(l.address)
	if err != nil {
		return nil, err
	}
	roots, err := a.security.roots()
	if err != nil {
		return nil, err
	}
	own, err := a.security.certificate()
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		ServerName: host,
		RootCAs:    roots,
		// It is sent whoever signed it: a broker that refuses it says more than one
		// that gets none.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			l.asksCertificate = true
			if own == nil {
				return &tls.Certificate{}, nil
			}
			l.sent = own.Leaf
			return own, nil
		},
	}, nil
}

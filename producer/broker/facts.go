package broker

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"time"
)

// Encryption is what a handshake of TLS has come to.
type Encryption struct {
	Version string    // such as TLS 1.3; empty: TLS is off
	Expires time.Time // when the certificate is out of date that the broker has shown
	Own     time.Time // when the client's is; zero: it has none, or was not asked for it
}

// Reach opens a connection to a listener as clients do, and ends it. What SASL comes to
// it does not tell. Its errors are those of Dial.
func (a *Access) Reach(ctx context.Context, address string) (e Encryption, err error) {
	opened, err := a.Dial(ctx, "tcp", address)
	if err != nil {
		return e, err
	}
	defer func() { _ = opened.Close() }() // nothing was sent
	c, ok := opened.(*conn)
	if !ok {
		return e, nil
	}
	over, ok := c.Conn.(*tls.Conn)
	if !ok {
		return e, nil
	}
	state := over.ConnectionState()
	e.Version = tls.VersionName(state.Version)
	if len(state.PeerCertificates) > 0 {
		e.Expires = state.PeerCertificates[0].NotAfter
	}
	if c.listener.sent != nil {
		e.Own = c.listener.sent.NotAfter
	}
	return e, nil
}

// Apart is an error's text, and what to do about it, which is empty where nobody knows.
func Apart(err error) (what, fix string) {
	err = Explain(err)
	if e, ok := errors.AsType[*explained](err); ok {
		return withheld(e.err), e.advice
	}
	if e, ok := errors.AsType[*AccessError](err); ok && e.Advice != "" {
		return strings.Replace(err.Error(), ": "+e.Advice, "", 1), e.Advice
	}
	return err.Error(), ""
}

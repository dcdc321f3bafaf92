package broker_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/broker"
)

// serve has a listener do as it is told with each connection.
func serve(t *testing.T, do func(*net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			do(c.(*net.TCPConn))
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

// request is one that has nothing but its size, key and version.
func request(key kmsg.Key) []byte { return []byte{0, 0, 0, 4, 0, byte(key), 0, 0} }

// hear answers so many requests, and none of the next.
func hear(c net.Conn, requests int) {
	for i := range requests + 1 {
		io.ReadFull(c, request(0))
		if i < requests {
			c.Write([]byte{0})
		}
	}
}

func hangUp(after int) func(*net.TCPConn) {
	return func(c *net.TCPConn) { hear(c, after) }
}

func reset(c *net.TCPConn) {
	hear(c, 0)
	c.SetLinger(0)
}

// talk sends the requests of a login, and then others, until one fails.
func talk(c net.Conn, login ...kmsg.Key) error {
	for i := range 20 {
		key := kmsg.Metadata
		if i < len(login) {
			key = login[i]
		}
		if _, err := c.Write(request(key)); err != nil {
			return err
		}
		if _, err := c.Read(make([]byte, 1)); err != nil {
			return err
		}
	}
	return errors.New("everything was answered")
}

// A connection that ends in a login is explained by what is configured and by how far
// the login has come. The error tells the cause and is none of those that clients take
// for an end of the connection.
func TestExplainsAnEnd(t *testing.T) {
	ca := newAuthority(t, "CA")
	plain := broker.Security{}
	login := broker.Security{Mechanism: "scram-sha-512", Username: "app", Password: "right"}
	byPlain := broker.Security{Mechanism: "plain", Username: "app", Password: "right"}
	token := broker.Security{Mechanism: "oauthbearer", TokenURL: "https://login.example/token", ClientID: "app", ClientSecret: "right"}
	const versions, handshake, authenticate = kmsg.ApiVersions, kmsg.SASLHandshake, kmsg.SASLAuthenticate
	asks := func(keys ...kmsg.Key) []kmsg.Key { return keys }
	for _, test := range []struct {
		name     string
		listener func(*net.TCPConn)
		security broker.Security
		login    []kmsg.Key
		words    []string // none: the login is over
	}{
		{"no answer", hangUp(0), plain, asks(versions), []string{"without an answer: EOF", "set KAFKA_TLS=true"}},
		{"no answer but a reset", reset, plain, asks(versions), []string{"without an answer", "connection reset", "set KAFKA_TLS=true"}},
		{"one answer", hangUp(1), plain, asks(versions), []string{"at the first request: EOF", "KAFKA_SASL_MECHANISM"}},
		{"two answers about versions", hangUp(2), plain, asks(versions, versions), []string{"at the first request: EOF", "KAFKA_SASL_MECHANISM"}},
		{"after the first request", hangUp(2), plain, asks(versions), nil},
		{"after two answers about versions and the first request", hangUp(3), plain, asks(versions, versions), nil},
		{"a handshake refused", hangUp(1), login, asks(versions, handshake), []string{"in the login: EOF", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_MECHANISM"}},
		{"the last step of the longest login refused", hangUp(4), login, asks(versions, versions, handshake, authenticate, authenticate), []string{"KAFKA_SASL_USERNAME"}},
		{"a token refused", hangUp(2), token, asks(versions, handshake, authenticate), []string{"KAFKA_SASL_CLIENT_ID, KAFKA_SASL_SCOPES and what the listener expects of a token"}},
		{"the first request after the shortest login", hangUp(3), byPlain, asks(versions, handshake, authenticate), nil},
		{"the first request after a login", hangUp(4), login, asks(versions, handshake, authenticate, authenticate), nil},
		{"an end in the TLS handshake", hangUp(0), over(ca, plain), nil, []string{"in the TLS handshake", "plain-text listener", "KAFKA_TLS=false"}},
		{"a reset in the TLS handshake", reset, over(ca, plain), nil, []string{"in the TLS handshake", "plain-text listener"}},
		{"another protocol", func(c *net.TCPConn) { c.Write([]byte("220 mail.example ESMTP\r\n")) }, over(ca, plain), nil,
			[]string{"does not look like a TLS handshake", "plain-text listener"}},
		{"an alert on plain text", func(c *net.TCPConn) {
			hear(c, 0)
			c.Write([]byte{0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46})
		}, plain, asks(versions), []string{"answers plain text in TLS", "set KAFKA_TLS=true"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			address, a := serve(t, test.listener), access(t, test.security)
			c, err := a.Dial(t.Context(), "tcp", address)
			if err == nil {
				defer c.Close()
				err = talk(c, test.login...)
			}
			if len(test.words) == 0 {
				if !isBare(err, io.EOF) {
					t.Errorf("%v (%T), want a bare %v", err, err, io.EOF)
				}
				return
			}
			wantAccessError(t, err, address, test.words...)
			if _, ok := errors.AsType[syscall.Errno](err); ok || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%#v: is an end of the connection to a client", err)
			}
		})
	}
}

// A token can be longer than what a client writes at once.
func TestRequestInPieces(t *testing.T) {
	address := serve(t, func(c *net.TCPConn) { hear(c, 0); hear(c, 0) })
	c, err := access(t, broker.Security{Mechanism: "plain", Username: "app", Password: "right"}).Dial(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Write(request(kmsg.SASLAuthenticate))
	c.Write([]byte("the rest"))
	_, err = c.Read(make([]byte, 1))
	wantAccessError(t, err, address, "without an answer")
}

// An alert that comes long after the handshake is explained too.
func TestExplainsALateAlert(t *testing.T) {
	ca := newAuthority(t, "CA")
	config := &tls.Config{Certificates: []tls.Certificate{ca.broker()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool()}
	address := serve(t, func(c *net.TCPConn) { tls.Server(c, config).Handshake() })
	c, err := access(t, over(ca, broker.Security{})).Dial(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Read(make([]byte, 1))
	wantAccessError(t, err, address, "demands a client certificate")
}

// An end where the broker had asked for a certificate is suspected to be for that.
func TestSuspectsTheCertificate(t *testing.T) {
	ca := newAuthority(t, "CA")
	config := &tls.Config{Certificates: []tls.Certificate{ca.broker()}, ClientAuth: tls.RequestClientCert}
	address := serve(t, func(c *net.TCPConn) {
		s := tls.Server(c, config)
		io.ReadFull(s, make([]byte, 1))
	})
	with := over(ca, broker.Security{})
	with.CertFile, with.KeyFile = files(t, ca.client("app"))
	for word, s := range map[string]broker.Security{"may demand a client certificate": over(ca, broker.Security{}), "refuses the client certificate in " + with.CertFile: with} {
		c, err := access(t, s).Dial(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		wantAccessError(t, talk(c, kmsg.ApiVersions), address, "without an answer", word)
		c.Close()
	}
}

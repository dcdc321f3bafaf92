package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// authority signs certificates, and nobody trusts it who is not told to.
type authority struct {
	*testing.T
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{T: t}
	a.certificate = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := a.sign(a.certificate)
	a.file = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der.Certificate[0]})
	if err := os.WriteFile(a.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// sign makes a key, and signs the certificate for it: the first one by itself.
func (a *authority) sign(c *x509.Certificate) *tls.Certificate {
	a.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.Fatal(err)
	}
	if a.key == nil {
		a.key = key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		a.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// server is the certificate of a server, good until then.
func (a *authority) server(name string, until time.Time) *tls.Certificate {
	a.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{name},
		NotBefore: until.Add(-24 * time.Hour), NotAfter: until}
	if ip := net.ParseIP(name); ip != nil {
		c.DNSNames, c.IPAddresses = nil, []net.IP{ip}
	}
	return a.sign(c)
}

// secure is the API over TLS, as it is out there.
type secure struct {
	*authority
	address string
	older   atomic.Int64 // requests that were not HTTP/2

	mu    sync.Mutex
	shows []*tls.Certificate // one for each handshake, the last one for all that follow
}

// show has the server show other certificates, one after the other.
func (s *secure) show(certificates ...*tls.Certificate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shows = certificates
}

func (s *secure) next(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := s.shows[0]
	if len(s.shows) > 1 {
		s.shows = s.shows[1:]
	}
	return shown, nil
}

// overTLS has the program reach the API over TLS alone, whose authority it is told of.
func (w *world) overTLS() *secure {
	w.Helper()
	s := &secure{authority: newAuthority(w.T)}
	s.show(s.server("127.0.0.1", time.Now().Add(time.Hour)))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	s.address = listener.Addr().String()
	server := &http.Server{
		TLSConfig: &tls.Config{GetCertificate: s.next},
		ErrorLog:  log.New(io.Discard, "", 0), // handshakes that fail are what is tested
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor != 2 {
				s.older.Add(1)
			}
			w.gate.ServeHTTP(rw, r)
		}),
	}
	go func() { _ = server.ServeTLS(listener, "", "") }() // ends with Close
	w.Cleanup(func() {
		_ = server.Close()
		if n := s.older.Load(); n > 0 {
			w.Errorf("%d requests over TLS were not HTTP/2", n)
		}
	})
	w.environment["SSL_CERT_FILE"] = s.file
	w.at("https://" + s.address)
	w.tls = s
	return s
}

// at has the program look for the API there, the token endpoint included.
func (w *world) at(url string) {
	w.environment["GENESYS_API_URL"], w.environment["GENESYS_LOGIN_URL"] = url, url
}

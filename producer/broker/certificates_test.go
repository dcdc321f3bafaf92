package broker_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority signs the certificates of a test.
type authority struct {
	testing.TB
	pair tls.Certificate
}

func newAuthority(tb testing.TB, name string) *authority {
	tb.Helper()
	a := &authority{TB: tb}
	a.pair = a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil)
	return a
}

// broker is a certificate for 127.0.0.1, but for the changes.
func (a *authority) broker(changes ...func(*x509.Certificate)) tls.Certificate {
	a.Helper()
	return a.leaf("broker", x509.ExtKeyUsageServerAuth, changes)
}

func (a *authority) client(name string, changes ...func(*x509.Certificate)) tls.Certificate {
	a.Helper()
	return a.leaf(name, x509.ExtKeyUsageClientAuth, changes)
}

func (a *authority) leaf(name string, usage x509.ExtKeyUsage, changes []func(*x509.Certificate)) tls.Certificate {
	a.Helper()
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}
	for _, change := range changes {
		change(c)
	}
	return a.sign(c, &a.pair)
}

// sign makes a certificate; without a signer it signs itself.
func (a *authority) sign(c *x509.Certificate, by *tls.Certificate) tls.Certificate {
	a.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.Fatal(err)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	if c.NotAfter.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	parent, signer := c, any(key)
	if by != nil {
		parent, signer = by.Leaf, by.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		a.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		a.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// pool is the authority as the other side trusts it.
func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.pair.Leaf)
	return pool
}

// file writes the authority's certificate.
func (a *authority) file() string {
	a.Helper()
	path := filepath.Join(a.TempDir(), "ca.pem")
	writeCertificate(a, path, a.pair)
	return path
}

// files writes a certificate and its key.
func files(tb testing.TB, pair tls.Certificate) (certificate, key string) {
	tb.Helper()
	dir := tb.TempDir()
	certificate, key = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	writeCertificate(tb, certificate, pair)
	writeKey(tb, key, pair)
	return certificate, key
}

func writeCertificate(tb testing.TB, path string, pair tls.Certificate) {
	tb.Helper()
	write(tb, path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}))
}

func writeKey(tb testing.TB, path string, pair tls.Certificate) {
	tb.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		tb.Fatal(err)
	}
	write(tb, path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func write(tb testing.TB, path string, text []byte) {
	tb.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		tb.Fatal(err)
	}
}

func expired(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
}

func elsewhere(c *x509.Certificate) {
	c.IPAddresses, c.DNSNames = nil, []string{"kafka.example"}
}

package broker_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genesys-producer/producer/broker"
)

// Files that are of no use are refused at once, by the name of the setting and of the
// file, and nothing that is in them is shown.
func TestRefusesFiles(t *testing.T) {
	ca := newAuthority(t, "CA")
	pair := ca.client("app")
	certificate, key := files(t, pair)
	_, otherKey := files(t, ca.client("other"))
	text := filepath.Join(t.TempDir(), "text")
	write(t, text, []byte("tell-nobody"))
	sealed := filepath.Join(t.TempDir(), "sealed.key")
	write(t, sealed, []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"))
	broken := filepath.Join(t.TempDir(), "broken.key")
	write(t, broken, []byte("-----BEGIN PRIVATE KEY-----\ndGVsbC1ub2JvZHk=\n-----END PRIVATE KEY-----\n"))
	missing := filepath.Join(t.TempDir(), "missing.pem")
	for _, test := range []struct {
		name          string
		ca, cert, key string
		words         []string
	}{
		{"no CA file", missing, "", "", []string{"KAFKA_TLS_CA_FILE: " + missing, "cannot be read"}},
		{"a CA file without certificate", text, "", "", []string{"KAFKA_TLS_CA_FILE: " + text, "no certificate in PEM"}},
		{"a key as CA file", key, "", "", []string{"KAFKA_TLS_CA_FILE: " + key, "no certificate"}},
		{"no certificate file", "", missing, key, []string{"KAFKA_TLS_CERT_FILE: " + missing, "cannot be read"}},
		{"a certificate file without certificate", "", text, key, []string{"KAFKA_TLS_CERT_FILE: " + text, "no certificate in PEM"}},
		{"no key file", "", certificate, missing, []string{"KAFKA_TLS_KEY_FILE: " + missing, "cannot be read"}},
		{"a key file without key", "", certificate, text, []string{"KAFKA_TLS_KEY_FILE: " + text, "no private key in PEM"}},
		{"the certificate as key", "", certificate, certificate, []string{"KAFKA_TLS_KEY_FILE: " + certificate, "no private key"}},
		{"an encrypted key", "", certificate, sealed, []string{"KAFKA_TLS_KEY_FILE", sealed + " is encrypted", "passphrase"}},
		{"a broken key", "", certificate, broken, []string{"KAFKA_TLS_KEY_FILE", broken}},
		{"the key of another certificate", "", certificate, otherKey, []string{"does not match", certificate + " and " + otherKey}},
		{"a certificate without key", "", certificate, "", []string{"KAFKA_TLS_KEY_FILE is not set"}},
		{"a key without certificate", "", "", key, []string{"KAFKA_TLS_CERT_FILE is not set"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := broker.NewAccess(broker.Security{TLS: true, CAFile: test.ca, CertFile: test.cert, KeyFile: test.key}, nil)
			if err == nil {
				t.Fatal("they are taken")
			}
			for _, word := range test.words {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%v\nwant it to have %q", err, word)
				}
			}
			if strings.Contains(err.Error(), "tell-nobody") {
				t.Errorf("%v: shows what is in a file", err)
			}
		})
	}
}

// Keys come in PEM of several types.
func TestTakesAKeyOfItsOwnType(t *testing.T) {
	s := over(newAuthority(t, "CA"), broker.Security{})
	pair := newAuthority(t, "CA").client("app")
	s.CertFile, s.KeyFile = files(t, pair)
	der, err := x509.MarshalECPrivateKey(pair.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	parameters := pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{0}}) // as openssl writes them
	write(t, s.KeyFile, append(parameters, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})...))
	access(t, s)
}

// A file that cannot be read later fails the dial, by the same names. It may be there
// again at the next.
func TestFileLostLater(t *testing.T) {
	s := over(newAuthority(t, "CA"), broker.Security{})
	a := access(t, s)
	if err := os.Remove(s.CAFile); err != nil {
		t.Fatal(err)
	}
	_, err := a.Dial(t.Context(), "tcp", "127.0.0.1:1")
	if e := wantAccessError(t, err, "127.0.0.1:1", "KAFKA_TLS_CA_FILE: "+s.CAFile); e.Final() {
		t.Errorf("%v: is final", e)
	}
}

func TestRefusesAnUnknownMechanism(t *testing.T) {
	if _, err := broker.NewAccess(broker.Security{Mechanism: "gssapi"}, nil); err == nil || !strings.Contains(err.Error(), `KAFKA_SASL_MECHANISM: "gssapi"`) {
		t.Errorf("%v", err)
	}
}

// Nothing prints a secret: no verb, no encoder, no logger, whatever holds it.
func TestPrintsNoSecret(t *testing.T) {
	e := newEndpoint(t)
	s := broker.Security{
		TLS: true, Mechanism: "oauthbearer", Username: "app", Password: "tell-nobody-1",
		TokenURL: e.URL, ClientID: "app", ClientSecret: "tell-nobody-2",
	}
	a := access(t, s)
	wantToken(t, a, "token-1")
	var printed []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		for _, value := range []any{s, &s, []broker.Security{s}, struct{ S broker.Security }{s}, a, *a, a.Mechanism(), struct{ a *broker.Access }{a}, struct{ m any }{a.Mechanism()}} {
			printed = append(printed, fmt.Sprintf(verb, value))
		}
	}
	encoded, err := json.Marshal(map[string]any{"s": s, "p": &s})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", s, "p", &s, "a", a, "m", a.Mechanism())
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "p", &s, "a", a, "m", a.Mechanism())
	for _, text := range append(printed, string(encoded), log.String()) {
		for _, secret := range []string{"tell-nobody", "token-1"} {
			if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s", text)
			}
		}
	}
	if got, want := s.String(), "TLS with SASL oauthbearer"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := (broker.Security{}).String(), "plain text"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

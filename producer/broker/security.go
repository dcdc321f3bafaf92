package broker

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
)

// Security is what the listeners demand.
type Security struct {
	TLS                       bool
	CAFile, CertFile, KeyFile string // PEM; without a CAFile the system's authorities are trusted

	Mechanism          string // "": none; else plain, scram-sha-256, scram-sha-512 or oauthbearer
	Username, Password string // of plain and scram

	TokenURL, ClientID, ClientSecret string // of oauthbearer: client credentials
	Scopes                           []string
}

// String says what is demanded, and none of what is secret.
func (s Security) String() string {
	text := "plain text"
	if s.TLS {
		text = "TLS"
	}
	if s.Mechanism != "" {
		text += " with SASL " + s.Mechanism
	}
	return text
}

// Format prints String, whatever the verb.
func (s Security) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText is String, in JSON too.
func (s Security) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue is String.
func (s Security) LogValue() slog.Value { return slog.StringValue(s.String()) }

// roots are the authorities that a broker's certificate may be signed by; nil: the
// system's. A private CA replaces them: whoever has one of the public ones sign a
// certificate must not be taken for a broker.
func (s Security) roots() (*x509.CertPool, error) {
	if s.CAFile == "" {
		return nil, nil
	}
	text, err := readPEM("KAFKA_TLS_CA_FILE", s.CAFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("KAFKA_TLS_CA_FILE: %s has no certificate in PEM: name the file with the certificate of the authority that signed the brokers'", s.CAFile)
	}
	return pool, nil
}

// certificate is the client's; nil: it has none.
func (s Security) certificate() (*tls.Certificate, error) {
	if s.CertFile == "" && s.KeyFile == "" {
		return nil, nil
	}
	cert, err := readPEM("KAFKA_TLS_CERT_FILE", s.CertFile)
	if err != nil {
		return nil, err
	}
	key, err := readPEM("KAFKA_TLS_KEY_FILE", s.KeyFile)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(blocks(cert), "CERTIFICATE") {
		return nil, fmt.Errorf("KAFKA_TLS_CERT_FILE: %s has no certificate in PEM: name the file with the client's certificate and those between it and its authority", s.CertFile)
	}
	isKey := func(kind string) bool { return strings.HasSuffix(kind, "PRIVATE KEY") } // of RSA, of EC
	switch kinds := blocks(key); {
	case slices.Contains(kinds, "ENCRYPTED PRIVATE KEY") || strings.Contains(string(key), "Proc-Type: 4,ENCRYPTED"):
		return nil, fmt.Errorf("KAFKA_TLS_KEY_FILE: the key in %s is encrypted: write it without a passphrase (openssl pkey -in KEY -out FILE), readable by the service alone", s.KeyFile)
	case !slices.ContainsFunc(kinds, isKey):
		return nil, fmt.Errorf("KAFKA_TLS_KEY_FILE: %s has no private key in PEM: name the file with the key of the client's certificate", s.KeyFile)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil { // which says what is wrong, and quotes nothing
		return nil, fmt.Errorf("KAFKA_TLS_CERT_FILE, KAFKA_TLS_KEY_FILE: %s and %s: %w: name a certificate and the key that it was made for", s.CertFile, s.KeyFile, err)
	}
	return &pair, nil
}

func readPEM(setting, path string) ([]byte, error) {
	if path == "" {
		return nil, fmt.Errorf("%s is not set: a certificate and its key go together", setting)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		if e, ok := errors.AsType[*os.PathError](err); ok {
			err = e.Err
		}
		return nil, fmt.Errorf("%s: %s cannot be read (%w): name a file that the service may read", setting, path, err)
	}
	return text, nil
}

// blocks lists the types of the PEM blocks of a text.
func blocks(text []byte) (types []string) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return types
		}
		types, text = append(types, block.Type), rest
	}
}

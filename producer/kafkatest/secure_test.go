package kafkatest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"genesys-producer/producer/kafkatest"
)

// Each listener lets in who has the right credentials, and nobody else.
func TestSecureListeners(t *testing.T) {
	secure := kafkatest.Start(t).Secure(t)
	trust := func(ca string) *tls.Config { return &tls.Config{RootCAs: pool(t, ca)} }
	encrypted := kgo.DialTLSConfig(trust(secure.CA))
	showing := func(certificate, key string) kgo.Opt {
		config := trust(secure.CA)
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			t.Fatal(err)
		}
		// Not Certificates: one whose issuer the broker does not name would not be sent.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
		return kgo.DialTLSConfig(config)
	}
	refused := func(err error) bool { return strings.Contains(err.Error(), "remote error: tls: ") }
	untrusted := func(err error) bool { return errors.As(err, new(x509.UnknownAuthorityError)) }
	type attempt struct {
		name, address string
		fails         func(error) bool // nil: let in
		options       []kgo.Opt
	}
	tests := []attempt{
		{"ssl", secure.SSL, nil, []kgo.Opt{encrypted}},
		{"ssl, by another name", strings.Replace(secure.SSL, "127.0.0.1", "localhost", 1), nil, []kgo.Opt{encrypted}},
		{"ssl, broker untrusted", secure.SSL, untrusted, []kgo.Opt{kgo.DialTLSConfig(trust(secure.StrangerCA))}},
		{"mtls", secure.MTLS, nil, []kgo.Opt{showing(secure.Certificate, secure.Key)}},
		{"mtls, no certificate", secure.MTLS, refused, []kgo.Opt{encrypted}},
		{"mtls, a stranger's", secure.MTLS, refused, []kgo.Opt{showing(secure.StrangerCertificate, secure.StrangerKey)}},
		{"sasl-ssl, broker untrusted", secure.SASLSSL, untrusted, []kgo.Opt{kgo.DialTLSConfig(trust(secure.StrangerCA))}},
	}
	app := mechanisms(kafkatest.User, kafkatest.Password)
	other := mechanisms(kafkatest.OtherUser, kafkatest.OtherPassword)
	for mechanism, wrong := range mechanisms(kafkatest.User, "wrong") {
		unauthenticated := func(err error) bool { return errors.Is(err, kerr.SaslAuthenticationFailed) }
		if mechanism == "OAUTHBEARER" { // the broker's reason comes as no error, and the client does not expect it
			unauthenticated = func(err error) bool { return strings.Contains(err.Error(), "unexpected data in oauth response") }
		}
		for what, test := range map[string]attempt{
			"right":      {options: []kgo.Opt{kgo.SASL(app[mechanism])}},
			"other user": {options: []kgo.Opt{kgo.SASL(other[mechanism])}},
			"wrong":      {options: []kgo.Opt{kgo.SASL(wrong)}, fails: unauthenticated},
		} {
			what = mechanism + ", " + what
			tests = append(tests,
				attempt{"sasl-plaintext, " + what, secure.SASLPlaintext, test.fails, test.options},
				attempt{"sasl-ssl, " + what, secure.SASLSSL, test.fails, append(test.options, encrypted)})
		}
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := ping(t.Context(), client(t, test.address, test.options...))
			switch {
			case test.fails == nil && err != nil:
				t.Errorf("refused: %v", err)
			case test.fails != nil && err == nil:
				t.Error("let in")
			case test.fails != nil && !test.fails(err):
				t.Errorf("another error than that of a refusal: %v", err)
			}
		})
	}
}

// Without an ACL nothing is allowed, and after the test that had one nothing is again.
func TestAllow(t *testing.T) {
	c := kafkatest.Start(t, kafkatest.Authorizing()...)
	address, logins := c.Brokers[0], map[string]kgo.Opt{}
	for mechanism, login := range mechanisms(kafkatest.User, kafkatest.Password) {
		logins[mechanism] = kgo.SASL(login)
	}
	var secure kafkatest.Secure
	if c.Fake != nil {
		delete(logins, "OAUTHBEARER") // it has none
	} else {
		secure = c.Secure(t)
		address = secure.SASLPlaintext
		pair, err := tls.LoadX509KeyPair(secure.Certificate, secure.Key)
		if err != nil {
			t.Fatal(err)
		}
		logins["certificate"] = kgo.DialTLSConfig(&tls.Config{RootCAs: pool(t, secure.CA), Certificates: []tls.Certificate{pair}})
	}
	for name, login := range logins {
		t.Run(name, func(t *testing.T) {
			address := address
			if name == "certificate" {
				address = secure.MTLS
			}
			topic := c.CreateTopic(t, 1)
			produce := func(t *testing.T) error {
				client := client(t, address, login, kgo.DefaultProduceTopic(topic), kgo.DisableIdempotentWrite())
				return client.ProduceSync(t.Context(), kgo.StringRecord("value")).FirstErr()
			}
			refused := func(t *testing.T) {
				if err := produce(t); !errors.Is(err, kerr.TopicAuthorizationFailed) {
					t.Errorf("an ACL is missing, and the answer is: %v", err)
				}
			}
			write := kafkatest.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: topic, Operation: kmsg.ACLOperationWrite}
			t.Run("nothing", refused)
			t.Run("this topic", func(t *testing.T) {
				c.Allow(t, "User:"+kafkatest.User, write)
				if err := produce(t); err != nil {
					t.Errorf("refused: %v", err)
				}
			})
			t.Run("nothing again", refused)
			t.Run("a prefix", func(t *testing.T) {
				write.Name, write.Prefixed = topic[:len(topic)-1], true
				c.Allow(t, "User:"+kafkatest.User, write)
				if err := produce(t); err != nil {
					t.Errorf("refused: %v", err)
				}
			})
			t.Run("another user", func(t *testing.T) {
				c.Allow(t, "User:"+kafkatest.OtherUser, write)
				refused(t)
			})
		})
	}
}

// mechanisms are the ways to be a user. With a wrong password the token has ended.
func mechanisms(user, password string) map[string]sasl.Mechanism {
	life := time.Minute
	if password == "wrong" {
		life = -time.Minute
	}
	return map[string]sasl.Mechanism{
		"PLAIN":         plain.Auth{User: user, Pass: password}.AsMechanism(),
		"SCRAM-SHA-256": scram.Auth{User: user, Pass: password}.AsSha256Mechanism(),
		"SCRAM-SHA-512": scram.Auth{User: user, Pass: password}.AsSha512Mechanism(),
		"OAUTHBEARER":   oauth.Auth{Token: kafkatest.UnsecuredToken(user, life)}.AsMechanism(),
	}
}

func client(t *testing.T, address string, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(options, kgo.SeedBrokers(address))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func ping(ctx context.Context, client *kgo.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return client.Ping(ctx)
}

func pool(t *testing.T, file string) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatalf("no certificate in %s", file)
	}
	return pool
}

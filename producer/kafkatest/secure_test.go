package kafkatest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
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

// A connection lasts as long as its token, and 15 s at most, unless the client shows a
// new one.
func TestTokensEnd(t *testing.T) {
	secure := kafkatest.Start(t).Secure(t)
	const life = 3 * time.Second
	t.Run("kept", func(t *testing.T) {
		began := time.Now()
		connection, session := login(t, secure.SASLPlaintext, life)
		if session <= 0 || session > life {
			t.Errorf("the broker gives a session of %v to a token of %v", session, life)
		}
		connection.SetDeadline(began.Add(life + 5*time.Second))
		request := kmsg.NewPtrApiVersionsRequest()
		tick := time.NewTicker(50 * time.Millisecond) // the broker looks only when it is asked something
		defer tick.Stop()
		for ; ; <-tick.C {
			err := exchange(connection, request, request.ResponseKind())
			if age := time.Since(began); err == nil {
				continue
			} else if !errors.Is(err, io.EOF) || age < life-time.Second {
				t.Errorf("after %v: %v, want an end of the connection after %v", age, err, life)
			}
			return
		}
	})
	t.Run("renewed", func(t *testing.T) {
		shown := make(chan struct{}, 100)
		client := client(t, secure.SASLPlaintext, kgo.SASL(oauth.Oauth(func(context.Context) (oauth.Auth, error) {
			shown <- struct{}{}
			return oauth.Auth{Token: kafkatest.UnsecuredToken(kafkatest.User, life)}, nil
		})))
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for began := time.Now(); time.Since(began) < life+time.Second; <-tick.C {
			if err := ping(t.Context(), client); err != nil {
				t.Fatalf("after %v: %v", time.Since(began), err)
			}
		}
		if len(shown) < 2 {
			t.Errorf("%d tokens of %v were shown in more than that", len(shown), life)
		}
	})
	t.Run("long", func(t *testing.T) {
		if _, session := login(t, secure.SASLPlaintext, time.Hour); session <= 0 || session > 15*time.Second {
			t.Errorf("the broker gives a session of %v to a token of an hour", session)
		}
	})
}

// login shows a token as a client does that never shows another. It gives the session
// that the broker grants.
func login(t *testing.T, address string, life time.Duration) (net.Conn, time.Duration) {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	hello := kmsg.NewPtrSASLHandshakeRequest()
	hello.Version, hello.Mechanism = 1, "OAUTHBEARER"
	greeting := hello.ResponseKind().(*kmsg.SASLHandshakeResponse)
	show := kmsg.NewPtrSASLAuthenticateRequest()
	show.Version, show.SASLAuthBytes = 1, []byte("n,,\x01auth=Bearer "+kafkatest.UnsecuredToken(kafkatest.User, life)+"\x01\x01")
	verdict := show.ResponseKind().(*kmsg.SASLAuthenticateResponse)
	if err := errors.Join(exchange(connection, hello, greeting), exchange(connection, show, verdict)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(kerr.ErrorForCode(greeting.ErrorCode), kerr.ErrorForCode(verdict.ErrorCode)); err != nil {
		t.Fatal(err)
	}
	return connection, time.Duration(verdict.SessionLifetimeMillis) * time.Millisecond
}

// exchange sends a request and reads its response, whose header is the short one.
func exchange(connection net.Conn, request kmsg.Request, response kmsg.Response) error {
	if _, err := connection.Write(kmsg.NewRequestFormatter().AppendRequest(nil, request, 1)); err != nil {
		return err
	}
	var length [4]byte
	if _, err := io.ReadFull(connection, length[:]); err != nil {
		return err
	}
	answer := make([]byte, binary.BigEndian.Uint32(length[:]))
	if _, err := io.ReadFull(connection, answer); err != nil {
		return err
	}
	return response.ReadFrom(answer[4:]) // behind the request's number
}

func TestTokenEndpoint(t *testing.T) {
	tokens := kafkatest.TokenEndpoint(t, "app", time.Minute)
	ask := func(id, secret, grant string) (int, string) {
		response, err := http.PostForm(tokens.URL, url.Values{"grant_type": {grant}, "client_id": {id}, "client_secret": {secret}, "scope": {"kafka"}})
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	if status, body := ask(tokens.ClientID, "wrong", "client_credentials"); status != http.StatusUnauthorized {
		t.Errorf("wrong secret: %d %s", status, body)
	}
	if status, body := ask(tokens.ClientID, tokens.ClientSecret, "password"); status != http.StatusBadRequest {
		t.Errorf("wrong grant: %d %s", status, body)
	}
	if n := tokens.Issued(); n != 0 {
		t.Errorf("%d tokens issued to strangers", n)
	}
	if status, body := ask(tokens.ClientID, tokens.ClientSecret, "client_credentials"); status != http.StatusOK || !strings.Contains(body, `"expires_in":60`) {
		t.Errorf("right: %d %s", status, body)
	}
	if n, scope := tokens.Issued(), tokens.Scope(); n != 1 || scope != "kafka" {
		t.Errorf("%d tokens issued, scope %q, want 1 for kafka", n, scope)
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

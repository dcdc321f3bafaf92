package broker_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"genesys-producer/producer/broker"
	"genesys-producer/producer/kafkatest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listen starts a broker with one listener.
func listen(t *testing.T, options ...kfake.Opt) string {
	t.Helper()
	t.Setenv("KAFKA_BROKERS", "") // it is always an in-process one
	return kafkatest.Start(t, options...).Brokers[0]
}

func access(t *testing.T, s broker.Security) *broker.Access {
	t.Helper()
	a, err := broker.NewAccess(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// ask has a client log in and make its first request.
func ask(t *testing.T, a *broker.Access, address string) error {
	t.Helper()
	options := []kgo.Opt{kgo.SeedBrokers(address), kgo.Dialer(a.Dial)}
	if a.Mechanism() != nil {
		options = append(options, kgo.SASL(a.Mechanism()))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return client.Ping(ctx)
}

// isBare reports whether an error is another, and not one that wraps it.
func isBare(err, want error) bool { return any(err) == any(want) }

// wantAccessError expects one, with the address and all the words.
func wantAccessError(t *testing.T, err error, address string, words ...string) *broker.AccessError {
	t.Helper()
	refused, ok := errors.AsType[*broker.AccessError](err)
	if !ok {
		t.Fatalf("%v: %T, want an AccessError", err, err)
	}
	if refused.Address != address {
		t.Errorf("%v: its address is %q, want %q", refused, refused.Address, address)
	}
	for _, word := range append(words, "listener "+address+": ") {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%v\nwant it to have %q", err, word)
		}
	}
	return refused
}

// Each kind of listener lets in the client that is made for it.
func TestLetsIn(t *testing.T) {
	ca := newAuthority(t, "private CA")
	encrypted := kfake.TLS(&tls.Config{Certificates: []tls.Certificate{ca.broker()}})
	mutual := kfake.TLS(&tls.Config{
		Certificates: []tls.Certificate{ca.broker()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool(),
	})
	certificate, key := files(t, ca.client("app"))
	sasl := kfake.EnableSASL()
	user := broker.Security{Username: "app", Password: "right"}
	for _, test := range []struct {
		name     string
		listener []kfake.Opt
		security broker.Security
	}{
		{"plain text", nil, broker.Security{}},
		{"TLS", []kfake.Opt{encrypted}, broker.Security{TLS: true, CAFile: ca.file()}},
		{"mTLS", []kfake.Opt{mutual}, broker.Security{TLS: true, CAFile: ca.file(), CertFile: certificate, KeyFile: key}},
		{"a certificate that nobody asks for", []kfake.Opt{encrypted}, broker.Security{TLS: true, CAFile: ca.file(), CertFile: certificate, KeyFile: key}},
		{"PLAIN", []kfake.Opt{sasl, kfake.Superuser("PLAIN", "app", "right")}, with(user, "plain")},
		{"SCRAM-SHA-256", []kfake.Opt{sasl, kfake.Superuser("SCRAM-SHA-256", "app", "right")}, with(user, "scram-sha-256")},
		{"SCRAM-SHA-512", []kfake.Opt{sasl, kfake.Superuser("SCRAM-SHA-512", "app", "right")}, with(user, "scram-sha-512")},
		{"PLAIN over TLS", []kfake.Opt{encrypted, sasl, kfake.Superuser("PLAIN", "app", "right")}, over(ca, with(user, "plain"))},
		{"SCRAM over TLS", []kfake.Opt{encrypted, sasl, kfake.Superuser("SCRAM-SHA-512", "app", "right")}, over(ca, with(user, "scram-sha-512"))},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, address := access(t, test.security), listen(t, test.listener...)
			if err := ask(t, a, address); err != nil {
				t.Error(err)
			}
		})
	}
}

func with(s broker.Security, mechanism string) broker.Security {
	s.Mechanism = mechanism
	return s
}

func over(ca *authority, s broker.Security) broker.Security {
	s.TLS, s.CAFile = true, ca.file()
	return s
}

// A client that a listener does not let in says why, and what to do, as soon as it is
// shut out. A franz-go client tells it in our words.
func TestShutsOut(t *testing.T) {
	ca, stranger := newAuthority(t, "private CA"), newAuthority(t, "another CA")
	serve := func(own tls.Certificate) kfake.Opt {
		return kfake.TLS(&tls.Config{Certificates: []tls.Certificate{own}})
	}
	mutual := func(version uint16) kfake.Opt {
		return kfake.TLS(&tls.Config{
			Certificates: []tls.Certificate{ca.broker()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool(),
			MaxVersion: version,
		})
	}
	withClient := func(own tls.Certificate) broker.Security {
		s := over(ca, broker.Security{})
		s.CertFile, s.KeyFile = files(t, own)
		return s
	}
	sasl := func(mechanism string) []kfake.Opt {
		return []kfake.Opt{kfake.EnableSASL(), kfake.Superuser(mechanism, "app", "right")}
	}
	wrong := broker.Security{Username: "app", Password: "wrong-password"}
	const refusedLogin = "may be that it refuses the login: check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"
	for _, test := range []struct {
		name     string
		listener []kfake.Opt
		security broker.Security
		words    []string
	}{
		{"an authority that the system does not know", []kfake.Opt{serve(ca.broker())}, broker.Security{TLS: true},
			[]string{"unknown authority", "set KAFKA_TLS_CA_FILE to"}},
		{"another authority", []kfake.Opt{serve(stranger.broker())}, over(ca, broker.Security{}),
			[]string{"unknown authority", "(KAFKA_TLS_CA_FILE)"}},
		{"a certificate of another host", []kfake.Opt{serve(ca.broker(elsewhere))}, over(ca, broker.Security{}),
			[]string{"127.0.0.1", "made out to other names", "advertised.listeners"}},
		{"a certificate out of date", []kfake.Opt{serve(ca.broker(expired))}, over(ca, broker.Security{}),
			[]string{"expired", "renew it"}},
		{"no client certificate, TLS 1.3", []kfake.Opt{mutual(tls.VersionTLS13)}, over(ca, broker.Security{}),
			[]string{"certificate required", "demands a client certificate", "KAFKA_TLS_CERT_FILE"}},
		{"no client certificate, TLS 1.2", []kfake.Opt{mutual(tls.VersionTLS12)}, over(ca, broker.Security{}),
			[]string{"demands a client certificate", "KAFKA_TLS_CERT_FILE"}},
		{"a client certificate of another authority, TLS 1.3", []kfake.Opt{mutual(tls.VersionTLS13)}, withClient(stranger.client("app")),
			[]string{"unknown certificate authority", "refuses the client certificate", `"CN=app"`, `"CN=another CA"`}},
		{"a client certificate of another authority, TLS 1.2", []kfake.Opt{mutual(tls.VersionTLS12)}, withClient(stranger.client("app")),
			[]string{"refuses the client certificate"}},
		{"a client certificate out of date", []kfake.Opt{mutual(tls.VersionTLS13)}, withClient(ca.client("app", expired)),
			[]string{"refuses the client certificate", "good from "}},
		{"a version of TLS that is too old", []kfake.Opt{kfake.TLS(&tls.Config{Certificates: []tls.Certificate{ca.broker()}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})}, over(ca, broker.Security{}),
			[]string{"protocol version", "TLS 1.2 or later"}},
		{"plain text to a TLS listener", []kfake.Opt{serve(ca.broker())}, broker.Security{},
			[]string{"without an answer", "may speak TLS: set KAFKA_TLS=true"}},
		{"no login", sasl("PLAIN"), broker.Security{},
			[]string{"at the first request", "may demand a login: set KAFKA_SASL_MECHANISM"}},
		{"no login, over TLS", append(sasl("PLAIN"), serve(ca.broker())), over(ca, broker.Security{}),
			[]string{"at the first request", "set KAFKA_SASL_MECHANISM"}},
		{"a wrong password, PLAIN", sasl("PLAIN"), with(wrong, "plain"), []string{"in the login", refusedLogin}},
		{"a wrong password, SCRAM-SHA-256", sasl("SCRAM-SHA-256"), with(wrong, "scram-sha-256"), []string{"in the login", refusedLogin}},
		{"a wrong password, SCRAM-SHA-512", sasl("SCRAM-SHA-512"), with(wrong, "scram-sha-512"), []string{"in the login", refusedLogin}},
		{"a wrong password, over TLS", append(sasl("PLAIN"), serve(ca.broker())), over(ca, with(wrong, "plain")), []string{refusedLogin}},
		{"another mechanism", sasl("SCRAM-SHA-256"), with(wrong, "scram-sha-512"), []string{refusedLogin, "KAFKA_SASL_MECHANISM"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, address := access(t, test.security), listen(t, test.listener...)
			began := time.Now()
			err := ask(t, a, address)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v to tell", took)
			}
			refused := wantAccessError(t, err, address, test.words...)
			if refused.Final() || broker.Final(err) {
				t.Errorf("%v: is final; brokers and their certificates can change", err)
			}
			if strings.Contains(err.Error(), "wrong-password") {
				t.Errorf("%v: shows the password", err)
			}
		})
	}
}

// What is no matter of access is passed on as it is.
func TestPassesOn(t *testing.T) {
	errDown := errors.New("down")
	a, err := broker.NewAccess(over(newAuthority(t, "CA"), broker.Security{}), func(context.Context, string, string) (net.Conn, error) {
		return nil, errDown
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Dial(t.Context(), "tcp", "broker:9092"); !isBare(err, errDown) {
		t.Errorf("%v, want the dialer's own error", err)
	}
	if _, err := access(t, broker.Security{}).Dial(t.Context(), "tcp", "127.0.0.1:1"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("%v, want a refused connection", err)
	} else if _, ok := errors.AsType[*broker.AccessError](err); ok {
		t.Errorf("%v: a refused connection is no AccessError", err)
	}
}

// Certificates are renewed under a running service: the files are read at each dial.
func TestReadsRenewedCertificates(t *testing.T) {
	old, renewed := newAuthority(t, "CA"), newAuthority(t, "CA, renewed")
	address := listen(t, kfake.TLS(&tls.Config{
		Certificates: []tls.Certificate{renewed.broker()}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: renewed.pool(),
	}))
	s := broker.Security{TLS: true, CAFile: old.file()}
	s.CertFile, s.KeyFile = files(t, old.client("app"))
	a := access(t, s)
	wantAccessError(t, ask(t, a, address), address, "KAFKA_TLS_CA_FILE")

	writeCertificate(t, s.CAFile, renewed.pair)
	wantAccessError(t, ask(t, a, address), address, "refuses the client certificate", `"CN=CA"`)

	pair := renewed.client("app")
	writeCertificate(t, s.CertFile, pair)
	wantAccessError(t, ask(t, a, address), address, "KAFKA_TLS_KEY_FILE", "private key")

	writeKey(t, s.KeyFile, pair)
	if err := ask(t, a, address); err != nil {
		t.Error(err)
	}
}

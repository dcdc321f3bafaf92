package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/kafkatest"
)

var secured = &report{
	title: "Secure listeners: how the program comes in, or is kept out, as a process of its own",
	heads: []any{"mode", "client", "broker", "outcome"},
}

// fort is a world whose brokers do not let everybody in.
type fort struct {
	*world
	kafkatest.Secure                   // of an in-process broker: one listener, which asks for no certificate
	tokens           *kafkatest.Tokens // nil: the broker takes none
}

// newFort makes one, with an in-process broker that speaks TLS or plain text.
func newFort(t *testing.T, d delivery, overTLS bool) *fort {
	t.Helper()
	if os.Getenv("KAFKA_BROKERS") != "" {
		cluster := kafkatest.Start(t)
		f := &fort{Secure: cluster.Secure(t), world: newDaysOn(t, cluster, small()).by(d)}
		f.tokens = kafkatest.TokenEndpoint(t, kafkatest.User, loginLife)
		f.awaitCoordinators()
		return f
	}
	options, ca := kafkatest.Authorizing(), newAuthority(t)
	if overTLS {
		options = append(options, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{*ca.server("127.0.0.1", time.Now().Add(time.Hour))}}))
	}
	cluster := kafkatest.Start(t, options...)
	if overTLS {
		cluster.Dial = (&tls.Dialer{Config: &tls.Config{RootCAs: ca.pool()}}).DialContext
	}
	address := cluster.Brokers[0]
	return &fort{world: newDaysOn(t, cluster, small()).by(d),
		Secure: kafkatest.Secure{SSL: address, SASLSSL: address, SASLPlaintext: address, CA: ca.file, StrangerCA: newAuthority(t).file}}
}

// awaitCoordinators has real brokers make what transactions need, at the first of their
// lives, before the program has to wait for it, which it would tell.
func (f *fort) awaitCoordinators() {
	f.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(f.cluster.Brokers...))
	if err != nil {
		f.Fatal(err)
	}
	defer client.Close()
	for _, queue := range f.sim.Queues() {
		request, id := kmsg.NewPtrInitProducerIDRequest(), "genesys-producer."+f.checkpoints()+".default."+queue+".live"
		request.TransactionalID, request.TransactionTimeoutMillis, request.ProducerID, request.ProducerEpoch = &id, 1000, -1, -1
		if _, err := request.RequestWith(f.Context(), client); err != nil {
			f.Fatal(err)
		}
	}
}

// pool is the authority as clients trust it.
func (a *authority) pool() *x509.CertPool {
	a.Helper()
	text, err := os.ReadFile(a.file)
	if err != nil {
		a.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return pool
}

// way is a way in: the settings of a listener.
type way struct {
	name     string
	settings func(f *fort) []string
	overTLS  bool
	real     bool // in-process brokers have no such listener
}

func at(listener string, settings ...string) []string {
	return append([]string{"KAFKA_BROKERS=" + listener}, settings...)
}

// encrypted are the settings of TLS with a private CA, and more.
func encrypted(ca string, more ...string) []string {
	return append([]string{"KAFKA_TLS=true", "KAFKA_TLS_CA_FILE=" + ca}, more...)
}

// showing are those of mTLS.
func (f *fort) showing(certificate, key string) []string {
	return at(f.MTLS, encrypted(f.CA, "KAFKA_TLS_CERT_FILE="+certificate, "KAFKA_TLS_KEY_FILE="+key)...)
}

// password are those of a login by password.
func password(mechanism, user, word string) []string {
	return []string{"KAFKA_SASL_MECHANISM=" + mechanism, "KAFKA_SASL_USERNAME=" + user, "KAFKA_SASL_PASSWORD=" + word}
}

// right are those of the user's.
func right(mechanism string) []string { return password(mechanism, kafkatest.User, kafkatest.Password) }

// overTLS and overPlain are the ways of a user with a password.
func overTLS(mechanism string) way {
	return way{name: mechanism + " over TLS", overTLS: true,
		settings: func(f *fort) []string { return at(f.SASLSSL, encrypted(f.CA, right(mechanism)...)...) }}
}

func overPlain(mechanism string) way {
	return way{name: mechanism + " over plain text",
		settings: func(f *fort) []string { return at(f.SASLPlaintext, right(mechanism)...) }}
}

// Ways with a certificate: the broker's alone, or both.
var (
	private = way{name: "TLS, private CA", overTLS: true, settings: func(f *fort) []string { return at(f.SSL, encrypted(f.CA)...) }}
	mutual  = way{name: "mTLS", overTLS: true, real: true, settings: func(f *fort) []string { return f.showing(f.Certificate, f.Key) }}
)

// inEachFort runs a test in a fort for each client, all beside each other.
func (w way) inEachFort(t *testing.T, test func(f *fort)) {
	t.Helper()
	for _, d := range deliveries {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			if w.real && os.Getenv("KAFKA_BROKERS") == "" {
				t.Skip("in-process brokers have no such listener")
			}
			f := newFort(t, d, w.overTLS)
			f.allow(f.rights()...)
			test(f)
		})
	}
}

// enter enters what came of a mode into the report.
func (f *fort) enter(mode, outcome string) {
	client := "kafka-go"
	if f.exact() {
		client = "franz-go"
	}
	if f.Failed() {
		outcome = "FAILED"
	}
	secured.add(mode, client, f.broker(), outcome)
}

// mustKeep expects that nothing that is secret was told.
func (f *fort) mustKeep(c *child) {
	f.Helper()
	secrets := []string{kafkatest.Password, kafkatest.OtherPassword, wrongWord, f.environment["GENESYS_CLIENT_SECRET"]}
	if f.tokens != nil {
		secrets = append(secrets, f.tokens.ClientSecret)
	}
	for _, secret := range secrets {
		c.mustNotTell(secret)
	}
}

// Each kind of listener lets in the program that is told how, and nobody notices.
func TestLetIn(t *testing.T) {
	ways := []way{private, mutual}
	for _, mechanism := range []string{"plain", "scram-sha-256", "scram-sha-512"} {
		ways = append(ways, overTLS(mechanism), overPlain(mechanism))
	}
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			w.inEachFort(t, func(f *fort) {
				c := f.start(w.settings(f)...)
				c.mustEnd(done)
				f.mustBeQuiet(c)
				f.checkNoRepeats()
				f.enter(w.name, f.outcome())
			})
		})
	}
}

// mustBeQuiet expects no warning, and no error.
func (f *fort) mustBeQuiet(c *child) {
	f.Helper()
	for _, l := range c.log() {
		if l.Level != "DEBUG" && l.Level != "INFO" {
			f.Errorf("%s %s: %s", l.Level, l.Msg, l.Error)
		}
	}
	f.mustKeep(c)
}

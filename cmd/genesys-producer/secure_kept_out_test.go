package main

import (
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const wrongWord = "not-the-word"

// mistake is something wrong in how the program is told to come in.
type mistake struct {
	name    string
	way     way    // how it is right
	brokers string // real, or kfake; empty: both
	wrong   func(f *fort) []string
	says    []string // what is wrong, and what to do
	lasts   bool     // it may pass: the program waits; else it ends
	inflict func(f *fort)
}

func mistakes() []mistake {
	refusedLogin := []string{"SASL_AUTHENTICATION_FAILED", "the broker refuses the login: check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"}
	endedLogin := []string{"the broker ended the connection in the login", "check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD", "KAFKA_SASL_MECHANISM"}
	all := []mistake{
		{name: "untrusted certificate", way: private, lasts: true,
			wrong: func(f *fort) []string { return at(f.SSL, encrypted(f.StrangerCA)...) },
			says:  []string{"certificate signed by unknown authority", "the broker's certificate is not signed by an authority in ", "(KAFKA_TLS_CA_FILE): put the certificate"}},
		{name: "certificate of an authority that the system does not know", way: private, lasts: true,
			wrong: func(f *fort) []string { return at(f.SSL, "KAFKA_TLS=true") },
			says:  []string{"certificate signed by unknown authority", "set KAFKA_TLS_CA_FILE to the file with that authority's certificate"}},
		{name: "no client certificate", way: mutual, brokers: "real", lasts: true,
			wrong: func(f *fort) []string { return at(f.MTLS, encrypted(f.CA)...) },
			says:  []string{"the broker demands a client certificate: set KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE"}},
		{name: "a stranger's client certificate", way: mutual, brokers: "real", lasts: true,
			wrong: func(f *fort) []string { return f.showing(f.StrangerCertificate, f.StrangerKey) },
			says:  []string{"the broker refuses the client certificate in ", `signed by \"CN=stranger-ca\"`, "check that the broker's truststore has its authority"}},
		{name: "plain text to TLS", way: private, brokers: "real", lasts: true,
			wrong: func(f *fort) []string { return at(f.SSL) },
			says:  []string{"the broker answers plain text in TLS", "set KAFKA_TLS=true, or name the port of a plain-text listener in KAFKA_BROKERS"}},
		{name: "plain text to TLS", way: private, brokers: "kfake", lasts: true,
			wrong: func(f *fort) []string { return at(f.SSL) },
			says:  []string{"the broker ended the connection without an answer", "the listener may speak TLS: set KAFKA_TLS=true"}},
		{name: "TLS to plain text", way: overPlain("plain"), brokers: "real", lasts: true,
			wrong: func(f *fort) []string { return at(f.SASLPlaintext, encrypted(f.CA, right("plain")...)...) },
			says:  []string{"the broker ended the connection in the TLS handshake", "this may be a plain-text listener", "KAFKA_TLS=false"}},
		{name: "no SASL to SASL", way: overTLS("plain"), brokers: "real", lasts: true,
			wrong: func(f *fort) []string { return at(f.SASLSSL, encrypted(f.CA)...) },
			says:  []string{"the broker ended the connection at the first request", "the listener may demand a login: set KAFKA_SASL_MECHANISM"}},
		{name: "SASL to a listener without", way: private, brokers: "real",
			wrong: func(f *fort) []string { return at(f.SSL, encrypted(f.CA, right("plain")...)...) },
			says:  []string{"ILLEGAL_SASL_STATE", "the listener wants no SASL", "KAFKA_SASL_MECHANISM and the port in KAFKA_BROKERS"}},
		{name: "a mechanism that is not offered", way: overPlain("plain"), brokers: "kfake",
			wrong: func(f *fort) []string { return at(f.SASLPlaintext, right("scram-sha-256")...) }, inflict: notOffered("SCRAM-SHA-256"),
			says: []string{"UNSUPPORTED_SASL_MECHANISM", "check KAFKA_SASL_MECHANISM against the broker's sasl.enabled.mechanisms"}},
		{name: "an unknown topic", way: overPlain("scram-sha-256"), wrong: (*fort).nowhere,
			says: []string{".nowhere does not exist: set KAFKA_CREATE_TOPICS=true, or create it: kafka-topics.sh --create --topic "}},
		{name: "a client that the token endpoint does not know", way: bearer, brokers: "real",
			wrong: func(f *fort) []string { return at(f.SASLPlaintext, f.token(f.tokens.URL, wrongWord)...) },
			says:  []string{"no token for the login", "401 Unauthorized (invalid_client)", "check KAFKA_SASL_CLIENT_ID and KAFKA_SASL_CLIENT_SECRET"}},
		{name: "a token endpoint that is not there", way: bearer, brokers: "real", lasts: true,
			wrong: func(f *fort) []string { return at(f.SASLPlaintext, f.token("http://127.0.0.1:1/token", wrongWord)...) },
			says:  []string{"no token for the login", "connection refused", "check KAFKA_SASL_TOKEN_URL"}},
	}
	for _, w := range []func(string) way{overTLS, overPlain} {
		for _, mechanism := range []string{"plain", "scram-sha-256", "scram-sha-512"} {
			wrong := func(f *fort) []string {
				return append(w(mechanism).settings(f), "KAFKA_SASL_PASSWORD="+wrongWord)
			}
			all = append(all,
				mistake{name: "wrong password, " + w(mechanism).name, way: w(mechanism), brokers: "real", wrong: wrong, says: refusedLogin},
				mistake{name: "wrong password, " + w(mechanism).name, way: w(mechanism), brokers: "kfake", wrong: wrong, says: endedLogin, lasts: true})
		}
	}
	return all
}

// nowhere are the settings of a topic that the program may write to and that is not there.
func (f *fort) nowhere() []string {
	name := f.topic + ".nowhere"
	f.allow(on(name, kmsg.ACLOperationWrite))
	settings := append(overPlain("scram-sha-256").settings(f), "KAFKA_TOPIC="+name, "KAFKA_DEAD_LETTER_TOPIC="+f.deadLetters(), "KAFKA_WINDOWS_TOPIC="+f.attestations())
	if f.delivery.store == "kafka" {
		settings = append(settings, "CHECKPOINT_TOPIC="+f.checkpoints())
	}
	return settings
}

// notOffered has a broker answer as real ones do that have not enabled a mechanism.
func notOffered(mechanism string) func(f *fort) {
	return func(f *fort) {
		f.cluster.Fake.ControlKey(int16(kmsg.SASLHandshake), func(r kmsg.Request) (kmsg.Response, error, bool) {
			f.cluster.Fake.KeepControl()
			if r.(*kmsg.SASLHandshakeRequest).Mechanism != mechanism {
				return nil, nil, false
			}
			response := r.ResponseKind().(*kmsg.SASLHandshakeResponse)
			response.ErrorCode, response.SupportedMechanisms = kerr.UnsupportedSaslMechanism.Code, []string{"PLAIN"}
			return response, nil, true
		})
	}
}

// Who comes in another way than a listener wants is told what is wrong and what to do,
// once, and finishes when that is done.
func TestKeptOut(t *testing.T) {
	kind := "kfake"
	if os.Getenv("KAFKA_BROKERS") != "" {
		kind = "real"
	}
	for _, m := range mistakes() {
		if m.brokers != "" && m.brokers != kind {
			continue // these say something else, or have no such listener
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			m.way.inEachFort(t, func(f *fort) {
				if m.inflict != nil {
					m.inflict(f)
				}
				outcome := f.mustBeKeptOut(f.start(m.wrong(f)...), m.lasts, m.says...)
				f.start(m.way.settings(f)...).mustEnd(done)
				f.checkNoRepeats()
				f.enter(m.name, outcome)
			})
		})
	}
}

// What the program says where it may not see the ledgers that it does not need any more.
const ledgersKept = "ledgers of days that are past cannot be deleted"

// mustBeKeptOut expects that the program says something as a warning, and waits, or as
// the error with which it ends; once, and nothing else.
func (f *fort) mustBeKeptOut(c *child, lasts bool, says ...string) (outcome string) {
	f.Helper()
	want, outcome := []string{stopped}, "ends with 1; mended, nothing lost"
	if lasts {
		want, outcome = []string{stopped, kafkaWaits}, "waits; mended, nothing lost"
		c.await(kafkaWaits, 1)
		time.Sleep(time.Second) // another warning would come by then
		c.signal(syscall.SIGTERM)
	}
	c.mustEnd(failed, says...)
	var told []string
	for _, l := range c.log() {
		if l.Level != "DEBUG" && l.Level != "INFO" && l.Msg != lettersTold && l.Msg != ledgersKept {
			told = append(told, l.Msg)
		}
	}
	if slices.Sort(told); !slices.Equal(told, sorted(want)) {
		f.Errorf("it said %q, want %q", told, want)
	}
	f.mustKeep(c)
	return outcome
}

func sorted(lines []string) []string { return slices.Sorted(slices.Values(lines)) }

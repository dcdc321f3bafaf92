package publish_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/broker"
	"genesys-producer/producer/kafkatest"
	"genesys-producer/producer/publish"
)

var mechanisms = []string{"plain", "scram-sha-256", "scram-sha-512"}

// behindLogin makes a world of brokers that ask who is there, and whether that one may.
func behindLogin(t *testing.T, partitions int) *world {
	t.Helper()
	return newWorld(t, kafkatest.Start(t, kafkatest.Authorizing()...), partitions)
}

// as has a publisher log in, at the listener that real brokers have for it.
func (w *world) as(s broker.Security) func(*publish.Config) {
	w.Helper()
	brokers := w.cluster.Brokers
	if w.cluster.Fake == nil {
		brokers = []string{w.cluster.Secure(w).SASLPlaintext}
	}
	return func(c *publish.Config) { c.Brokers, c.Access = brokers, w.access(s) }
}

// allow allows the user something with the topic.
func (w *world) allow(operations ...kmsg.ACLOperation) {
	w.Helper()
	for _, operation := range operations {
		w.cluster.Allow(w, "User:"+kafkatest.User, kafkatest.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: w.topic, Operation: operation})
	}
}

func TestLogin(t *testing.T) {
	for _, mechanism := range mechanisms {
		t.Run(mechanism, func(t *testing.T) {
			w := behindLogin(t, 3)
			w.allow(kmsg.ACLOperationWrite)
			p := w.publisher(w.as(broker.Security{Mechanism: mechanism, Username: kafkatest.User, Password: kafkatest.Password}))
			w.mustPublish(p, w.page(1, 60))
			w.mustPublish(p, w.page(2, 60))
			w.wantTopic(w.page(1, 60), w.page(2, 60))
			w.wantOutages(0)
		})
	}
}

const wrongPassword = "not-the-password"

// wantSafe expects that an error names what is to be checked, and that neither it nor
// the log has the password.
func (w *world) wantSafe(err error, names ...string) {
	w.Helper()
	if err == nil {
		w.Fatal("it was published, without the right login")
	}
	for _, want := range names {
		if !strings.Contains(err.Error(), want) {
			w.Errorf("%q does not name %s", err, want)
		}
	}
	for _, text := range append([]string{err.Error()}, w.log.Lines()...) {
		if strings.Contains(text, wrongPassword) || strings.Contains(text, kafkatest.Password) {
			w.Errorf("%q has a password in it", text)
		}
	}
}

// Real brokers say that a login is wrong.
func TestWrongLogin(t *testing.T) {
	w := behindLogin(t, 1)
	secure := w.cluster.Secure(t)
	w.allow(kmsg.ACLOperationWrite)
	for _, mechanism := range mechanisms {
		for _, s := range []broker.Security{
			{Mechanism: mechanism, Username: kafkatest.User, Password: wrongPassword},
			{Mechanism: mechanism, Username: "nobody", Password: kafkatest.Password},
		} {
			t.Run(mechanism+"/"+s.Username, func(t *testing.T) {
				p := w.publisher(w.as(s))
				_, err := p.Publish(t.Context(), w.page(1, 20))
				w.wantSafe(err, "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_MECHANISM")
			})
		}
	}
	w.wantOutages(0) // none was waited for
	t.Run("none", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		p := w.publisher(func(c *publish.Config) { c.Brokers = []string{secure.SASLPlaintext} })
		_, err := p.Publish(ctx, w.page(1, 20))
		w.wantSafe(err, "KAFKA_SASL_MECHANISM")
	})
	w.wantTopic()
}

// What a broker says about a login is final, and is said at once.
func TestBrokerRefusesTheLogin(t *testing.T) {
	for _, test := range []struct {
		request kmsg.Key
		code    *kerr.Error
		names   []string
	}{
		{kmsg.SASLHandshake, kerr.UnsupportedSaslMechanism, []string{"KAFKA_SASL_MECHANISM", "sasl.enabled.mechanisms"}},
		{kmsg.SASLHandshake, kerr.IllegalSaslState, []string{"KAFKA_SASL_MECHANISM", "KAFKA_BROKERS"}},
		{kmsg.SASLAuthenticate, kerr.SaslAuthenticationFailed, []string{"KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_MECHANISM"}},
		{kmsg.SASLAuthenticate, kerr.IllegalSaslState, []string{"KAFKA_SASL_MECHANISM", "KAFKA_BROKERS"}},
	} {
		for _, mechanism := range mechanisms {
			t.Run(test.request.Name()+"/"+test.code.Message+"/"+mechanism, func(t *testing.T) {
				inBubble(t, 1, func(w *world) {
					fault := w.refusing(test.request, test.code)
					began := time.Now()
					_, err := w.publisher(w.as(broker.Security{Mechanism: mechanism, Username: kafkatest.User, Password: wrongPassword})).Publish(w.Context(), w.page(1, 20))
					w.wantSafe(err, test.names...)
					if took := time.Since(began); took > 0 || *fault == 0 {
						w.Errorf("took %v and %d requests", took, *fault)
					}
					w.wantTopic()
					w.wantOutages(0)
				}, kafkatest.Authorizing()...)
			})
		}
	}
}

// refusing answers requests of the login with an error, and counts them.
func (w *world) refusing(request kmsg.Key, code *kerr.Error) *int {
	count, detail := 0, "what the broker has to say"
	w.cluster.Fake.ControlKey(int16(request), func(r kmsg.Request) (kmsg.Response, error, bool) {
		w.cluster.Fake.KeepControl()
		count++
		response := r.ResponseKind()
		switch response := response.(type) {
		case *kmsg.SASLHandshakeResponse:
			response.ErrorCode = code.Code
		case *kmsg.SASLAuthenticateResponse:
			response.ErrorCode, response.ErrorMessage = code.Code, &detail
		}
		return response, nil, true
	})
	return &count
}

// A broker that ends the connection in the login may only be stopping: it is waited for,
// but what may be wrong with the login is told.
func TestLoginEndsWithoutAWord(t *testing.T) {
	for _, mechanism := range mechanisms {
		for name, s := range map[string]broker.Security{
			"wrong password": {Mechanism: mechanism, Username: kafkatest.User, Password: wrongPassword},
			"wrong user":     {Mechanism: mechanism, Username: "nobody", Password: kafkatest.Password},
		} {
			t.Run(mechanism+"/"+name, func(t *testing.T) {
				inBubble(t, 1, func(w *world) {
					ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
					defer cancel()
					_, err := w.publisher(w.as(s)).Publish(ctx, w.page(1, 20))
					w.wantSafe(err, "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_MECHANISM")
					if ctx.Err() == nil {
						w.Errorf("it was given up before its time: %v", err)
					}
					w.wantTopic()
					w.wantLines([]string{"WARN kafka: waiting until publishing is possible", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_MECHANISM"})
				}, kafkatest.Authorizing()...)
			})
		}
	}
}

package broker_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"

	"genesys-producer/producer/broker"
)

// What a handshake has come to is told, and nothing of the login is asked for.
func TestReach(t *testing.T) {
	ca := newAuthority(t, "private CA")
	shown := ca.broker()
	certificate, key := files(t, ca.client("app"))
	address := listen(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{shown}, ClientAuth: tls.RequestClientCert}))
	s := broker.Security{TLS: true, CAFile: ca.file(), CertFile: certificate, KeyFile: key, Mechanism: "plain", Username: "nobody", Password: "wrong"}
	e, err := access(t, s).Reach(t.Context(), address)
	if err != nil || e.Version != "TLS 1.3" || !e.Expires.Equal(shown.Leaf.NotAfter) || e.Own.IsZero() {
		t.Errorf("%+v, %v; want TLS 1.3, good until %v, and the client's end", e, err, shown.Leaf.NotAfter)
	}

	plain := listen(t)
	if e, err := access(t, broker.Security{}).Reach(t.Context(), plain); err != nil || e != (broker.Encryption{}) {
		t.Errorf("plain text: %+v, %v", e, err)
	}
	_, err = access(t, broker.Security{TLS: true, CAFile: newAuthority(t, "stranger").file()}).Reach(t.Context(), address)
	wantAccessError(t, err, address, "unknown authority")
	if e.Own.Before(time.Now()) {
		t.Errorf("the client's certificate is good until %v", e.Own)
	}
}

// An error is taken apart where it says what to do, and left as it is where it does not.
func TestApart(t *testing.T) {
	told := errors.New("connection refused")
	for _, row := range []struct {
		err       error
		what, fix string
	}{
		{told, "connection refused", ""},
		{fmt.Errorf("topic t: %w", kerr.NotEnoughReplicas), "topic t: " + kerr.NotEnoughReplicas.Error(),
			"fewer replicas are in sync than the topic's min.insync.replicas: see to the brokers that are down or behind"},
		{broker.Explain(kerr.NotEnoughReplicas), kerr.NotEnoughReplicas.Error(),
			"fewer replicas are in sync than the topic's min.insync.replicas: see to the brokers that are down or behind"},
		{fmt.Errorf("unable to dial: %w", &broker.AccessError{Address: "h:1", Err: told, Advice: "open it"}), "unable to dial: listener h:1: connection refused", "open it"},
		{&broker.AccessError{Address: "h:1", Err: told}, "listener h:1: connection refused", ""},
	} {
		if what, fix := broker.Apart(row.err); what != row.what || fix != row.fix {
			t.Errorf("%v:\n%q\n%q\nwant\n%q\n%q", row.err, what, fix, row.what, row.fix)
		}
	}
}

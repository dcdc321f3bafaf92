package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/kafkatest"
)

// newCheckedFort makes a fort in which all is well.
func newCheckedFort(t *testing.T, d delivery, overTLS bool) *fort {
	t.Helper()
	f := newFort(t, d, overTLS)
	f.world = newCheckedOn(t, f.cluster, d, genesystest.Config{})
	return f
}

// Listeners that want something else than they get, and those that get it.
func TestCheckListeners(t *testing.T) {
	for _, row := range []struct {
		name    string
		overTLS bool
		changes func(f *fort) []string
		code    int
		others  []string
		must    func(c *checkup)
	}{
		{name: "TLS", overTLS: true, changes: func(f *fort) []string { return at(f.SSL, encrypted(f.CA)...) }, others: []string{"warn tls"},
			must: func(c *checkup) {
				c.must(warns, "tls", "", "TLS 1.3; the brokers' certificate is good until 20", "have the certificate of 127.0.0.1")
			}},
		{name: "TLS of a stranger", overTLS: true, changes: func(f *fort) []string { return at(f.SSL, encrypted(f.StrangerCA)...) }, code: failed,
			others: notAsked("fail tls", "unknown sasl"),
			must: func(c *checkup) {
				c.must(fails, "tls", "", "unknown authority", "KAFKA_TLS_CA_FILE")
				c.must(fine, "brokers", "", "accepts connections", "")
			}},
		{name: "plain text on a listener of TLS", overTLS: true, changes: func(f *fort) []string { return at(f.SSL) }, code: failed,
			others: notAsked("fail tls", "unknown sasl"),
			must:   func(c *checkup) { c.must(fails, "tls", "", "", "set KAFKA_TLS=true") }},
		{name: "TLS on a listener of plain text", changes: func(f *fort) []string { return at(f.SASLPlaintext, encrypted(f.StrangerCA)...) }, code: failed,
			others: notAsked("fail tls", "unknown sasl"),
			must:   func(c *checkup) { c.must(fails, "tls", "", "", "KAFKA_TLS=false") }},
		{name: "wrong password", changes: func(f *fort) []string {
			return at(f.SASLPlaintext, password("scram-sha-512", kafkatest.User, wrongWord)...)
		}, code: failed, others: notAsked("fail sasl"),
			must: func(c *checkup) {
				c.must(fails, "sasl", "", "", "check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD")
			}},
		{name: "mechanism that is not offered", changes: func(f *fort) []string {
			return at(f.SASLPlaintext, "KAFKA_SASL_MECHANISM=oauthbearer", "KAFKA_SASL_TOKEN_URL=http://"+nowhere(f.T), "KAFKA_SASL_CLIENT_ID=x", "KAFKA_SASL_CLIENT_SECRET="+wrongWord)
		}, code: failed, others: notAsked("fail sasl"),
			must: func(c *checkup) { c.must(fails, "sasl", "", "", "KAFKA_SASL_") }},
		{name: "password in plain text", changes: func(f *fort) []string {
			f.allow(f.rights()...)
			return at(f.SASLPlaintext, right("plain")...)
		}, others: []string{"warn sasl", "warn topic", "warn topic", "warn topic"},
			must: func(c *checkup) {
				c.must(warns, "sasl", "", "plain accepted as app", "KAFKA_TLS=true")
				c.must(warns, "topic", c.topic, "its settings may not be seen", "kafka-acls.sh --add --allow-principal User:app --operation DescribeConfigs --topic "+c.topic)
			}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newCheckedFort(t, deliveries[0], row.overTLS)
			c := f.check(row.changes(f)...)
			if f.cluster.Fake == nil && row.name == "TLS" { // whose certificates are good for years
				return
			}
			c.mustOnly(row.code, row.others...)
			row.must(c)
		})
	}
}

// Each right that is missing is named, with the command that grants it.
func TestCheckRights(t *testing.T) {
	for _, row := range []struct {
		name  string
		is    func(f *fort, acl kafkatest.ACL) bool
		seen  bool // the topic may be described all the same
		told  bool // the positions are told all the same
		check string
		says  string
		fix   func(f *fort) string
	}{
		{name: "none", is: func(*fort, kafkatest.ACL) bool { return false }},
		{name: "WRITE on the topic", is: func(f *fort, acl kafkatest.ACL) bool { return acl.Name == f.topic },
			seen: true, check: "rights", says: "WRITE not allowed",
			fix: func(f *fort) string { return "--allow-principal User:app --operation Write --topic " + f.topic }},
		{name: "all on the dead-letter topic", is: func(f *fort, acl kafkatest.ACL) bool { return acl.Name == f.deadLetters() },
			check: "topic", says: "TOPIC_AUTHORIZATION_FAILED", fix: func(*fort) string { return "WRITE and DESCRIBE" }},
		{name: "READ on the checkpoint topic", is: func(f *fort, acl kafkatest.ACL) bool {
			return acl.Name == f.checkpoints() && acl.Operation == kmsg.ACLOperationRead
		}, check: "rights", says: "READ not allowed", fix: func(f *fort) string { return "--operation Read --topic " + f.checkpoints() }},
		{name: "WRITE on the checkpoint topic", is: func(f *fort, acl kafkatest.ACL) bool {
			return acl.Name == f.checkpoints() && acl.Operation == kmsg.ACLOperationWrite
		}, told: true, check: "rights", says: "WRITE not allowed", fix: func(f *fort) string { return "--operation Write --topic " + f.checkpoints() }},
		{name: "READ and WRITE on the ledger topic", is: func(f *fort, acl kafkatest.ACL) bool {
			return acl.Name == f.ledgers() && acl.Operation != kmsg.ACLOperationDescribeConfigs
		}, seen: true, check: "rights", says: "READ, WRITE not allowed", fix: func(f *fort) string { return "--operation Read --operation Write --topic " + f.ledgers() }},
		{name: "WRITE on the transactional ids", is: func(_ *fort, acl kafkatest.ACL) bool { return acl.Resource == kmsg.ACLResourceTypeTransactionalId },
			check: "transactional-ids", says: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", fix: func(*fort) string {
				return "--operation Write --transactional-id genesys-producer. --resource-pattern-type prefixed"
			}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newCheckedFort(t, deliveries[1], false)
			for _, acl := range f.rights() {
				switch {
				case !row.is(f, acl):
					f.allow(acl)
				case row.seen:
					f.allow(on(acl.Name, kmsg.ACLOperationDescribe))
				}
			}
			c := f.check(right512(f)...)
			failing := slices.DeleteFunc(slices.Clone(c.rows), func(r checked) bool { return r.Verdict != fails })
			if row.check == "" {
				if len(failing) > 0 || c.code != done {
					t.Errorf("exit code %d, and %+v", c.code, failing)
				}
				return
			}
			if c.code != failed || len(failing) != 1 || failing[0].Check != row.check ||
				!strings.Contains(failing[0].Finding, row.says) || !strings.Contains(failing[0].Fix, row.fix(f)) {
				t.Errorf("exit code %d, and %+v", c.code, failing)
			}
			if row.told {
				c.must(fine, "positions", "", "0 positions", "")
			}
		})
	}
}

func right512(f *fort) []string { return at(f.SASLPlaintext, right("scram-sha-512")...) }

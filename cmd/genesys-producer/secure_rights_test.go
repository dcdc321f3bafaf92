package main

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/kafkatest"
)

// rights are what the program needs to be allowed, and no more. Who may write to a topic
// or read it may have it described.
func (f *fort) rights() []kafkatest.ACL {
	acls := []kafkatest.ACL{on(f.topic, kmsg.ACLOperationWrite), on(f.deadLetters(), kmsg.ACLOperationWrite), on(f.attestations(), kmsg.ACLOperationWrite)}
	if f.delivery.store == "kafka" {
		acls = append(acls, on(f.checkpoints(), kmsg.ACLOperationRead), on(f.checkpoints(), kmsg.ACLOperationWrite),
			on(f.checkpoints(), kmsg.ACLOperationDescribeConfigs), on(f.ledgers(), kmsg.ACLOperationRead),
			on(f.ledgers(), kmsg.ACLOperationWrite), on(f.ledgers(), kmsg.ACLOperationDescribeConfigs),
			kafkatest.ACL{Resource: kmsg.ACLResourceTypeTransactionalId, Name: "genesys-producer." + f.topic, Prefixed: true, Operation: kmsg.ACLOperationWrite})
	}
	return acls
}

func on(topic string, operation kmsg.ACLOperation) kafkatest.ACL {
	return kafkatest.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: topic, Operation: operation}
}

// allow allows the user something, until the test ends or it is revoked.
func (f *fort) allow(acls ...kafkatest.ACL) (revoke func()) {
	f.Helper()
	l := &lease{T: f.T}
	f.cluster.Allow(l, "User:"+kafkatest.User, acls...)
	f.Cleanup(l.end)
	return l.end
}

// lease is a test that ends when it is told to.
type lease struct {
	*testing.T
	ends []func()
}

func (l *lease) Cleanup(end func()) { l.ends = append(l.ends, end) }

func (l *lease) end() {
	for _, end := range l.ends {
		end()
	}
	l.ends = nil
}

// withDeadLetter has the walk meet a record that becomes a dead letter.
func (f *fort) withDeadLetter() {
	f.putNameless("faulty", 0, `{"note":"of nobody"}`)
}

// The rights are enough, in every delivery: for messages, dead letters and positions.
func TestRightsAreEnough(t *testing.T) {
	for _, d := range append(deliveries, inKafka) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			f := newFort(t, d, false)
			f.allow(f.rights()...)
			f.withDeadLetter()
			c := f.start(overPlain("scram-sha-256").settings(f)...)
			c.mustEnd(done)
			for _, l := range c.log() {
				if l.Level != "DEBUG" && l.Level != "INFO" && l.Msg != lettersTold {
					f.Errorf("%s %s: %s", l.Level, l.Msg, l.Error)
				}
			}
			if found := f.checkTopic(); len(found.repeated) > 0 || found.letters["raw"] != 1 {
				f.Errorf("%+v, want no repeats and a dead letter", found)
			}
			f.enterAs(d, "the rights that README names", f.outcome())
		})
	}
}

// Without any one of them the program ends and says which it is, but for one that only
// lets it verify a setting. Once it is there too, nothing is lost.
func TestEachRightIsNeeded(t *testing.T) {
	const topicRights = "the client needs the operations WRITE and DESCRIBE on it"
	for _, missing := range []struct {
		name  string
		is    func(f *fort, acl kafkatest.ACL) bool
		both  bool // in either delivery
		says  []string
		warns bool // and goes on
	}{
		{name: "WRITE on the topic", both: true, says: []string{topicRights},
			is: func(f *fort, acl kafkatest.ACL) bool { return acl.Name == f.topic }},
		{name: "WRITE on the dead-letter topic", both: true, says: []string{topicRights},
			is: func(f *fort, acl kafkatest.ACL) bool { return acl.Name == f.deadLetters() }},
		{name: "WRITE on the windows topic", both: true, says: []string{topicRights},
			is: func(f *fort, acl kafkatest.ACL) bool { return acl.Name == f.attestations() }},
		{name: "READ on the checkpoint topic", says: []string{topicRights, "READ too on a checkpoint topic"},
			is: func(f *fort, acl kafkatest.ACL) bool {
				return acl.Name == f.checkpoints() && acl.Operation == kmsg.ACLOperationRead
			}},
		{name: "WRITE on the checkpoint topic", says: []string{topicRights},
			is: func(f *fort, acl kafkatest.ACL) bool {
				return acl.Name == f.checkpoints() && acl.Operation == kmsg.ACLOperationWrite
			}},
		{name: "READ on the ledger topic", says: []string{topicRights},
			is: func(f *fort, acl kafkatest.ACL) bool {
				return acl.Name == f.ledgers() && acl.Operation == kmsg.ACLOperationRead
			}},
		{name: "WRITE on the ledger topic", says: []string{topicRights},
			is: func(f *fort, acl kafkatest.ACL) bool {
				return acl.Name == f.ledgers() && acl.Operation == kmsg.ACLOperationWrite
			}},
		{name: "DESCRIBE_CONFIGS on the checkpoint topic", warns: true, says: []string{"cannot be verified: grant the client DESCRIBE_CONFIGS on it"},
			is: func(f *fort, acl kafkatest.ACL) bool {
				return acl.Name == f.checkpoints() && acl.Operation == kmsg.ACLOperationDescribeConfigs
			}},
		{name: "DESCRIBE_CONFIGS on the ledger topic", warns: true, says: []string{"cannot be verified: grant the client DESCRIBE_CONFIGS on it"},
			is: func(f *fort, acl kafkatest.ACL) bool {
				return acl.Name == f.ledgers() && acl.Operation == kmsg.ACLOperationDescribeConfigs
			}},
		{name: "WRITE on the transactional ids", says: []string{"TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "transactional ids, which begin with genesys-producer."},
			is: func(_ *fort, acl kafkatest.ACL) bool { return acl.Resource == kmsg.ACLResourceTypeTransactionalId }},
	} {
		for _, d := range deliveries {
			if d.name != exactlyOnce && !missing.both {
				continue
			}
			// What may be seen, but not written, is refused at another place.
			for _, seen := range []bool{false, true} {
				if seen && !missing.both {
					continue
				}
				name := missing.name
				if seen {
					name += ", but DESCRIBE"
				}
				t.Run(name+"/"+d.name, func(t *testing.T) {
					t.Parallel()
					f := newFort(t, d, false)
					f.withDeadLetter()
					says := missing.says
					for _, acl := range f.rights() {
						switch {
						case !missing.is(f, acl):
							f.allow(acl)
							continue
						case seen:
							f.allow(on(acl.Name, kmsg.ACLOperationDescribe))
						}
						says = append(says, acl.Name) // which is wanted
					}
					way, outcome := overPlain("scram-sha-512").settings(f), "warns, nothing lost"
					if missing.warns {
						c := f.start(way...)
						c.mustEnd(done, says...)
						f.mustKeep(c)
					} else {
						outcome = f.mustBeKeptOut(f.start(way...), false, says...)
						f.allow(f.rights()...)
						f.start(way...).mustEnd(done)
					}
					if found := f.checkTopic(); f.exact() && len(found.repeated) > 0 {
						f.Errorf("pages repeated, by queue: %v", found.repeated)
					}
					f.enter("without "+name, outcome)
				})
			}
		}
	}
}

// Topics that are missing are created where their creation is allowed too, on their
// names or on the cluster; else the error says what is missing.
func TestRightsToCreate(t *testing.T) {
	cluster := kafkatest.ACL{Resource: kmsg.ACLResourceTypeCluster, Name: "kafka-cluster", Operation: kmsg.ACLOperationCreate}
	for _, way := range []struct {
		name string
		acls func(prefix string) []kafkatest.ACL
		says []string // none: they are created
	}{
		{"CREATE on the topics", func(prefix string) []kafkatest.ACL {
			return []kafkatest.ACL{{Resource: kmsg.ACLResourceTypeTopic, Name: prefix, Prefixed: true, Operation: kmsg.ACLOperationCreate}}
		}, nil},
		{"CREATE on the cluster", func(string) []kafkatest.ACL { return []kafkatest.ACL{cluster} }, nil},
		{"no CREATE", func(string) []kafkatest.ACL { return nil }, []string{"create topic ", "TOPIC_AUTHORIZATION_FAILED", "CREATE where KAFKA_CREATE_TOPICS is to create it"}},
	} {
		t.Run(way.name, func(t *testing.T) { // not beside another: one grants it to the user everywhere
			f := newFort(t, deliveries[1], false)
			f.topic += ".new"
			f.allow(append(f.rights(), way.acls(f.topic)...)...)
			c := f.start(append(overPlain("plain").settings(f), "KAFKA_TOPIC="+f.topic, "KAFKA_CREATE_TOPICS=true",
				fmt.Sprintf("KAFKA_PARTITIONS=%d", topicPartitions), "KAFKA_REPLICATION_FACTOR=1")...)
			if len(way.says) > 0 {
				f.enter("KAFKA_CREATE_TOPICS, "+way.name, f.mustBeKeptOut(c, false, way.says...))
				return
			}
			c.mustEnd(done)
			for _, topic := range []string{f.topic, f.deadLetters(), f.attestations(), f.checkpoints(), f.ledgers()} {
				if f.cluster.Fake == nil {
					f.Cleanup(func() { f.cluster.DeleteTopic(f, topic) })
				}
			}
			f.mustBeQuiet(c)
			f.checkNoRepeats()
			f.enter("KAFKA_CREATE_TOPICS, "+way.name, f.outcome())
		})
	}
}

// enterAs is enter, of a delivery that both clients have a part in.
func (f *fort) enterAs(d delivery, mode, outcome string) {
	if d.name == inKafka.name {
		mode += ", positions in Kafka"
	}
	f.enter(mode, outcome)
}

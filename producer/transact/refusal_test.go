package transact_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/producer/broker"
	"genesys-producer/producer/kafkatest"
)

// A message that the broker will not have, for what is in it, parks the queue. Nothing of
// its page is there, and readers are not held up.
func TestRecordIsRefused(t *testing.T) {
	for _, word := range []*kerr.Error{kerr.InvalidRecord, kerr.PolicyViolation, kerr.InvalidTimestamp} {
		t.Run(word.Message, func(t *testing.T) {
			w := onFake(t, 3)
			store := w.store()
			w.mustCommit(store, 1, w.page(1, 20))
			fault := w.cluster.Fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: w.messages, Partitions: []int32{1}, Err: word, Count: -1})
			_, err := store.Commit(t.Context(), key("q-1"), w.page(2, 20), at("q-1", 2))
			refused, ok := errors.AsType[*broker.RefusedError](err)
			if !ok || refused.Topic != w.messages || !errors.Is(err, word) {
				t.Fatalf("%v, want a RefusedError of topic %s", err, w.messages)
			}
			w.wantOpen(0)
			w.wantPosition(1)
			fault.Remove()
			w.mustCommit(store, 2, w.page(2, 20))
			w.wantTopic(w.page(1, 20), w.page(2, 20))
			w.wantOutages(0)
		})
	}
}

// What brokers say while they elect, restart or lack a replica passes.
func TestPassingAnswersAreWaitedFor(t *testing.T) {
	const times = 12 // more than a client tries by itself
	for request, answers := range map[kmsg.Key][]*kerr.Error{
		kmsg.Produce: {kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend, kerr.RequestTimedOut, kerr.NotLeaderForPartition, kerr.LeaderNotAvailable,
			kerr.UnknownTopicOrPartition, kerr.KafkaStorageError, kerr.NetworkException, kerr.UnknownServerError, kerr.ConcurrentTransactions},
		kmsg.EndTxn:          {kerr.CoordinatorLoadInProgress, kerr.CoordinatorNotAvailable, kerr.NotCoordinator, kerr.ConcurrentTransactions, kerr.UnknownServerError, kerr.RequestTimedOut},
		kmsg.InitProducerID:  {kerr.CoordinatorLoadInProgress, kerr.CoordinatorNotAvailable, kerr.NotCoordinator, kerr.ConcurrentTransactions, kerr.UnknownServerError, kerr.RequestTimedOut},
		kmsg.FindCoordinator: {kerr.CoordinatorNotAvailable, kerr.CoordinatorLoadInProgress},
		kmsg.Fetch:           {kerr.NotLeaderForPartition, kerr.UnknownTopicOrPartition, kerr.KafkaStorageError, kerr.UnknownServerError},
	} {
		for _, answer := range answers {
			t.Run(request.Name()+"/"+answer.Message, func(t *testing.T) {
				inBubble(t, func(w *world) {
					store := w.store()
					w.mustTake(store, "q-1", none)
					w.mustCommit(store, 1, w.page(1, 20))
					if request != kmsg.Produce && request != kmsg.EndTxn {
						store.Release(key("q-1"))
					}
					fault := w.cluster.Fake.Fault(kfake.Fault{Keys: []kmsg.Key{request}, Err: answer, Count: times})
					began := time.Now()
					w.mustCommit(store, 2, w.page(2, 20))
					if took := time.Since(began); fault.Hits() != times || took > 5*time.Minute {
						w.Errorf("%d answers in %v, want %d", fault.Hits(), took, times)
					}
					w.mustCommit(store, 3, w.page(3, 20))
					w.wantTopic(w.page(1, 20), w.page(2, 20), w.page(3, 20))
					w.wantPosition(3)
					w.wantOutages(1)
				})
			})
		}
	}
}

// Each permission that is lacking is told at once, with what to grant; with all of them,
// and no more, a store works.
func TestPermissions(t *testing.T) {
	cluster := kafkatest.Start(t, kafkatest.Authorizing()...)
	type grant struct {
		what string
		of   func(w *world) kafkatest.ACL
	}
	topic := func(name func(*world) string, operation kmsg.ACLOperation) func(*world) kafkatest.ACL {
		return func(w *world) kafkatest.ACL {
			return kafkatest.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: name(w), Operation: operation}
		}
	}
	ids := func(operation kmsg.ACLOperation) func(*world) kafkatest.ACL {
		return func(*world) kafkatest.ACL {
			return kafkatest.ACL{Resource: kmsg.ACLResourceTypeTransactionalId, Name: "genesys-producer.", Prefixed: true, Operation: operation}
		}
	}
	messages, positions := func(w *world) string { return w.messages }, func(w *world) string { return w.topic }
	ledgers := func(w *world) string { return w.ledgers }
	grants := []grant{
		{"WRITE on the topic", topic(messages, kmsg.ACLOperationWrite)},
		{"DESCRIBE on the topic", topic(messages, kmsg.ACLOperationDescribe)},
		{"WRITE on the checkpoint topic", topic(positions, kmsg.ACLOperationWrite)},
		{"DESCRIBE on the checkpoint topic", topic(positions, kmsg.ACLOperationDescribe)},
		{"READ on the checkpoint topic", topic(positions, kmsg.ACLOperationRead)},
		{"WRITE on the ledger topic", topic(ledgers, kmsg.ACLOperationWrite)},
		{"DESCRIBE on the ledger topic", topic(ledgers, kmsg.ACLOperationDescribe)},
		{"READ on the ledger topic", topic(ledgers, kmsg.ACLOperationRead)},
		{"WRITE on the transactional ids", ids(kmsg.ACLOperationWrite)},
		{"DESCRIBE on the transactional ids", ids(kmsg.ACLOperationDescribe)},
	}
	for lacking := range len(grants) + 1 {
		name := "nothing"
		if lacking < len(grants) {
			name = grants[lacking].what
		}
		t.Run(name, func(t *testing.T) {
			w := onCluster(t, cluster, 1)
			w.security = broker.Security{Mechanism: "plain", Username: kafkatest.User, Password: kafkatest.Password}
			if cluster.Fake == nil {
				w.listener = cluster.Secure(t).SASLPlaintext
			}
			var acls []kafkatest.ACL
			for i, g := range grants {
				if i != lacking {
					acls = append(acls, g.of(w))
				}
			}
			cluster.Allow(t, "User:"+kafkatest.User, acls...)
			store := w.store()
			_, err := store.Commit(w.bounded(20*time.Second), key("q-1"), w.page(1, 5), at("q-1", 1), chunk(today, 0, "x"))
			operation, object, _ := strings.Cut(name, " ")
			switch {
			case lacking == len(grants) || operation == "DESCRIBE": // which WRITE implies
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			case err == nil:
				t.Fatal("not refused")
			}
			want, advice := error(kerr.TopicAuthorizationFailed), "the client needs the operations"
			if strings.HasSuffix(object, "ids") {
				want, advice = kerr.TransactionalIDAuthorizationFailed, "on its transactional ids, which begin with genesys-producer."
			}
			if !errors.Is(err, want) || !strings.Contains(err.Error(), advice) || !strings.Contains(err.Error(), operation) {
				t.Errorf("%v\nwant %v, and %q", err, want, advice)
			}
			w.wantOutages(0)
			w.wantOpen(0)
			if n := w.uncommitted(w.messages); n > 0 && len(w.cluster.Read(t, w.messages)) > 0 {
				t.Error("something is committed")
			}
		})
	}
}

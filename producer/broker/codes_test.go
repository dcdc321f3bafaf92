package broker_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/broker"
)

// passing are the codes that brokers take back by themselves: while they start, stop,
// elect, move or lack a replica, or end a transaction. All others stay as they are until
// a person does something.
var passing = []*kerr.Error{
	kerr.UnknownServerError, kerr.CorruptMessage, kerr.UnknownTopicOrPartition, kerr.LeaderNotAvailable,
	kerr.NotLeaderForPartition, kerr.RequestTimedOut, kerr.BrokerNotAvailable, kerr.ReplicaNotAvailable,
	kerr.NetworkException, kerr.CoordinatorLoadInProgress, kerr.CoordinatorNotAvailable, kerr.NotCoordinator,
	kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend, kerr.NotController, kerr.KafkaStorageError,
	kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch, kerr.OffsetNotAvailable, kerr.ThrottlingQuotaExceeded,
	kerr.UnknownTopicID, kerr.InconsistentTopicID, kerr.ListenerNotFound, kerr.PreferredLeaderNotAvailable,
	kerr.EligibleLeadersNotAvailable, kerr.ElectionNotNeeded, kerr.FetchSessionIDNotFound, kerr.InvalidFetchSessionEpoch,
	kerr.FetchSessionTopicIDError, kerr.UnstableOffsetCommit, kerr.ShareSessionLimitReached,

	kerr.ConcurrentTransactions, kerr.OperationNotAttempted, kerr.ProducerFenced, kerr.InvalidProducerEpoch,
	kerr.InvalidProducerIDMapping, kerr.InvalidTxnState, kerr.UnknownProducerID, kerr.OutOfOrderSequenceNumber,
	kerr.TransactionAbortable,
}

// lastCode is the largest that the tests' library knows.
const lastCode = 136

// codes are all that a broker can answer.
func codes() (all []*kerr.Error) {
	for code := int16(-1); code <= lastCode; code++ {
		if err, ok := errors.AsType[*kerr.Error](kerr.ErrorForCode(code)); ok {
			all = append(all, err)
		}
	}
	return all
}

func TestFinalOfCodes(t *testing.T) {
	all := codes()
	if len(all) < lastCode || !errors.Is(kerr.ErrorForCode(lastCode+1), kerr.UnknownServerError) {
		t.Errorf("%d codes up to %d: is that all?", len(all), lastCode)
	}
	for _, code := range all {
		want := !slices.Contains(passing, code)
		for _, err := range []error{code, fmt.Errorf("topic x: %w", code), errors.Join(errors.New("other"), code)} {
			if broker.Final(err) != want {
				t.Errorf("%v: Final is %v", err, !want)
			}
		}
	}
}

// What is no broker's word passes, but for what a person has to decide.
func TestFinalOfOthers(t *testing.T) {
	for _, err := range []error{
		io.EOF, io.ErrUnexpectedEOF, context.DeadlineExceeded, errors.New("anything"), &broker.AccessError{Err: io.EOF},
	} {
		if broker.Final(err) {
			t.Errorf("%v: is final", err)
		}
	}
	for _, err := range []error{
		checkpoint.ErrFenced, checkpoint.ErrNewer, checkpoint.ErrDamaged, fmt.Errorf("checkpoint: take q: %w", checkpoint.ErrFenced),
		errors.Join(kerr.LeaderNotAvailable, checkpoint.ErrNotAfter), finalError{},
	} {
		if !broker.Final(err) {
			t.Errorf("%v: is not final", err)
		}
	}
}

type finalError struct{}

func (finalError) Error() string { return "nothing helps" }
func (finalError) Final() bool   { return true }

// A token that was refused may have ended on its way: the next one may be good. A wrong
// password stays wrong.
func TestInvalidTokenPasses(t *testing.T) {
	for detail, want := range map[string]bool{`{"status":"invalid_token"}`: false, "Authentication failed: Invalid username or password": true} {
		if err := fmt.Errorf("%w: %s", kerr.SaslAuthenticationFailed, detail); broker.Final(err) != want {
			t.Errorf("%v: Final is %v", err, !want)
		}
	}
}

// Where a person may have to do something, the error says what, once.
func TestExplain(t *testing.T) {
	advice := map[*kerr.Error][]string{
		kerr.UnknownTopicOrPartition:            {"create it again", "all that it held is gone"},
		kerr.UnknownTopicID:                     {"create it again", "all that it held is gone"},
		kerr.NotEnoughReplicas:                  {"min.insync.replicas"},
		kerr.NotEnoughReplicasAfterAppend:       {"min.insync.replicas"},
		kerr.TopicAuthorizationFailed:           {"WRITE and DESCRIBE", "READ too on a checkpoint topic", "CREATE where KAFKA_CREATE_TOPICS", "kafka-acls.sh --add"},
		kerr.TransactionalIDAuthorizationFailed: {"WRITE and DESCRIBE", "transactional ids", "genesys-producer.", "kafka-acls.sh", "prefixed"},
		kerr.ClusterAuthorizationFailed:         {"CREATE", "KAFKA_CREATE_TOPICS"},
		kerr.SaslAuthenticationFailed:           {"KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_TOKEN_URL", "KAFKA_SASL_MECHANISM"},
		kerr.UnsupportedSaslMechanism:           {"KAFKA_SASL_MECHANISM", "sasl.enabled.mechanisms"},
		kerr.IllegalSaslState:                   {"KAFKA_SASL_MECHANISM", "KAFKA_BROKERS"},
		kerr.InvalidReplicationFactor:           {"KAFKA_REPLICATION_FACTOR"},
		kerr.OffsetOutOfRange:                   {"is gone", "start the program again"},
		kerr.InvalidTransactionTimeout:          {"transaction.max.timeout.ms"},
	}
	for _, code := range codes() {
		cause := fmt.Errorf("topic x: %w", code)
		err := broker.Explain(cause)
		if len(advice[code]) == 0 {
			if !isBare(err, cause) {
				t.Errorf("%v: is explained, and no test knows of it", err)
			}
			continue
		}
		for _, word := range advice[code] {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%v\nwant it to have %q", err, word)
			}
		}
		if !strings.HasPrefix(err.Error(), cause.Error()+": ") || !errors.Is(err, code) {
			t.Errorf("%v: is not %v any more", err, cause)
		}
		if again := broker.Explain(fmt.Errorf("commit: %w", err)); again.Error() != "commit: "+err.Error() {
			t.Errorf("%v: is explained twice", again)
		}
		own := &broker.AccessError{Address: "broker:9093", Err: cause, Advice: "do this"}
		if err := broker.Explain(own); !isBare(err, own) {
			t.Errorf("%v: has another advice", err)
		}
	}
	if err := broker.Explain(nil); err != nil {
		t.Errorf("%v", err)
	}
}

// A record that a broker refuses for what is in it is told so, and stops its queue alone.
func TestRefusal(t *testing.T) {
	refusals := []*kerr.Error{kerr.InvalidRecord, kerr.PolicyViolation, kerr.InvalidTimestamp}
	for _, code := range codes() {
		if want := slices.Contains(refusals, code); broker.IsRefusal(fmt.Errorf("x: %w", code)) != want {
			t.Errorf("%v: IsRefusal is %v", code, !want)
		}
	}
	err := &broker.RefusedError{Topic: "x", Err: kerr.InvalidRecord}
	if err.StopsService() || !errors.Is(err, kerr.InvalidRecord) || !broker.Final(err) || !strings.Contains(err.Error(), "topic x: the broker refuses a record: INVALID_RECORD") {
		t.Errorf("%v", err)
	}
}

// A broker that refuses a login may quote what it was sent: its words are left out, and
// the way to it and the code stay.
func TestExplainWithholdsARefusedLogin(t *testing.T) {
	cause := fmt.Errorf("topic x: %w", fmt.Errorf("%w: you said app and app-secret", kerr.SaslAuthenticationFailed))
	err := broker.Explain(cause)
	if text := err.Error(); strings.Contains(text, "app-secret") || !strings.HasPrefix(text, "topic x: SASL_AUTHENTICATION_FAILED: ") {
		t.Errorf("%v", err)
	}
	what, fix := broker.Apart(cause)
	if strings.Contains(what+fix, "app-secret") || what == "" || fix == "" {
		t.Errorf("%q and %q", what, fix)
	}
	other := fmt.Errorf("%w: the broker's own words", kerr.TopicAuthorizationFailed)
	if err := broker.Explain(other); !strings.HasPrefix(err.Error(), other.Error()+": ") {
		t.Errorf("%v: lacks what the broker says", err)
	}
}

package broker

import (
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"

	"genesys-producer/checkpoint"
)

// Final reports whether asking again is of no use. All that is not a broker's own word
// (no connection, no leader, no answer in time) can pass.
func Final(err error) bool {
	var final interface{ Final() bool }
	if errors.As(err, &final) && final.Final() {
		return true
	}
	if _, ok := errors.AsType[checkpoint.Reason](err); ok {
		return true // what is stored cannot be read, or may not be written (invariants 2 and 5)
	}
	code, ok := errors.AsType[*kerr.Error](err)
	if !ok || code.Retriable {
		return false // elections, moved leaders, too few replicas, a topic not yet known everywhere
	}
	if code == kerr.SaslAuthenticationFailed && strings.Contains(err.Error(), "invalid_token") {
		return false // the answer to OAUTHBEARER (RFC 7628): the next token may be a good one
	}
	switch code {
	case kerr.UnknownServerError, kerr.ConcurrentTransactions, kerr.OperationNotAttempted:
		return false // a broker that stumbles, or is still busy with the transaction before
	}
	return !TransactionOver(err) // whether somebody else has taken over is asked next
}

// TransactionOver reports whether brokers say that a transaction, or its producer id, is
// not the current one: because it took too long, because another process has taken over,
// or because franz-go has numbered a message as if the last transaction went on, which it
// does now and then.
func TransactionOver(err error) bool {
	for _, code := range []error{kerr.ProducerFenced, kerr.InvalidProducerEpoch, kerr.InvalidProducerIDMapping, kerr.InvalidTxnState,
		kerr.UnknownProducerID, kerr.OutOfOrderSequenceNumber, kerr.TransactionAbortable} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// Explain adds to an error what to do about it, where a person may have to and it does
// not say so itself.
func Explain(err error) error {
	if _, ok := errors.AsType[*explained](err); ok || err == nil {
		return err
	}
	if _, ok := errors.AsType[*AccessError](err); ok {
		return err
	}
	code, ok := errors.AsType[*kerr.Error](err)
	if !ok {
		return err
	}
	if advice := advice(code); advice != "" {
		return &explained{err, advice}
	}
	return err
}

type explained struct {
	err    error
	advice string
}

func (e *explained) Error() string { return fmt.Sprintf("%s: %s", withheld(e.err), e.advice) }
func (e *explained) Unwrap() error { return e.err }

// withheld is an error's text, without the words that a broker has for a login that it
// refuses: they may quote what it was sent.
func withheld(err error) string {
	text, code := err.Error(), kerr.SaslAuthenticationFailed.Error()
	if at := strings.Index(text, code); at >= 0 {
		return text[:at+len(code)]
	}
	return text
}

// advice is what to do about an error code.
func advice(code *kerr.Error) string {
	switch code {
	case kerr.UnknownTopicOrPartition, kerr.UnknownTopicID:
		return "if the topic was deleted, all that it held is gone, and the positions are past it; create it again, and the walk goes on"
	case kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend:
		return "fewer replicas are in sync than the topic's min.insync.replicas: see to the brokers that are down or behind"
	case kerr.TopicAuthorizationFailed:
		return "the client needs the operations WRITE and DESCRIBE on it, READ too on a checkpoint topic, and CREATE where KAFKA_CREATE_TOPICS is to create it: grant them to its principal (kafka-acls.sh --add)"
	case kerr.TransactionalIDAuthorizationFailed:
		return "the client needs the operations WRITE and DESCRIBE on its transactional ids, which begin with genesys-producer.: grant them to its principal (kafka-acls.sh --add --resource-pattern-type prefixed)"
	case kerr.ClusterAuthorizationFailed:
		return "the client lacks a permission on the cluster: IDEMPOTENT_WRITE for brokers before 2.8, CREATE where KAFKA_CREATE_TOPICS is true"
	case kerr.SaslAuthenticationFailed:
		return "the broker refuses the login: check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, or the client of KAFKA_SASL_TOKEN_URL, and that KAFKA_SASL_MECHANISM is the one its user was made for"
	case kerr.UnsupportedSaslMechanism:
		return "the listener does not offer this mechanism: check KAFKA_SASL_MECHANISM against the broker's sasl.enabled.mechanisms"
	case kerr.IllegalSaslState:
		return "the listener wants no SASL, or another kind of it: check KAFKA_SASL_MECHANISM and the port in KAFKA_BROKERS"
	case kerr.InvalidReplicationFactor:
		return "there are not so many brokers: lower KAFKA_REPLICATION_FACTOR, or start more"
	case kerr.OffsetOutOfRange:
		return "what was there is gone (deleted records, or an unclean election): start the program again, and it goes on from what is left"
	case kerr.InvalidTransactionTimeout:
		return "the brokers' transaction.max.timeout.ms is below the service's 15 s: raise it"
	}
	return ""
}

// RefusedError is a message that the broker will not have, for what is in it. It parks
// its queue (invariant 8).
type RefusedError struct {
	Topic string
	Err   error // the broker's word
}

// IsRefusal reports whether a broker will not have a message for what is in it.
func IsRefusal(err error) bool {
	for _, code := range []error{kerr.InvalidRecord, kerr.PolicyViolation, kerr.InvalidTimestamp} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("topic %s: the broker refuses a record: %v: check what the topic's settings ask of its records", e.Topic, e.Err)
}

// Unwrap returns the broker's word.
func (e *RefusedError) Unwrap() error { return e.Err }

// StopsService reports false: the other queues can go on.
func (e *RefusedError) StopsService() bool { return false }

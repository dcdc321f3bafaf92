package transact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Inspection asks brokers how things are: no topic of the service's is created, nothing is
// written to one, and no key is taken from who has it. It leaves a transactional id of its
// own, for a week: see [Inspection.MayTransact]. What its answers mean is for the caller to
// judge. It asks once: where brokers are away, an error says so. It is safe for
// concurrent use.
type Inspection struct {
	client *kgo.Client
	admin  *kadm.Client
}

// Inspect makes an inspection, which does not connect yet.
func (c Config) Inspect() (*Inspection, error) {
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	return &Inspection{client, kadm.NewClient(client)}, nil
}

// Close ends its connections.
func (i *Inspection) Close() { i.client.Close() }

// ClusterFacts are what brokers tell of their cluster.
type ClusterFacts struct {
	ID      string   // empty: they tell none
	Brokers []string // host:port of each, as they advertise it
}

// Cluster asks for the facts of the cluster, for which the client has to log in.
func (i *Inspection) Cluster(ctx context.Context) (c ClusterFacts, err error) {
	meta, err := i.admin.BrokerMetadata(ctx)
	if err != nil {
		return c, err
	}
	c.ID = meta.Cluster
	for _, b := range meta.Brokers {
		c.Brokers = append(c.Brokers, fmt.Sprintf("%s:%d", b.Host, b.Port))
	}
	return c, nil
}

// TopicFacts are what brokers tell of a topic.
type TopicFacts struct {
	Exists     bool
	Partitions int
	Leaderless int               // partitions without a leader: nothing can be written to these
	Replicas   int               // of the partition that has the fewest
	InSync     int               // replicas that are not behind, of the partition that has the fewest
	Settings   map[string]string // nil: the client may not see them, or they could not be told
	Untold     error             // why not; nil: they are, or the client may not see them
	Told       bool              // brokers have told what the client may do
	Allowed    []string          // that, as kafka-acls.sh names the operations: READ, WRITE, DESCRIBE_CONFIGS
}

// Topic asks for the facts of a topic. One that the client may not see is refused with an
// error of which [Forbidden] is true, whether or not it exists.
func (i *Inspection) Topic(ctx context.Context, name string) (f TopicFacts, err error) {
	meta, err := i.admin.Metadata(kadm.WithAuthorizedOps(ctx), name)
	if err != nil {
		return f, fmt.Errorf("topic %s: %w", name, err)
	}
	detail := meta.Topics[name]
	switch {
	case errors.Is(detail.Err, kerr.UnknownTopicOrPartition):
		return f, nil
	case detail.Err != nil:
		return f, fmt.Errorf("topic %s: %w", name, detail.Err)
	}
	f.Exists, f.Partitions = true, len(detail.Partitions)
	var replicas, inSync []int
	for _, p := range detail.Partitions {
		if p.Leader < 0 {
			f.Leaderless++
		}
		replicas, inSync = append(replicas, len(p.Replicas)), append(inSync, len(p.ISR))
	}
	if f.Partitions > 0 {
		f.Replicas, f.InSync = slices.Min(replicas), slices.Min(inSync)
	}
	for _, operation := range detail.AuthorizedOperations {
		f.Told, f.Allowed = true, append(f.Allowed, operation.String())
	}
	f.Settings, f.Untold = i.settings(ctx, name)
	return f, nil
}

// settings are a topic's; nil: the client may not see them.
func (i *Inspection) settings(ctx context.Context, name string) (map[string]string, error) {
	resources, err := i.admin.DescribeTopicConfigs(ctx, name)
	var resource kadm.ResourceConfig
	if err == nil {
		resource, err = resources.On(name, nil)
	}
	if err == nil {
		err = resource.Err
	}
	switch {
	case Forbidden(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("topic %s: settings: %w", name, err)
	}
	settings := map[string]string{}
	for _, c := range resource.Configs {
		settings[c.Key] = c.MaybeValue()
	}
	return settings, nil
}

// MayCreate asks whether a topic would be created as [Topics] creates it: nil says so. It is
// not created.
func (i *Inspection) MayCreate(ctx context.Context, topic Topic, replication int) error {
	answers, err := i.admin.ValidateCreateTopics(ctx, int32(topic.Partitions), int16(replication), pointers(creation(topic, replication)), topic.Name)
	if err == nil {
		answer := answers[topic.Name]
		if err = answer.Err; err != nil && answer.ErrMessage != "" {
			err = fmt.Errorf("%w (%s)", err, answer.ErrMessage)
		}
	}
	if err != nil {
		return fmt.Errorf("create topic %s: %w", topic.Name, err)
	}
	return nil
}

// MayTransact asks whether the client may use the transactional ids of a checkpoint topic
// and name: nil says so. It opens one that no key has, so that nobody is fenced: what follows
// the last dot of a key's is a lane, and begins with a letter. That is stored: brokers keep
// the id for a week (transactional.id.expiration.ms), and those of a cluster in which nobody
// has used transactions yet create their topic __transaction_state for it, as they would for
// the service.
func (i *Inspection) MayTransact(ctx context.Context, checkpointTopic, name string) error {
	id := idsOf(checkpointTopic, name) + "-check"
	request := kmsg.NewPtrInitProducerIDRequest()
	request.TransactionalID, request.TransactionTimeoutMillis = &id, int32(transactionTimeout.Milliseconds())
	request.ProducerID, request.ProducerEpoch = -1, -1
	for {
		response, err := request.RequestWith(ctx, i.client)
		if err == nil {
			err = kerr.ErrorForCode(response.ErrorCode)
		}
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, kerr.ConcurrentTransactions): // another check has just opened it
			return fmt.Errorf("transactional id %s: %w", id, err)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return fmt.Errorf("transactional id %s: %w", id, err)
		}
	}
}

// Forbidden reports whether brokers do not allow the client what it asked for.
func Forbidden(err error) bool {
	for _, code := range []error{kerr.TopicAuthorizationFailed, kerr.ClusterAuthorizationFailed, kerr.TransactionalIDAuthorizationFailed} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// creation are the settings that a topic is created with.
func creation(topic Topic, replication int) map[string]string {
	settings := map[string]string{"min.insync.replicas": strconv.Itoa(max(1, min(2, replication-1)))}
	for key, value := range topic.Settings {
		settings[key] = value
	}
	return settings
}

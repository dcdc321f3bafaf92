package transact

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"genesys-producer/checkpoint"
)

// remembered is for how long a client does not ask again which topics there are. Brokers,
// too, take a moment to tell each other.
const remembered = 100 * time.Millisecond

// Topics are the topics that the service needs. It implements [producer.Topic], and is safe
// for concurrent use. It must not be copied once it is used.
type Topics struct {
	Config
	List        []Topic // the first is the destination
	Create      bool    // those that are missing
	Replication int     // factor, with which they are created

	asking kept // for Ends
}

// Destination makes sure that all topics are there and as they must be, and returns the
// first of them, and its cluster. It waits for the brokers where they cannot be reached.
func (t *Topics) Destination(ctx context.Context) (d checkpoint.Destination, err error) {
	client, err := t.client()
	if err != nil {
		return d, err
	}
	defer client.Close()
	err = t.Ladder.Until(ctx, attemptTimeout, func(ctx context.Context) error {
		d, err = t.check(ctx, kadm.NewClient(client))
		return err
	})
	return d, err
}

func (t *Topics) check(ctx context.Context, admin *kadm.Client) (d checkpoint.Destination, err error) {
	var missing []Topic
	for _, topic := range t.List {
		// One by one: a refusal does not say which of several it is about.
		meta, err := admin.Metadata(ctx, topic.Name)
		if errors.Is(err, kerr.TopicAuthorizationFailed) {
			err = fmt.Errorf("topic %s: %w", topic.Name, err)
		}
		if err != nil {
			return d, err
		}
		d.Cluster = meta.Cluster
		detail := meta.Topics[topic.Name]
		switch {
		case errors.Is(detail.Err, kerr.UnknownTopicOrPartition):
			missing = append(missing, topic)
		case detail.Err != nil:
			return d, fmt.Errorf("topic %s: %w", topic.Name, detail.Err)
		case topic.Single && len(detail.Partitions) != 1:
			return d, &SetupError{fmt.Sprintf("topic %s has %d partitions, and must have one, so that positions have one order: name another with CHECKPOINT_TOPIC", topic.Name, len(detail.Partitions))}
		case topic.Compacted:
			if err := t.checkPolicy(ctx, admin, topic.Name); err != nil {
				return d, err
			}
		}
	}
	if len(missing) > 0 {
		if err := t.create(ctx, admin, missing); err != nil {
			return d, err
		}
		if err := pause(ctx, remembered); err != nil {
			return d, err
		}
		return t.check(ctx, admin)
	}
	d.Topic = t.List[0].Name
	return d, nil
}

// checkPolicy refuses a topic from which positions, or ledgers, would disappear.
func (t *Topics) checkPolicy(ctx context.Context, admin *kadm.Client, name string) error {
	resources, err := admin.DescribeTopicConfigs(ctx, name)
	var resource kadm.ResourceConfig
	if err == nil {
		resource, err = resources.On(name, nil)
	}
	if err == nil {
		err = resource.Err
	}
	if errors.Is(err, kerr.TopicAuthorizationFailed) || errors.Is(err, kerr.ClusterAuthorizationFailed) {
		t.Log.Warn("kafka: the cleanup.policy of a topic of checkpoints cannot be verified: grant the client DESCRIBE_CONFIGS on it, and see to it that it is compact", "topic", name)
		return nil
	}
	if err != nil {
		return fmt.Errorf("topic %s: settings: %w", name, err)
	}
	for _, c := range resource.Configs {
		if c.Key == "cleanup.policy" && c.MaybeValue() != "compact" {
			return &SetupError{fmt.Sprintf("topic %s has cleanup.policy=%s, and what it holds would be deleted: it must be compact; "+
				"kafka-configs.sh --alter --entity-type topics --entity-name %s --add-config cleanup.policy=compact --bootstrap-server %s", name, c.MaybeValue(), name, t.Brokers[0])}
		}
	}
	return nil
}

// create creates the topics that are missing, or says that they are.
func (t *Topics) create(ctx context.Context, admin *kadm.Client, missing []Topic) error {
	var absent []string
	for _, topic := range missing {
		settings := creation(topic, t.Replication)
		if !t.Create {
			absent = append(absent, fmt.Sprintf("topic %s does not exist: set KAFKA_CREATE_TOPICS=true, or create it: %s", topic.Name, t.Command(topic)))
			continue
		}
		response, err := admin.CreateTopic(ctx, int32(topic.Partitions), int16(t.Replication), pointers(settings), topic.Name)
		if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			if response.ErrMessage != "" {
				err = fmt.Errorf("%w (%s)", err, response.ErrMessage)
			}
			return fmt.Errorf("create topic %s: %w", topic.Name, err)
		}
		if err == nil {
			t.Log.Info("kafka: topic created", "topic", topic.Name, "partitions", topic.Partitions, "replication_factor", t.Replication, "settings", strings.TrimSpace(flags(settings)))
		}
	}
	if len(absent) > 0 {
		return &AbsentError{SetupError{strings.Join(absent, "; ")}}
	}
	return nil
}

// Command creates a topic, as a person would.
func (t *Topics) Command(topic Topic) string {
	return fmt.Sprintf("kafka-topics.sh --create --topic %s --partitions %d --replication-factor %d%s --bootstrap-server %s",
		topic.Name, topic.Partitions, t.Replication, flags(creation(topic, t.Replication)), t.Brokers[0])
}

// flags are settings as kafka-topics.sh takes them.
func flags(settings map[string]string) (text string) {
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		text += " --config " + key + "=" + settings[key]
	}
	return text
}

func pointers(settings map[string]string) map[string]*string {
	result := map[string]*string{}
	for key, value := range settings {
		result[key] = &value
	}
	return result
}

// SetupError says that a topic is missing, or that something is not as it must be.
type SetupError struct{ text string }

func (e *SetupError) Error() string { return e.text }

// Final reports true: somebody has to mend it, and waiting would only hide it.
func (e *SetupError) Final() bool { return true }

// AbsentError is a [SetupError] that says that topics are missing.
type AbsentError struct{ SetupError }

// Unwrap returns the same as what it is more generally.
func (e *AbsentError) Unwrap() error { return &e.SetupError }

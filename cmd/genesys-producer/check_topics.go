package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"genesys-producer/producer/broker"
	"genesys-producer/producer/status/words"
	"genesys-producer/producer/transact"
)

// shortest is how long messages had better be kept: consumers are away for a weekend.
const shortest = 7 * 24 * time.Hour

// topics looks at each topic that the service needs, and at what the client may do there.
func (k *kafkaCheck) topics(ctx context.Context) {
	needed := neededTopics(k.config, k.brokers)
	defer needed.Close()
	var rights []checked
	refused := false
	for _, topic := range needed.List {
		bounded, cancel := context.WithTimeout(ctx, answerPatience)
		facts, err := k.inspect.Topic(bounded, topic.Name)
		switch {
		case err != nil:
			what, fix := broker.Apart(err)
			k.add("topic", topic.Name, fails, what, fix)
		case !facts.Exists && !k.CreateTopics:
			k.add("topic", topic.Name, fails, "it does not exist", "set KAFKA_CREATE_TOPICS=true, or create it: "+needed.Command(topic))
		case !facts.Exists:
			k.creatable(bounded, topic)
		default:
			k.found = append(k.found, k.topic(topic, facts))
			rights = append(rights, k.rights(topic, facts))
			k.told = k.told || topic.Name == k.CheckpointTopic && tells(topic, facts)
		}
		refused = refused || transact.Forbidden(err)
		cancel()
	}
	if len(rights) == 0 {
		why := "no topic exists yet"
		if refused {
			why = "the client may not see the topics"
		}
		rights = unknowns(why, "rights")
	}
	k.found = append(k.found, rights...)
	if k.CheckpointStore == "kafka" {
		k.transactions(ctx)
	}
}

// creatable tells whether the service will create a topic that is missing. This does not.
func (k *kafkaCheck) creatable(ctx context.Context, topic transact.Topic) {
	if err := k.inspect.MayCreate(ctx, topic, k.ReplicationFactor); err != nil {
		what, fix := broker.Apart(err)
		k.add("topic", topic.Name, fails, "it does not exist, and cannot be created: "+what, fix)
		return
	}
	k.add("topic", topic.Name, warns, fmt.Sprintf("it does not exist; the service will create it, with %s and %s",
		words.Several(topic.Partitions, "partition", "partitions"), words.Several(k.ReplicationFactor, "replica", "replicas")), "nothing, if that is meant")
}

// topic judges a topic by its settings.
func (k *kafkaCheck) topic(topic transact.Topic, f transact.TopicFacts) checked {
	j := judged{checked{Check: "topic", Subject: topic.Name, Verdict: fine}}
	j.note(fine, words.Several(f.Partitions, "partition", "partitions")+", "+words.Several(f.Replicas, "replica", "replicas"), "")
	if topic.Single && f.Partitions != 1 {
		j.note(fails, "it must have one partition, so that positions have one order", "name another with CHECKPOINT_TOPIC")
	}
	if f.Leaderless > 0 {
		j.note(fails, words.Several(f.Leaderless, "partition has no leader", "partitions have no leader"), "see to the brokers that are down")
	}
	if f.Settings == nil {
		k.unseen(&j, topic, f.Untold)
		return j.checked
	}
	k.policy(&j, topic, f.Settings)
	k.sizes(&j, topic, f.Settings)
	k.replicas(&j, topic, f)
	return j.checked
}

// unseen judges settings that nobody knows, for an error or because the client may not see
// them. The service asks for those of the topics alone that must be compacted, and goes on
// without them where it may not see them.
func (k *kafkaCheck) unseen(j *judged, topic transact.Topic, err error) {
	what, fix := "its settings may not be seen", "grant the client DESCRIBE_CONFIGS: "+k.grant(topic.Name, "DescribeConfigs")
	if err != nil {
		what, fix = broker.Apart(err)
	}
	switch {
	case err != nil && topic.Compacted:
		j.note(fails, what, cmp.Or(fix, "see to the brokers: the service asks for its cleanup.policy, and does not start without an answer"))
	case err != nil:
		j.note(warns, what, cmp.Or(fix, "see to the brokers: the service runs without an answer"))
	case topic.Compacted:
		j.note(warns, what+", and a wrong cleanup.policy deletes what it holds", fix)
	default:
		j.note(warns, what, fix)
	}
}

// judged is a finding of several, with the worst of their verdicts.
type judged struct{ checked }

func (j *judged) note(v verdict, text, fix string) {
	if order := []verdict{fine, warns, fails}; slices.Index(order, v) > slices.Index(order, j.Verdict) {
		j.Verdict = v
	}
	join := func(all *string, more, by string) {
		if *all != "" && more != "" {
			*all += by
		}
		*all += more
	}
	join(&j.Finding, text, ", ")
	join(&j.Fix, fix, "; ")
}

// policy judges what of the topic disappears, and when.
func (k *kafkaCheck) policy(j *judged, topic transact.Topic, settings map[string]string) {
	policy := settings["cleanup.policy"]
	text := "cleanup.policy=" + policy
	deletes := strings.Contains(policy, "delete")
	forever, kept := retention(settings["retention.ms"])
	switch {
	case topic.Compacted && policy != "compact":
		j.note(fails, text+": what it holds would be deleted, it must be compact", k.alter(topic.Name, "cleanup.policy=compact"))
	case topic.Name == k.DeadLetterTopic && strings.Contains(policy, "compact"):
		j.note(warns, text+": of two dead letters of a conversation the older one disappears", k.alter(topic.Name, "cleanup.policy=delete,retention.ms=-1"))
	case topic.Name == k.DeadLetterTopic && !forever:
		j.note(warns, text+": dead letters disappear after "+days(kept), k.alter(topic.Name, "retention.ms=-1"))
	case deletes && settings["retention.bytes"] != "" && settings["retention.bytes"] != "-1":
		j.note(warns, text+": messages disappear where a partition is larger than retention.bytes="+settings["retention.bytes"], k.alter(topic.Name, "retention.bytes=-1"))
	case deletes && !forever && kept < shortest:
		j.note(warns, text+": messages disappear after "+days(kept)+", read or not", "keep them for longer, or with cleanup.policy=compact the newest of each conversation for ever: "+k.alter(topic.Name, "retention.ms=604800000"))
	case deletes && !forever:
		j.note(fine, text+", kept for "+days(kept), "")
	default:
		j.note(fine, text, "")
	}
}

// retention is for how long messages are kept. true: for ever.
func retention(ms string) (forever bool, kept time.Duration) {
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/int64(time.Millisecond) {
		return true, 0
	}
	return false, time.Duration(n) * time.Millisecond
}

// days is a time for which messages are kept, for people.
func days(d time.Duration) string {
	if d%(24*time.Hour) != 0 {
		return shortened(d)
	}
	return words.Several(int(d/(24*time.Hour)), "day", "days")
}

// sizes holds max.message.bytes against the largest message that is sent there.
func (k *kafkaCheck) sizes(j *judged, topic transact.Topic, settings map[string]string) {
	limit, err := strconv.Atoi(settings["max.message.bytes"])
	if err != nil || topic.Name != k.Topic && topic.Name != k.DeadLetterTopic {
		return
	}
	text := fmt.Sprintf("max.message.bytes=%d", limit)
	if needs := transact.BatchOf(k.MaxMessageBytes); limit < needs {
		what := "become dead letters, all the same"
		if topic.Name == k.DeadLetterTopic {
			what = "cannot be kept whole"
		}
		j.note(warns, fmt.Sprintf("%s is less than KAFKA_MAX_MESSAGE_BYTES=%d needs: records between the two %s", text, k.MaxMessageBytes, what),
			"lower KAFKA_MAX_MESSAGE_BYTES, or: "+k.alter(topic.Name, "max.message.bytes="+strconv.Itoa(needs)))
		return
	}
	j.note(fine, text, "")
}

// alter is the command that changes a topic's settings.
func (k *kafkaCheck) alter(topic, settings string) string {
	return fmt.Sprintf("kafka-configs.sh --alter --entity-type topics --entity-name %s --add-config %s%s", topic, settings, k.server())
}

// server is which brokers a command is for.
func (k *kafkaCheck) server() string { return " --bootstrap-server " + k.Brokers[0] }

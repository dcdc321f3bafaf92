package main

import (
	"fmt"
	"strings"
)

// topics are where everything goes. No two of them are the same.
type topics struct {
	Topic           string // of the conversations
	DeadLetterTopic string
	WindowsTopic    string
	CheckpointTopic string // of store kafka; empty for file
	LedgerTopic     string // likewise
}

// ledgers is what the topic of the ledgers has behind the name of that of the positions,
// to which they belong.
const ledgers = ".ledgers"

// longestTopic is how many characters Kafka allows the name of a topic.
const longestTopic = 249

// parseTopic takes a name that Kafka allows a topic.
func parseTopic(text string) (string, error) {
	if len(text) > longestTopic || text == "." || text == ".." || !consistsOf(text, lettersAndDigits+"._-") {
		return "", fmt.Errorf("%s is not a topic name; write up to %d letters, digits, ., _ and -", quote(text), longestTopic)
	}
	return text, nil
}

// parseTopics takes the topics: those beside that of the conversations are named after
// it, unless they are set.
func parseTopics(bad *configError, env environment, store string) topics {
	t := topics{Topic: parse(bad, env.Topic, parseTopic)}
	t.DeadLetterTopic = parseSideTopic(bad, env, env.DeadLetterTopic, t.Topic, true)
	t.WindowsTopic = parseSideTopic(bad, env, env.WindowsTopic, t.Topic, true)
	t.CheckpointTopic = parseSideTopic(bad, env, env.CheckpointTopic, t.Topic, store == "kafka")
	bad.refuseIdle(env.CheckpointStore, "file", "kafka", env.CheckpointTopic)
	named := []struct {
		setting
		topic string
	}{
		{env.Topic, t.Topic}, {env.DeadLetterTopic, t.DeadLetterTopic},
		{env.WindowsTopic, t.WindowsTopic}, {env.CheckpointTopic, t.CheckpointTopic},
	}
	for i, second := range named {
		for _, first := range named[:i] {
			differ(bad, first.setting, second.setting, first.topic, second.topic)
		}
	}
	if t.CheckpointTopic == "" || store != "kafka" {
		return t
	}
	t.LedgerTopic = t.CheckpointTopic + ledgers
	checkLedgers(bad, env, t)
	for _, n := range named {
		if n.topic == t.LedgerTopic { // it was set: no default ends so
			bad.add(n.variable, fmt.Sprintf("%s is the topic of the ledgers, which is CHECKPOINT_TOPIC with %s added; write another name", quote(n.topic), ledgers))
		}
	}
	return t
}

// parseSideTopic is the topic of a setting, or if there is to be one, that which the
// table shows for it.
func parseSideTopic(bad *configError, env environment, s setting, topic string, used bool) string {
	name := parse(bad, s, parseTopic)
	if !used || topic == "" || s.text() != "" {
		return name
	}
	name = strings.Replace(s.shown, "{topic}", topic, 1)
	if _, err := parseTopic(name); err != nil {
		refuseLong(bad, env, s, s.shown)
		return "" // nothing else is wrong with it
	}
	return name
}

// checkLedgers refuses a topic of the positions after which no other can be named.
func checkLedgers(bad *configError, env environment, t topics) {
	switch s := env.CheckpointTopic; {
	case len(t.LedgerTopic) <= longestTopic:
	case s.text() == "":
		refuseLong(bad, env, s, s.shown+ledgers)
	default:
		bad.add(s.variable, fmt.Sprintf("is too long for the topic of the ledgers, which is it with %s added; write up to %d characters", ledgers, longestTopic-len(ledgers)))
	}
}

// refuseLong refuses a topic after which no other can be named as the table shows it.
func refuseLong(bad *configError, env environment, s setting, shown string) {
	bad.add(env.Topic.variable, fmt.Sprintf("is too long for %s to be a topic; write a shorter name, or set %s", shown, s.name))
}

// differ refuses one topic for two things. It tells the one that was set.
func differ(bad *configError, first, second setting, a, b string) {
	if a == "" || a != b {
		return
	}
	if !second.set {
		first, second = second, first
	}
	bad.add(second.variable, fmt.Sprintf("%s is %s too; write another name", quote(b), first.name))
}

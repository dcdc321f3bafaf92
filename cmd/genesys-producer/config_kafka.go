package main

import (
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
)

// parseBrokers takes host:port, comma-separated.
func parseBrokers(text string) (brokers []string, err error) {
	for broker := range strings.SplitSeq(text, ",") {
		broker = strings.TrimSpace(broker)
		if !isHostPort(broker) {
			return nil, fmt.Errorf("%s is not host:port; write brokers as kafka-1:9092,kafka-2:9092, an IPv6 address in brackets", quote(broker))
		}
		brokers = append(brokers, broker)
	}
	return brokers, nil
}

func isHostPort(text string) bool {
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" || strings.ContainsAny(host, "/@ \t") {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// parseTopic takes a name that Kafka allows a topic.
func parseTopic(text string) (string, error) {
	if len(text) > 249 || text == "." || text == ".." || !consistsOf(text, lettersAndDigits+"._-") {
		return "", fmt.Errorf("%s is not a topic name; write up to 249 letters, digits, ., _ and -", quote(text))
	}
	return text, nil
}

// parseSideTopics is where dead letters and positions go: unless they are set, to
// topics that are named after that of the conversations.
func parseSideTopics(bad *configError, env environment, topic, store string) (deadLetters, checkpoints string) {
	deadLetters = parseSideTopic(bad, env, env.DeadLetterTopic, topic, true)
	checkpoints = parseSideTopic(bad, env, env.CheckpointTopic, topic, store == "kafka")
	bad.refuseIdle(env.CheckpointStore, "file", "kafka", env.CheckpointTopic)
	differ(bad, env.Topic, env.DeadLetterTopic, topic, deadLetters)
	differ(bad, env.Topic, env.CheckpointTopic, topic, checkpoints)
	differ(bad, env.DeadLetterTopic, env.CheckpointTopic, deadLetters, checkpoints)
	return deadLetters, checkpoints
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
		bad.add(env.Topic.variable, fmt.Sprintf("is too long for %s to be a topic; write a shorter name, or set %s", s.shown, s.name))
	}
	return name
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

// mostMessageBytes is the most that a message may be let have: it has to fit, with what
// is around it, into one request, of which brokers take 104,857,600 bytes by their own
// default, and which franz-go makes no larger.
const mostMessageBytes = 100_000_000

// parseMessageBytes takes the size of a message that can be sent.
func parseMessageBytes(text string) (int, error) {
	n, err := number(1024, math.MaxInt)(text)
	if err != nil || n > mostMessageBytes {
		why := ""
		if err == nil {
			why = ": a message has to fit into one request, and brokers take none above 100 MiB (socket.request.max.bytes)"
		}
		return 0, fmt.Errorf("%s is not a whole number from 1024 to %d%s; write one", quote(text), mostMessageBytes, why)
	}
	return n, nil
}

// checkDelivery refuses exactly-once where a page and its position cannot be stored
// as one.
func checkDelivery(bad *configError, v setting, delivery, store string) {
	if delivery == "exactly-once" && store == "file" {
		bad.add(v.variable, "exactly-once needs the positions in Kafka; set CHECKPOINT_STORE to kafka, or write at-least-once")
	}
}

// parseCheckpointName takes a name that can be part of a file's name.
func parseCheckpointName(text string) (string, error) {
	if len(text) > 64 || !consistsOf(text, lettersAndDigits+"._-") || !consistsOf(text[:1], lettersAndDigits) {
		return "", fmt.Errorf("%s is not a checkpoint name; write up to 64 letters, digits, ., _ and -, a letter or digit first", quote(text))
	}
	return text, nil
}

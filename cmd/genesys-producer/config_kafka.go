package main

import (
	"fmt"
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

// parseCheckpointName takes a name that can be part of a file's name.
func parseCheckpointName(text string) (string, error) {
	if len(text) > 64 || !consistsOf(text, lettersAndDigits+"._-") || !consistsOf(text[:1], lettersAndDigits) {
		return "", fmt.Errorf("%s is not a checkpoint name; write up to 64 letters, digits, ., _ and -, a letter or digit first", quote(text))
	}
	return text, nil
}

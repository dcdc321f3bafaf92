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

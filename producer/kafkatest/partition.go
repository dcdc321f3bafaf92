package kafkatest

import (
	"bytes"
	"encoding/hex"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Partitions says to which of a topic's partitions each key belongs, by an
// implementation that is not the service's: the Java client's own, where KAFKA_CONTROL
// says how to run it; else franz-go's.
//
// The command gets the number of partitions as its argument, and the keys on standard
// input, each as a line of hexadecimal digits.
func Partitions(tb testing.TB, keys []string, partitions int) []int {
	tb.Helper()
	if os.Getenv("KAFKA_CONTROL") == "" || len(keys) == 0 {
		return murmur2(keys, partitions)
	}
	var lines bytes.Buffer
	for _, key := range keys {
		lines.WriteString(hex.EncodeToString([]byte(key)) + "\n")
	}
	java := control(tb, "partition "+strconv.Itoa(partitions))
	java.Stdin, java.Stderr = &lines, tb.Output()
	output, err := java.Output()
	if err != nil {
		tb.Fatalf("kafkatest: %s: %v", java, err)
	}
	numbers := make([]int, 0, len(keys))
	for text := range strings.FieldsSeq(string(output)) {
		n, err := strconv.Atoi(text)
		if err != nil {
			tb.Fatalf("kafkatest: %s: %v", java, err)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) != len(keys) {
		tb.Fatalf("kafkatest: %s: %d partitions for %d keys", java, len(numbers), len(keys))
	}
	return numbers
}

func murmur2(keys []string, partitions int) []int {
	topic := kgo.StickyKeyPartitioner(nil).ForTopic("")
	numbers := make([]int, len(keys))
	for i, key := range keys {
		numbers[i] = topic.Partition(&kgo.Record{Key: []byte(key)}, partitions)
	}
	return numbers
}

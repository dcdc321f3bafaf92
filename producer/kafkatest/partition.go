package kafkatest

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Partitions says to which of a topic's partitions each key belongs, by an
// implementation that is not the service's: the Java client's own, run by the command
// that KAFKA_PARTITIONER holds, such as "deploy/kafka/kafka.sh partition", from the
// module's root; else franz-go's.
//
// The command gets the number of partitions as its argument, and the keys on standard
// input, each as a line of hexadecimal digits.
func Partitions(tb testing.TB, keys []string, partitions int) []int {
	tb.Helper()
	command := os.Getenv("KAFKA_PARTITIONER")
	if command == "" || len(keys) == 0 {
		return murmur2(keys, partitions)
	}
	var lines bytes.Buffer
	for _, key := range keys {
		lines.WriteString(hex.EncodeToString([]byte(key)) + "\n")
	}
	java := shell(tb, command+" "+strconv.Itoa(partitions))
	java.Stdin, java.Stderr = &lines, tb.Output()
	output, err := java.Output()
	if err != nil {
		tb.Fatalf("kafkatest: %s: %v", command, err)
	}
	numbers := make([]int, 0, len(keys))
	for text := range strings.FieldsSeq(string(output)) {
		n, err := strconv.Atoi(text)
		if err != nil {
			tb.Fatalf("kafkatest: %s: %v", command, err)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) != len(keys) {
		tb.Fatalf("kafkatest: %s: %d partitions for %d keys", command, len(numbers), len(keys))
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

// shell is a command line to be run from the module's root.
func shell(tb testing.TB, line string) *exec.Cmd {
	tb.Helper()
	directory, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(directory, "go.mod")); err == nil {
			break
		}
		if directory == filepath.Dir(directory) {
			tb.Fatal("kafkatest: this is no directory of the module")
		}
		directory = filepath.Dir(directory)
	}
	command := exec.Command("sh", "-c", line)
	command.Dir = directory
	return command
}

package publish

import (
	"math/rand/v2"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Keys and hashes that the Java client's own tests have.
func TestPartitionOfKeysWithAKnownHash(t *testing.T) {
	for key, hash := range map[string]int32{
		"21":                         -973932308,
		"foobar":                     -790332482,
		"a-little-bit-long-string":   -985981536,
		"a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		for _, partitions := range []int{1, 2, 12, 97, 1000} {
			want := int(hash&0x7fffffff) % partitions
			if got := partitionOf([]byte(key), upTo(partitions)); got != want {
				t.Errorf("key %s of %d partitions: %d, want %d", key, partitions, got, want)
			}
		}
	}
}

func TestPartitionOfManyKeys(t *testing.T) {
	java := kgo.StickyKeyPartitioner(nil).ForTopic("")
	dice := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		key := make([]byte, dice.IntN(60))
		for i := range key {
			key[i] = byte(dice.Uint32())
		}
		partitions := 1 + dice.IntN(100)
		want := java.Partition(&kgo.Record{Key: key}, partitions)
		if got := partitionOf(key, upTo(partitions)); got != want {
			t.Fatalf("key %x of %d partitions: %d, want %d", key, partitions, got, want)
		}
	}
}

func upTo(n int) []int {
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i
	}
	return ids
}

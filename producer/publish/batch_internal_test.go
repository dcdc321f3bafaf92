package publish

import (
	"math/rand/v2"
	"testing"

	"genesys-producer/producer/kafkatest"
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
	dice := rand.New(rand.NewPCG(1, 2))
	keys := make([]string, 5000)
	for i := range keys {
		key := make([]rune, dice.IntN(61)) // half of them text, a fifth of that in Latin letters
		for j := range key {
			key[j] = rune(dice.IntN([]int{0x80, 0x800, 0x10000, 0x110000, 0x3000}[i%5]))
		}
		keys[i] = string(key)
		if i%2 == 1 {
			raw := make([]byte, dice.IntN(61))
			for j := range raw {
				raw[j] = byte(dice.Uint32())
			}
			keys[i] = string(raw)
		}
	}
	for _, partitions := range []int{1, 3, 12, 97} {
		for i, want := range kafkatest.Partitions(t, keys, partitions) {
			if got := partitionOf([]byte(keys[i]), upTo(partitions)); got != want {
				t.Fatalf("key %x of %d partitions: %d, want %d", keys[i], partitions, got, want)
			}
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

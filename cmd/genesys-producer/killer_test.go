package main

import (
	"math/rand/v2"
	"time"
)

// killer starts the program and kills it, again and again.
type killer struct {
	*world
	seed     int
	dice     *rand.Rand
	began    time.Time
	points   map[string]int // how often it was killed where
	kills    int
	restarts int // of the broker
	underWay int // of these, those that the program could see
	mayClose int // so many kills may come after a window: each costs one, of every queue
}

func newKiller(w *world, mode uint64) *killer {
	if w.cluster.Fake == nil {
		w.throughWire(nil) // which tells of requests
	}
	seed := fromEnvironment(w.T, "KILL_SEED", 1)
	return &killer{world: w, seed: seed, dice: rand.New(rand.NewPCG(uint64(seed), mode)), began: time.Now(), points: map[string]int{}}
}

// kill starts the program and kills it at a random point. false: it has ended by
// itself before.
func (k *killer) kill() bool {
	k.Helper()
	point := k.point()
	n, late := 1+k.dice.IntN(15), time.Duration(0)
	if k.dice.IntN(2) == 0 {
		late = time.Duration(k.dice.IntN(8000)) * time.Microsecond
	}
	restart := k.dice.IntN(k.rarity()) == 0 && k.cluster.CanRestart()
	c := k.start()
	point.strike(k, c, n, late)
	if c.wait() != -1 {
		return false
	}
	k.gate.open()
	k.kills++
	k.points[point.name]++
	if restart {
		k.restarts++
		before := k.ends()
		k.cluster.Restart(k)
		for partition, end := range k.ends() {
			if end < before[partition] {
				k.Fatalf("partition %d ended at %d before the broker's restart, and at %d after it: the broker has lost what it had acknowledged",
					partition, before[partition], end)
			}
		}
	}
	return true
}

// ends are the offsets at which the partitions end; those of a real broker are its own
// affair.
func (k *killer) ends() (offsets []int64) {
	if k.cluster.Fake != nil {
		for _, p := range k.cluster.Fake.PartitionInfos(k.topic) {
			offsets = append(offsets, p.HighWatermark)
		}
	}
	return offsets
}

// rarity is of how many kills one is followed by a restart of the broker: that of a
// real one takes seconds.
func (k *killer) rarity() int {
	if k.cluster.Fake != nil {
		return 4
	}
	return 20
}

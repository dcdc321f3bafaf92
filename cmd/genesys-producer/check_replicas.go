package main

import (
	"fmt"
	"strconv"

	"genesys-producer/producer/transact"
)

// replicas judges how many brokers may fail.
func (k *kafkaCheck) replicas(j *judged, topic transact.Topic, f transact.TopicFacts) {
	least, err := strconv.Atoi(f.Settings["min.insync.replicas"])
	if err != nil {
		return
	}
	text := fmt.Sprintf("min.insync.replicas=%d", least)
	switch {
	case least > f.Replicas:
		j.note(fails, text+" is more than it has: nothing can be written", k.alter(topic.Name, fmt.Sprintf("min.insync.replicas=%d", max(1, f.Replicas-1))))
	case f.Leaderless == 0 && f.InSync < least: // who has no leader has been told of
		j.note(fails, fmt.Sprintf("%s, and %d of the replicas of a partition in sync: nothing can be written to it", text, f.InSync), "see to the brokers that are down or behind")
	case least == 1 && f.Replicas > 1:
		j.note(warns, text+": what is acknowledged is lost with one broker, where the others are behind", k.betterLeast(topic.Name, f.Replicas, 2))
	case least == f.Replicas && f.Replicas > 1:
		j.note(warns, text+", as many as it has: nothing can be written while one broker is down", k.betterLeast(topic.Name, f.Replicas, f.Replicas-1))
	default:
		j.note(fine, text, "")
	}
}

// betterLeast is what to do about a min.insync.replicas: set another one. With two replicas
// 1 has one fault and 2 the other, so that either is as good.
func (k *kafkaCheck) betterLeast(topic string, replicas, least int) string {
	if replicas == 2 {
		return "nothing, or give it a third replica: with min.insync.replicas=2 nothing is lost then, and one broker may be down"
	}
	return k.alter(topic, "min.insync.replicas="+strconv.Itoa(least))
}

package broker_test

import (
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/producer/broker"
)

// at is the offsets of a partition from first to before end.
func at(first, end int64) broker.Span { return broker.Span{First: first, End: end} }

type spans = map[broker.Partition]broker.Span

var (
	a0 = broker.Partition{Topic: "a", Number: 0}
	a1 = broker.Partition{Topic: "a", Number: 1}
	b0 = broker.Partition{Topic: "b", Number: 0}
)

// Each story is told by acknowledgements that follow each other, and by what is said to
// be gone then.
func TestEnds(t *testing.T) {
	const lost = "level=ERROR msg=\"kafka: messages that the topic had acknowledged are gone; the walk goes on after them\" "
	type step struct {
		acked         spans
		gone, perhaps string // nothing is said where both are empty
	}
	for name, story := range map[string][]step{
		"the first messages": {{acked: spans{a0: at(0, 10), a1: at(7, 9)}}},
		"messages after messages": {
			{acked: spans{a0: at(0, 10)}}, {acked: spans{a0: at(10, 20), b0: at(0, 1)}}, {acked: spans{a0: at(20, 21)}},
		},
		"what others wrote between": {{acked: spans{a0: at(0, 10)}}, {acked: spans{a0: at(15, 20)}}},
		"a topic that begins anew": {
			{acked: spans{a0: at(0, 10), a1: at(0, 5), b0: at(0, 7)}},
			{acked: spans{a0: at(0, 3)}, gone: "topic a partition 0 offsets 0 to 9", perhaps: "topic a partition 1 offsets up to 4"},
			{acked: spans{a0: at(3, 4), a1: at(0, 1), b0: at(7, 8)}}, // it is told once
			{acked: spans{a1: at(0, 1)}, gone: "topic a partition 1 offsets 0 to 0", perhaps: "topic a partition 0 offsets up to 3"},
		},
		"a leader that lacks some": {
			{acked: spans{a0: at(0, 10), a1: at(0, 5)}},
			{acked: spans{a0: at(8, 12), a1: at(5, 6)}, gone: "topic a partition 0 offsets 8 to 9"},
			{acked: spans{a0: at(12, 13), a1: at(6, 7)}},
		},
		"two partitions of a topic": {
			{acked: spans{a0: at(0, 10), a1: at(0, 5)}},
			{acked: spans{a1: at(0, 2), a0: at(0, 2)}, gone: "topic a partition 0 offsets 0 to 9, topic a partition 1 offsets 0 to 4"},
		},
		"two topics": {
			{acked: spans{a0: at(0, 10), b0: at(0, 5)}},
			{acked: spans{b0: at(2, 4)}, gone: "topic b partition 0 offsets 2 to 4"},
			{acked: spans{a0: at(5, 6), b0: at(4, 5)}, gone: "topic a partition 0 offsets 5 to 9"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var ends broker.Ends
			for n, step := range story {
				log := &logged{}
				ends.Acknowledged(log.logger(), ends.Now(), step.acked)
				if step.gone == "" {
					log.want(t)
					continue
				}
				log.want(t, lost+quoted("gone", step.gone)+" "+quoted("perhaps", step.perhaps)+" cause=")
				for _, word := range []string{"CHECKPOINT_NAME", "WINDOW_FROM"} {
					if !strings.Contains(log.text.String(), word) {
						t.Errorf("step %d: it does not say %s", n, word)
					}
				}
			}
		})
	}
}

func quoted(key, value string) string { return key + `="` + value + `"` }

// What was acknowledged after the messages were sent was not there before them: two that
// write at the same time see no loss in each other's offsets.
func TestEndsOfTwoWriters(t *testing.T) {
	var ends broker.Ends
	log := &logged{}
	ends.Acknowledged(log.logger(), ends.Now(), spans{a0: at(0, 10)})
	then := ends.Now()
	ends.Acknowledged(log.logger(), ends.Now(), spans{a0: at(20, 30)}) // sent later, and answered first
	ends.Acknowledged(log.logger(), then, spans{a0: at(10, 20)})
	log.want(t)
	ends.Acknowledged(log.logger(), ends.Now(), spans{a0: at(29, 31)})
	if !strings.Contains(log.text.String(), "offsets 29 to 29") {
		t.Errorf("the end was forgotten: %s", log.text.String())
	}
	if _, ok := then[a0]; !ok || then[a0] != 10 {
		t.Errorf("what Now returned has changed: %v", then)
	}
}

func TestEndsBesideEachOther(t *testing.T) {
	var ends broker.Ends
	var all sync.WaitGroup
	log := &logged{}
	for n := range 50 {
		all.Go(func() {
			p := broker.Partition{Topic: "a", Number: n % 7}
			ends.Acknowledged(log.logger(), nil, spans{p: at(int64(n), int64(n+1))})
		})
	}
	all.Wait()
	if now := ends.Now(); len(now) != 7 || now[a0] != 50 {
		t.Errorf("%v", now)
	}
	log.want(t)
}

func TestSpansOf(t *testing.T) {
	record := func(topic string, partition int32, offset int64) *kgo.Record {
		return &kgo.Record{Topic: topic, Partition: partition, Offset: offset}
	}
	got := broker.SpansOf([]*kgo.Record{record("a", 0, 7), record("b", 0, 3), record("a", 0, 5), record("a", 1, 0), record("a", 0, 6)})
	if want := (spans{a0: at(5, 8), a1: at(0, 1), b0: at(3, 4)}); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := broker.SpansOf(nil); len(got) != 0 {
		t.Errorf("%v of nothing", got)
	}
}

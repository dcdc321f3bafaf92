package main

import (
	"strings"
	"testing"
)

func TestConfigTopics(t *testing.T) {
	long := strings.Repeat("t", 249)
	all := func(topic, deadLetters, windows, checkpoints string) map[string]string {
		return map[string]string{"CHECKPOINT_STORE": "kafka", "KAFKA_TOPIC": topic, "KAFKA_DEAD_LETTER_TOPIC": deadLetters,
			"KAFKA_WINDOWS_TOPIC": windows, "CHECKPOINT_TOPIC": checkpoints}
	}
	for _, c := range []struct {
		name string
		set  map[string]string
		want topics
	}{
		{"file", nil, topics{"genesys.conversations", "genesys.conversations.dead-letter", "genesys.conversations.windows", "", ""}},
		{"kafka", map[string]string{"CHECKPOINT_STORE": "kafka"}, topics{"genesys.conversations", "genesys.conversations.dead-letter",
			"genesys.conversations.windows", "genesys.conversations.checkpoints", "genesys.conversations.checkpoints.ledgers"}},
		{"named after the topic", map[string]string{"CHECKPOINT_STORE": "kafka", "KAFKA_TOPIC": "a"},
			topics{"a", "a.dead-letter", "a.windows", "a.checkpoints", "a.checkpoints.ledgers"}},
		{"all set", all("a", "b", "c", "d"), topics{"a", "b", "c", "d", "d.ledgers"}},
		{"a long topic, and shorter ones", all(long, "b", "c", "d"), topics{long, "b", "c", "d", "d.ledgers"}},
		{"the longest of the positions", all("a", "b", "c", long[8:]), topics{"a", "b", "c", long[8:], long[8:] + ".ledgers"}},
	} {
		if cfg := mustLoad(t, c.set); cfg.topics != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, cfg.topics, c.want)
		}
	}
}

func TestConfigTopicsInError(t *testing.T) {
	const tooLong = "KAFKA_TOPIC: is too long for {topic}."
	for _, c := range []struct {
		name string
		set  map[string]string
		want []string
	}{
		{"dead letters among conversations", map[string]string{"KAFKA_DEAD_LETTER_TOPIC": "genesys.conversations"},
			[]string{`KAFKA_DEAD_LETTER_TOPIC: "genesys.conversations" is KAFKA_TOPIC too; write another name`}},
		{"positions among conversations", map[string]string{"CHECKPOINT_STORE": "kafka", "CHECKPOINT_TOPIC": "genesys.conversations"},
			[]string{`CHECKPOINT_TOPIC: "genesys.conversations" is KAFKA_TOPIC too; write another name`}},
		{"positions among dead letters", map[string]string{"CHECKPOINT_STORE": "kafka", "CHECKPOINT_TOPIC": "genesys.conversations.dead-letter"},
			[]string{`CHECKPOINT_TOPIC: "genesys.conversations.dead-letter" is KAFKA_DEAD_LETTER_TOPIC too; write another name`}},
		{"dead letters among positions", map[string]string{"CHECKPOINT_STORE": "kafka", "KAFKA_DEAD_LETTER_TOPIC": "genesys.conversations.checkpoints"},
			[]string{`KAFKA_DEAD_LETTER_TOPIC: "genesys.conversations.checkpoints" is CHECKPOINT_TOPIC too; write another name`}},
		{"all the same", map[string]string{"CHECKPOINT_STORE": "kafka", "KAFKA_TOPIC": "a", "KAFKA_DEAD_LETTER_TOPIC": "a", "KAFKA_WINDOWS_TOPIC": "a", "CHECKPOINT_TOPIC": "a"},
			[]string{`KAFKA_DEAD_LETTER_TOPIC: "a" is KAFKA_TOPIC too; write another name`,
				`KAFKA_WINDOWS_TOPIC: "a" is KAFKA_TOPIC too; write another name`,
				`KAFKA_WINDOWS_TOPIC: "a" is KAFKA_DEAD_LETTER_TOPIC too; write another name`,
				`CHECKPOINT_TOPIC: "a" is KAFKA_TOPIC too; write another name`,
				`CHECKPOINT_TOPIC: "a" is KAFKA_DEAD_LETTER_TOPIC too; write another name`,
				`CHECKPOINT_TOPIC: "a" is KAFKA_WINDOWS_TOPIC too; write another name`}},
		{"windows among conversations", map[string]string{"KAFKA_WINDOWS_TOPIC": "genesys.conversations"},
			[]string{`KAFKA_WINDOWS_TOPIC: "genesys.conversations" is KAFKA_TOPIC too; write another name`}},
		{"conversations among windows", map[string]string{"KAFKA_TOPIC": "a", "KAFKA_DEAD_LETTER_TOPIC": "a.windows"},
			[]string{`KAFKA_DEAD_LETTER_TOPIC: "a.windows" is KAFKA_WINDOWS_TOPIC too; write another name`}},
		{"conversations among ledgers", map[string]string{"KAFKA_TOPIC": "a.ledgers", "CHECKPOINT_STORE": "kafka", "CHECKPOINT_TOPIC": "a"},
			[]string{`KAFKA_TOPIC: "a.ledgers" is the topic of the ledgers, which is CHECKPOINT_TOPIC with .ledgers added; write another name`}},
		{"dead letters and windows among ledgers", map[string]string{"KAFKA_TOPIC": "a", "CHECKPOINT_STORE": "kafka",
			"KAFKA_DEAD_LETTER_TOPIC": "a.checkpoints.ledgers", "KAFKA_WINDOWS_TOPIC": "a.checkpoints.ledgers"},
			[]string{`KAFKA_DEAD_LETTER_TOPIC: "a.checkpoints.ledgers" is the topic of the ledgers, which is CHECKPOINT_TOPIC with .ledgers added; write another name`,
				`KAFKA_WINDOWS_TOPIC: "a.checkpoints.ledgers" is KAFKA_DEAD_LETTER_TOPIC too; write another name`,
				`KAFKA_WINDOWS_TOPIC: "a.checkpoints.ledgers" is the topic of the ledgers, which is CHECKPOINT_TOPIC with .ledgers added; write another name`}},
		{"too long", map[string]string{"KAFKA_TOPIC": strings.Repeat("t", 238)},
			[]string{tooLong + "dead-letter to be a topic; write a shorter name, or set KAFKA_DEAD_LETTER_TOPIC"}},
		{"too long with positions", map[string]string{"KAFKA_TOPIC": strings.Repeat("t", 238), "CHECKPOINT_STORE": "kafka", "KAFKA_DEAD_LETTER_TOPIC": "b"},
			[]string{tooLong + "checkpoints to be a topic; write a shorter name, or set CHECKPOINT_TOPIC"}},
		{"too long with windows", map[string]string{"KAFKA_TOPIC": strings.Repeat("t", 242), "KAFKA_DEAD_LETTER_TOPIC": "b"},
			[]string{tooLong + "windows to be a topic; write a shorter name, or set KAFKA_WINDOWS_TOPIC"}},
		{"too long with ledgers", map[string]string{"KAFKA_TOPIC": strings.Repeat("t", 230), "CHECKPOINT_STORE": "kafka"},
			[]string{tooLong + "checkpoints.ledgers to be a topic; write a shorter name, or set CHECKPOINT_TOPIC"}},
		{"positions too long with ledgers", map[string]string{"CHECKPOINT_STORE": "kafka", "CHECKPOINT_TOPIC": strings.Repeat("t", 242)},
			[]string{"CHECKPOINT_TOPIC: is too long for the topic of the ledgers, which is it with .ledgers added; write up to 241 characters"}},
		{"topic in error", map[string]string{"KAFKA_TOPIC": "..", "CHECKPOINT_STORE": "kafka"},
			[]string{`KAFKA_TOPIC: ".." is not a topic name; write up to 249 letters, digits, ., _ and -`}},
		{"positions in error", map[string]string{"CHECKPOINT_TOPIC": "a b", "CHECKPOINT_STORE": "kafka"},
			[]string{`CHECKPOINT_TOPIC: "a b" is not a topic name; write up to 249 letters, digits, ., _ and -`}},
	} {
		t.Run(c.name, func(t *testing.T) { wantProblems(t, c.set, c.want...) })
	}
}

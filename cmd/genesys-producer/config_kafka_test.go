package main

import (
	"strings"
	"testing"
)

func TestConfigTopics(t *testing.T) {
	for _, c := range []struct {
		name                     string
		set                      map[string]string
		deadLetters, checkpoints string
	}{
		{"file", nil, "genesys.conversations.dead-letter", ""},
		{"kafka", map[string]string{"CHECKPOINT_STORE": "kafka"},
			"genesys.conversations.dead-letter", "genesys.conversations.checkpoints"},
		{"named after the topic", map[string]string{"CHECKPOINT_STORE": "kafka", "KAFKA_TOPIC": "a"}, "a.dead-letter", "a.checkpoints"},
		{"all set", map[string]string{"CHECKPOINT_STORE": "kafka", "KAFKA_TOPIC": "a", "KAFKA_DEAD_LETTER_TOPIC": "b", "CHECKPOINT_TOPIC": "c"}, "b", "c"},
		{"a long topic, and shorter ones", map[string]string{"CHECKPOINT_STORE": "kafka", "KAFKA_TOPIC": strings.Repeat("t", 249),
			"KAFKA_DEAD_LETTER_TOPIC": "b", "CHECKPOINT_TOPIC": "c"}, "b", "c"},
	} {
		cfg := mustLoad(t, c.set)
		if cfg.DeadLetterTopic != c.deadLetters || cfg.CheckpointTopic != c.checkpoints {
			t.Errorf("%s: got %q and %q, want %q and %q", c.name, cfg.DeadLetterTopic, cfg.CheckpointTopic, c.deadLetters, c.checkpoints)
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
		{"all the same", map[string]string{"CHECKPOINT_STORE": "kafka", "KAFKA_TOPIC": "a", "KAFKA_DEAD_LETTER_TOPIC": "a", "CHECKPOINT_TOPIC": "a"},
			[]string{`KAFKA_DEAD_LETTER_TOPIC: "a" is KAFKA_TOPIC too; write another name`,
				`CHECKPOINT_TOPIC: "a" is KAFKA_TOPIC too; write another name`,
				`CHECKPOINT_TOPIC: "a" is KAFKA_DEAD_LETTER_TOPIC too; write another name`}},
		{"too long", map[string]string{"KAFKA_TOPIC": strings.Repeat("t", 238)},
			[]string{tooLong + "dead-letter to be a topic; write a shorter name, or set KAFKA_DEAD_LETTER_TOPIC"}},
		{"too long with positions", map[string]string{"KAFKA_TOPIC": strings.Repeat("t", 238), "CHECKPOINT_STORE": "kafka", "KAFKA_DEAD_LETTER_TOPIC": "b"},
			[]string{tooLong + "checkpoints to be a topic; write a shorter name, or set CHECKPOINT_TOPIC"}},
		{"topic in error", map[string]string{"KAFKA_TOPIC": "..", "CHECKPOINT_STORE": "kafka"},
			[]string{`KAFKA_TOPIC: ".." is not a topic name; write up to 249 letters, digits, ., _ and -`}},
		{"positions in error", map[string]string{"CHECKPOINT_TOPIC": "a b", "CHECKPOINT_STORE": "kafka"},
			[]string{`CHECKPOINT_TOPIC: "a b" is not a topic name; write up to 249 letters, digits, ., _ and -`}},
	} {
		t.Run(c.name, func(t *testing.T) { wantProblems(t, c.set, c.want...) })
	}
}

func TestConfigDelivery(t *testing.T) {
	cfg := mustLoad(t, map[string]string{"KAFKA_DELIVERY": "exactly-once", "CHECKPOINT_STORE": "kafka"})
	if cfg.Delivery != "exactly-once" || cfg.CheckpointStore != "kafka" {
		t.Errorf("delivery %q, store %q", cfg.Delivery, cfg.CheckpointStore)
	}
	const want = "KAFKA_DELIVERY: exactly-once needs the positions in Kafka; set CHECKPOINT_STORE to kafka, or write at-least-once"
	wantProblems(t, map[string]string{"KAFKA_DELIVERY": "exactly-once"}, want)
	wantProblems(t, map[string]string{"KAFKA_DELIVERY": "exactly-once", "CHECKPOINT_STORE": "file"}, want)
	// A store in error does not put the delivery in error too.
	wantProblems(t, map[string]string{"KAFKA_DELIVERY": "exactly-once", "CHECKPOINT_STORE": "redis"},
		`CHECKPOINT_STORE: "redis" is not known; write file or kafka`)
}

func TestConfigCreatedTopics(t *testing.T) {
	for _, c := range []struct{ partitions, factor string }{{"1", "1"}, {"100000", "32767"}} {
		set := map[string]string{"KAFKA_CREATE_TOPICS": "true", "KAFKA_PARTITIONS": c.partitions, "KAFKA_REPLICATION_FACTOR": c.factor}
		if cfg := mustLoad(t, set); !cfg.CreateTopics || cfg.Partitions == 12 || cfg.ReplicationFactor == 3 {
			t.Errorf("%v: %+v", set, cfg)
		}
	}
	for _, c := range []struct{ variable, value, want string }{
		{"KAFKA_PARTITIONS", "0", `"0" is not a whole number from 1 to 100000; write one`},
		{"KAFKA_PARTITIONS", "100001", `"100001" is not a whole number from 1 to 100000; write one`},
		{"KAFKA_REPLICATION_FACTOR", "-1", `"-1" is not a whole number from 1 to 32767; write one`},
		{"KAFKA_REPLICATION_FACTOR", "32768", `"32768" is not a whole number from 1 to 32767; write one`},
	} {
		wantProblems(t, map[string]string{"KAFKA_CREATE_TOPICS": "true", c.variable: c.value}, c.variable+": "+c.want)
	}
}

// What would have no effect is refused, the default of the variable too: somebody
// means something by it.
func TestConfigIdle(t *testing.T) {
	const login, token = "plain, scram-sha-256 or scram-sha-512", "oauthbearer"
	for _, c := range []struct{ variable, value, ruler, is, instead string }{
		{"KAFKA_PARTITIONS", "12", "KAFKA_CREATE_TOPICS", "false", "true"},
		{"KAFKA_REPLICATION_FACTOR", "3", "KAFKA_CREATE_TOPICS", "false", "true"},
		{"CHECKPOINT_TOPIC", "a", "CHECKPOINT_STORE", "file", "kafka"},
		{"KAFKA_TLS_CA_FILE", "", "KAFKA_TLS", "false", "true"},
		{"KAFKA_SASL_USERNAME", "u", "KAFKA_SASL_MECHANISM", "none", login},
		{"KAFKA_SASL_PASSWORD", "p", "KAFKA_SASL_MECHANISM", "none", login},
		{"KAFKA_SASL_PASSWORD_FILE", "", "KAFKA_SASL_MECHANISM", "none", login},
		{"KAFKA_SASL_TOKEN_URL", "https://a", "KAFKA_SASL_MECHANISM", "none", token},
		{"KAFKA_SASL_CLIENT_ID", "c", "KAFKA_SASL_MECHANISM", "none", token},
		{"KAFKA_SASL_CLIENT_SECRET", "s", "KAFKA_SASL_MECHANISM", "none", token},
		{"KAFKA_SASL_CLIENT_SECRET_FILE", "", "KAFKA_SASL_MECHANISM", "none", token},
		{"KAFKA_SASL_SCOPES", "s", "KAFKA_SASL_MECHANISM", "none", token},
	} {
		if c.value == "" {
			c.value = writeFile(t, "text")
		}
		want := c.variable + ": has no effect with " + c.ruler + "=" + c.is + "; unset it, or set " + c.ruler + " to " + c.instead
		wantProblems(t, map[string]string{c.variable: c.value}, want)
		wantProblems(t, map[string]string{c.variable: c.value, c.ruler: strings.ToUpper(c.is)}, want)
		// One whose ruler is in error is no problem of its own.
		set := map[string]string{c.variable: c.value, c.ruler: "?"}
		setEnvironment(t, with(set))
		if _, err := loadConfig(); err == nil || strings.Contains(err.Error(), "no effect") || strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%v: %v", set, err)
		}
	}
}

package main

import (
	"strings"
	"testing"
)

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

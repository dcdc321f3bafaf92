package main

import (
	"maps"
	"testing"
)

func TestConfigUnknown(t *testing.T) {
	for name, near := range map[string]string{
		"GENESYS_QUEUE":           "GENESYS_QUEUES",
		"GENESYS_CLIENTID":        "GENESYS_CLIENT_ID",
		"GENESYS_CLIENT_ID_FILE":  "GENESYS_CLIENT_ID",
		"GENESYS_REGION":          "GENESYS_DOMAIN",
		"GENESYS_PORT":            "GENESYS_DOMAIN",
		"GENESYS_TIMEOUT_SECONDS": "GENESYS_TIMEOUT",
		"WINDOW_LENGHT":           "WINDOW_LENGTH",
		"WINDOW_SETTLE_TIME":      "WINDOW_SETTLE",
		"WINDOW_UNTIL":            "WINDOW_TO",
		"WINDOW_":                 "WINDOW_TO",
		"CHECKPOINT_PATH":         "CHECKPOINT_NAME",
		"CHECKPOINT_DIRECTORY":    "CHECKPOINT_DIR",
		"CHECKPOINT_SERVICE_HOST": "CHECKPOINT_STORE", // not a link: no port beside it
		"KAFKA_BROKER":            "KAFKA_BROKERS",
		"KAFKA_TOPICS":            "KAFKA_TOPIC",
		"KAFKA_TSL":               "KAFKA_TLS",
		"KAFKA_COMPRESION":        "KAFKA_COMPRESSION",
		"KAFKA_SASL_USER_NAME":    "KAFKA_SASL_USERNAME",
		"KAFKA_MAX_MESSAGES_BYTE": "KAFKA_MAX_MESSAGE_BYTES",
		"HTTP_ADR":                "HTTP_ADDR",
		"HTTP_ADDRES":             "HTTP_ADDR",
		"LOG_LEVL":                "LOG_LEVEL",
		"LOG_FORMATS":             "LOG_FORMAT",
		"SHUTDOWN_GRACE_":         "SHUTDOWN_GRACE",
	} {
		wantProblems(t, map[string]string{name: ""}, name+": unknown; did you mean "+near+"? Rename it, or unset it")
	}
}

// Names that other programs use, and those that Kubernetes sets, are let be.
func TestConfigNotUnknown(t *testing.T) {
	for _, name := range []string{
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "HTTP_PORT", "HTTP_HOST",
		"KAFKA_PORT", "KAFKA_SERVICE_HOST", "KAFKA_SERVICE_PORT", "KAFKA_SERVICE_PORT_CLIENT", "KAFKA_PORT_9092_TCP",
		"KAFKA_PORT_9092_TCP_ADDR", "KAFKA_PORT_9092_TCP_PORT", "KAFKA_PORT_9092_TCP_PROTO", "KAFKA_BROKERS_SERVICE_HOST",
		"KAFKA_HOME", "KAFKA_OPTS", "KAFKA_HEAP_OPTS", "KAFKA_URL", "KAFKA_SSL", "KAFKA_", "LOG_DIR", "LOG_DIRS", "LOG_FILE",
		"SHUTDOWN_TIMEOUT", "LOGLEVEL", "WINDOWID", "GENESYS", "MY_GENESYS_QUEUES",
	} {
		mustLoad(t, map[string]string{name: "x"})
	}
}

// Services called genesys-producer, and kafka-topic, are linked into the pods.
func TestConfigServiceLinks(t *testing.T) {
	links := map[string]string{}
	for _, service := range []string{"GENESYS_PRODUCER", "CHECKPOINT_SERVICE", "KAFKA_TL"} {
		maps.Copy(links, map[string]string{
			service + "_SERVICE_HOST":        "10.0.0.7",
			service + "_SERVICE_PORT":        "8080",
			service + "_SERVICE_PORT_HTTP":   "8080",
			service + "_PORT":                "tcp://10.0.0.7:8080",
			service + "_PORT_8080_TCP":       "tcp://10.0.0.7:8080",
			service + "_PORT_8080_TCP_ADDR":  "10.0.0.7",
			service + "_PORT_8080_TCP_PORT":  "8080",
			service + "_PORT_8080_TCP_PROTO": "tcp",
		})
	}
	mustLoad(t, links)
	links["GENESYS_QUEUE"] = "a"
	wantProblems(t, links, "GENESYS_QUEUE: unknown; did you mean GENESYS_QUEUES? Rename it, or unset it")
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "acb", 2}, {"abc", "abd", 1},
		{"abc", "bc", 1}, {"kitten", "sitting", 3}, {"SIZE", "SETTLE", 4},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

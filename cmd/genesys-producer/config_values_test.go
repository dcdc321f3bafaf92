package main

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// field is a field of config, by name.
func field(cfg config, name string) any { return reflect.ValueOf(cfg).FieldByName(name).Interface() }

func TestConfigGoodValues(t *testing.T) {
	for _, c := range []struct {
		variable, value string
		field           string
		want            any
	}{
		{"GENESYS_CLIENT_ID", " id\n", "ClientID", "id"},
		{"GENESYS_DIALECT", "Entities", "Dialect", "entities"},
		{"GENESYS_PAGE_SIZE", "1", "PageSize", 1},
		{"GENESYS_PAGE_SIZE", "100", "PageSize", 100},
		{"GENESYS_REQUESTS_PER_MINUTE", "100000", "RequestsPerMinute", 100_000},
		{"GENESYS_READ_AHEAD", "0", "ReadAhead", 0},
		{"GENESYS_READ_AHEAD", "64", "ReadAhead", 64},
		{"GENESYS_TIMEOUT", "1m30s", "Timeout", 90 * time.Second},
		{"GENESYS_MAX_RESPONSE_BYTES", "1", "MaxResponseBytes", int64(1)},
		{"WINDOW_LENGTH", "1s", "WindowLength", time.Second},
		{"WINDOW_LENGTH", "24h", "WindowLength", 24 * time.Hour},
		{"WINDOW_LENGTH", "1.5h", "WindowLength", 90 * time.Minute},
		{"WINDOW_SETTLE", "0s", "WindowSettle", time.Duration(0)},
		{"WINDOW_SETTLE", "24h", "WindowSettle", 24 * time.Hour},
		{"WINDOW_REVISIT_SHARE", "0", "WindowRevisitShare", 0.0},
		{"WINDOW_REVISIT_SHARE", ".25", "WindowRevisitShare", 0.25},
		{"WINDOW_REVISIT_SHARE", "1.0", "WindowRevisitShare", 1.0},
		{"KAFKA_BROKERS", "a:1, [::1]:65535", "Brokers", []string{"a:1", "[::1]:65535"}},
		{"KAFKA_TOPIC", "A.b_c-1", "Topic", "A.b_c-1"},
		{"KAFKA_TOPIC", strings.Repeat("t", 237), "Topic", strings.Repeat("t", 237)},
		{"KAFKA_TOPIC", strings.Repeat("t", 237), "DeadLetterTopic", strings.Repeat("t", 237) + ".dead-letter"},
		{"KAFKA_DEAD_LETTER_TOPIC", "genesys.conversations.checkpoints", "DeadLetterTopic", "genesys.conversations.checkpoints"},
		{"KAFKA_WINDOWS_TOPIC", "genesys.conversations.checkpoints", "WindowsTopic", "genesys.conversations.checkpoints"},
		{"KAFKA_CREATE_TOPICS", "False", "CreateTopics", false},
		{"KAFKA_CREATE_TOPICS", "TRUE", "CreateTopics", true},
		{"KAFKA_DELIVERY", "At-Least-Once", "Delivery", "at-least-once"},
		{"KAFKA_COMPRESSION", "zstd", "Compression", "zstd"},
		{"KAFKA_MAX_MESSAGE_BYTES", "1024", "MaxMessageBytes", 1024},
		{"KAFKA_MAX_MESSAGE_BYTES", "100000000", "MaxMessageBytes", 100_000_000},
		{"CHECKPOINT_NAME", "Backfill.2026-01_a", "CheckpointName", "Backfill.2026-01_a"},
		{"CHECKPOINT_STORE", "File", "CheckpointStore", "file"},
		{"CHECKPOINT_STORE", "Kafka", "CheckpointStore", "kafka"},
		{"CHECKPOINT_STORE", "kafka", "CheckpointTopic", "genesys.conversations.checkpoints"},
		{"CHECKPOINT_STORE", "kafka", "LedgerTopic", "genesys.conversations.checkpoints.ledgers"},
		{"CHECKPOINT_DIR", "/var/lib/positions", "CheckpointDir", "/var/lib/positions"},
		{"LOG_FORMAT", "text", "LogFormat", "text"},
		{"SHUTDOWN_GRACE", "1ms", "ShutdownGrace", time.Millisecond},
	} {
		cfg := mustLoad(t, map[string]string{c.variable: c.value})
		if got := field(cfg, c.field); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s=%s: %s is %v, want %v", c.variable, c.value, c.field, got, c.want)
		}
	}
}

func TestConfigLevels(t *testing.T) {
	for name, want := range map[string]string{"debug": "DEBUG", "info": "INFO", "WARN": "WARN", "error": "ERROR"} {
		if got := mustLoad(t, map[string]string{"LOG_LEVEL": name}).LogLevel.String(); got != want {
			t.Errorf("LOG_LEVEL=%s: %s, want %s", name, got, want)
		}
	}
}

func TestConfigBadValues(t *testing.T) {
	const (
		url    = "is not an absolute URL; write one such as https://gateway.example.com/genesys"
		broker = " is not host:port; write brokers as kafka-1:9092,kafka-2:9092, an IPv6 address in brackets"
		topic  = " is not a topic name; write up to 249 letters, digits, ., _ and -"
		name   = " is not a checkpoint name; write up to 64 letters, digits, ., _ and -, a letter or digit first"
		units  = " is not a duration; write numbers with units, such as 60s, 5m or 168h (a week: h is the largest unit)"
		above  = " is not above zero; write a duration such as 60s"
		orTime = ", or an RFC 3339 time such as 2026-03-01T00:00:00Z"
		share  = " is not a number from 0 to 1; write one such as 0.5"
		domain = " is not a domain; write one such as mypurecloud.de or usw2.pure.cloud"
	)
	for _, c := range []struct{ variable, value, want string }{
		{"GENESYS_DOMAIN", "https://mypurecloud.de", "is a URL; write the domain alone: mypurecloud.de"},
		{"GENESYS_DOMAIN", "https://u:p@api.mypurecloud.de/x", "is a URL; write the domain alone: mypurecloud.de"},
		{"GENESYS_DOMAIN", "login.mypurecloud.de", `"login.mypurecloud.de" is a host in the domain; write mypurecloud.de`},
		{"GENESYS_DOMAIN", "apps.mypurecloud.de", `"apps.mypurecloud.de" is a host in the domain; write mypurecloud.de`},
		{"GENESYS_DOMAIN", "eu-west-1", `"eu-west-1"` + domain},
		{"GENESYS_DOMAIN", "api.", `"api."` + domain},
		{"GENESYS_DOMAIN", "mypurecloud.de/", `"mypurecloud.de/"` + domain},
		{"GENESYS_DOMAIN", "mypurecloud.de:443", `"mypurecloud.de:443"` + domain},
		{"GENESYS_DOMAIN", "-a.de", `"-a.de"` + domain},
		{"GENESYS_DOMAIN", "u:p@mypurecloud.de", "the value" + domain},
		{"GENESYS_LOGIN_URL", "login.example.com", url},
		{"GENESYS_LOGIN_URL", "localhost:8080", url},
		{"GENESYS_LOGIN_URL", "ftp://example.com", url},
		{"GENESYS_LOGIN_URL", "https://", url},
		{"GENESYS_LOGIN_URL", "https://:443", url},
		{"GENESYS_LOGIN_URL", "https://a b", url},
		{"GENESYS_LOGIN_URL", "https://example.com:65536", "has a port that there is not; write one from 1 to 65535, or none"},
		{"GENESYS_LOGIN_URL", "https://example.com:0", "has a port that there is not; write one from 1 to 65535, or none"},
		{"GENESYS_LOGIN_URL", "https://%ff", "has a host that is not text; write its name in plain letters"},
		{"GENESYS_LOGIN_URL", "https://u:p@example.com", "has a user name in it; remove it, the client's credentials have their own variables"},
		{"GENESYS_LOGIN_URL", "https://example.com?a=b", "has a query or a fragment; remove it"},
		{"GENESYS_LOGIN_URL", "https://example.com#a", "has a query or a fragment; remove it"},
		{"GENESYS_LOGIN_URL", "https://example.com/oauth/token", "ends in /oauth/token, which the service appends; remove it"},
		{"GENESYS_LOGIN_URL", "https://example.com/api/v2/", "ends in /api/v2, which the service appends; remove it"},
		{"GENESYS_QUEUES", "a,,b", `entry 2, "", is not a queue id; an id has up to 64 letters, digits, - and _`},
		{"GENESYS_QUEUES", "a,b c", `entry 2, "b c", is not a queue id; an id has up to 64 letters, digits, - and _`},
		{"GENESYS_QUEUES", "a,b,a", `entry 3, "a", is queue a again; remove one of the two`},
		{"GENESYS_QUEUES", "@/...", "@/... cannot be read (no such file or directory); name a file with one queue id a line"},
		{"GENESYS_DIALECT", "v2", `"v2" is not known; write conversations or entities`},
		{"GENESYS_PAGE_SIZE", "0", `"0" is not a whole number from 1 to 100; write one`},
		{"GENESYS_PAGE_SIZE", "101", `"101" is not a whole number from 1 to 100; write one`},
		{"GENESYS_REQUESTS_PER_MINUTE", "1.5", `"1.5" is not a whole number from 1 to 100000; write one`},
		{"GENESYS_REQUESTS_PER_MINUTE", "100001", `"100001" is not a whole number from 1 to 100000; write one`},
		{"GENESYS_READ_AHEAD", "-1", `"-1" is not a whole number from 0 to 64; write one`},
		{"GENESYS_READ_AHEAD", "65", `"65" is not a whole number from 0 to 64; write one`},
		{"GENESYS_TIMEOUT", "60", `"60" has no unit; write 60s for seconds, 60m for minutes or 60h for hours`},
		{"GENESYS_TIMEOUT", "0s", `"0s"` + above},
		{"GENESYS_TIMEOUT", "7d", `"7d"` + units},
		{"GENESYS_MAX_RESPONSE_BYTES", "256MB", `"256MB" is not a whole number from 1 to 1099511627776; write one`},
		{"WINDOW_FROM", "24", `"24" has no unit; write 24s for seconds, 24m for minutes or 24h for hours` + orTime},
		{"WINDOW_FROM", "-1h", `"-1h"` + above + orTime},
		{"WINDOW_FROM", "2026-03-01", `"2026-03-01"` + units + orTime},
		{"WINDOW_FROM", "0001-01-01T00:00:00Z", `"0001-01-01T00:00:00Z" is out of range; write a year from 2000 to 2199`},
		{"WINDOW_TO", "1h", `"1h" is not an RFC 3339 time; write one such as 2026-03-01T00:00:00Z, or now, or unset it to run for ever`},
		{"WINDOW_TO", "2300-01-01T00:00:00Z", `"2300-01-01T00:00:00Z" is out of range; write a year from 2000 to 2199`},
		{"WINDOW_LENGTH", "7h", `"7h" does not divide 24h; write a length such as 15m, 1h, 6h or 24h`},
		{"WINDOW_LENGTH", "48h", `"48h" does not divide 24h; write a length such as 15m, 1h, 6h or 24h`},
		{"WINDOW_LENGTH", "500ms", `"500ms" is too fine; write a second or more, in whole milliseconds`},
		{"WINDOW_LENGTH", "1.0000005s", `"1.0000005s" is too fine; write a second or more, in whole milliseconds`},
		{"WINDOW_LENGTH", "-1h", `"-1h"` + above},
		{"WINDOW_SETTLE", "-5m", `"-5m" is negative; write 0s or more`},
		{"WINDOW_SETTLE", "24h1ms", `"24h1ms" is more than 24h; write 24h or less`},
		{"WINDOW_SETTLE", "1.5ms", `"1.5ms" is too fine; write whole milliseconds`},
		{"WINDOW_SETTLE", "0", `"0" has no unit; write 0s for seconds, 0m for minutes or 0h for hours`},
		{"WINDOW_REVISIT", "2h,,96h", `entry 2 is empty; write ages such as 2h,24h,96h`},
		{"WINDOW_REVISIT", ",", `entry 1 is empty; write ages such as 2h,24h,96h`},
		{"WINDOW_REVISIT", "2h,2h", `entry 2, "2h", is not more than the one before it; write ages that grow, such as 2h,24h,96h`},
		{"WINDOW_REVISIT", "96h,24h", `entry 2, "24h", is not more than the one before it; write ages that grow, such as 2h,24h,96h`},
		{"WINDOW_REVISIT", "2h,745h", `entry 2, "745h", is more than 744h (31 days); write a smaller age`},
		{"WINDOW_REVISIT", "0s", `entry 1: "0s"` + above},
		{"WINDOW_REVISIT", "2h,-1h", `entry 2: "-1h"` + above},
		{"WINDOW_REVISIT", "2", `entry 1: "2" has no unit; write 2s for seconds, 2m for minutes or 2h for hours`},
		{"WINDOW_REVISIT", "never", `entry 1: "never"` + units},
		{"WINDOW_REVISIT_SHARE", "1.01", `"1.01"` + share},
		{"WINDOW_REVISIT_SHARE", "-0.1", `"-0.1"` + share},
		{"WINDOW_REVISIT_SHARE", "50%", `"50%"` + share},
		{"WINDOW_REVISIT_SHARE", "NaN", `"NaN"` + share},
		{"WINDOW_REVISIT_SHARE", "1e-1", `"1e-1"` + share},
		{"WINDOW_REVISIT_SHARE", "0,5", `"0,5"` + share},
		{"WINDOW_REVISIT_SHARE", ".", `"."` + share},
		{"KAFKA_BROKERS", "kafka", `"kafka"` + broker},
		{"KAFKA_BROKERS", "a:1,,b:1", `""` + broker},
		{"KAFKA_BROKERS", "a:0", `"a:0"` + broker},
		{"KAFKA_BROKERS", "a:65536", `"a:65536"` + broker},
		{"KAFKA_BROKERS", ":9092", `":9092"` + broker},
		{"KAFKA_BROKERS", "::1:9092", `"::1:9092"` + broker},
		{"KAFKA_BROKERS", "SASL_SSL://u:p@a:9092", "the value" + broker},
		{"KAFKA_TOPIC", ".", `"."` + topic},
		{"KAFKA_TOPIC", "..", `".."` + topic},
		{"KAFKA_TOPIC", "a b", `"a b"` + topic},
		{"KAFKA_TOPIC", strings.Repeat("t", 250), `"` + strings.Repeat("t", 60) + `..."` + topic},
		{"KAFKA_DEAD_LETTER_TOPIC", "a/b", `"a/b"` + topic},
		{"KAFKA_WINDOWS_TOPIC", "a/b", `"a/b"` + topic},
		{"KAFKA_CREATE_TOPICS", "yes", `"yes" is not known; write true or false`},
		{"KAFKA_CREATE_TOPICS", "1", `"1" is not known; write true or false`},
		{"KAFKA_DELIVERY", "at-most-once", `"at-most-once" is not known; write at-least-once or exactly-once`},
		{"KAFKA_COMPRESSION", "lzma", `"lzma" is not known; write none, gzip, snappy, lz4 or zstd`},
		{"KAFKA_MAX_MESSAGE_BYTES", "1023", `"1023" is not a whole number from 1024 to 100000000; write one`},
		{"KAFKA_MAX_MESSAGE_BYTES", "10MB", `"10MB" is not a whole number from 1024 to 100000000; write one`},
		{"KAFKA_MAX_MESSAGE_BYTES", "100000001", `"100000001" is not a whole number from 1024 to 100000000: ` +
			`a message has to fit into one request, and brokers take none above 100 MiB (socket.request.max.bytes); write one`},
		{"KAFKA_TLS", "on", `"on" is not known; write true or false`},
		{"KAFKA_SASL_MECHANISM", "gssapi", `"gssapi" is not known; write none, plain, scram-sha-256, scram-sha-512 or oauthbearer`},
		{"KAFKA_SASL_MECHANISM", "u:p@plain", "the value is not known; write none, plain, scram-sha-256, scram-sha-512 or oauthbearer"},
		{"CHECKPOINT_STORE", "redis", `"redis" is not known; write file or kafka`},
		{"CHECKPOINT_NAME", ".hidden", `".hidden"` + name},
		{"CHECKPOINT_NAME", "a/b", `"a/b"` + name},
		{"CHECKPOINT_NAME", strings.Repeat("n", 65), `"` + strings.Repeat("n", 60) + `..."` + name},
		{"LOG_LEVEL", "trace", `"trace" is not known; write debug, info, warn or error`},
		{"LOG_FORMAT", "logfmt", `"logfmt" is not known; write json or text`},
		{"SHUTDOWN_GRACE", "-1s", `"-1s"` + above},
	} {
		wantProblems(t, map[string]string{c.variable: c.value}, c.variable+": "+c.want)
	}
}

package main

import (
	"errors"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// setEnvironment makes the environment hold the given variables and none else
// that the program could take for its own.
func setEnvironment(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if hasPrefix(name, "GENESYS_", "WINDOW_", "CHECKPOINT_", "KAFKA_", "HTTP_", "LOG_", "SHUTDOWN_") {
			t.Setenv(name, "") // restores it after the test
			os.Unsetenv(name)
		}
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

// with is the smallest environment that is right, and changes to it.
func with(changes map[string]string) map[string]string {
	all := map[string]string{
		"GENESYS_CLIENT_ID":     "the-client",
		"GENESYS_CLIENT_SECRET": "the-secret",
		"GENESYS_QUEUES":        "q-1",
		"KAFKA_BROKERS":         "kafka:9092",
	}
	for name, value := range changes {
		all[name] = value
	}
	return all
}

// mustLoad is the configuration of the smallest environment and the changes.
func mustLoad(t *testing.T, changes map[string]string) config {
	t.Helper()
	setEnvironment(t, with(changes))
	cfg, err := loadConfig()
	if err != nil {
		t.Fatalf("loadConfig with %v:\n%v", changes, err)
	}
	return cfg
}

// wantProblems loads the smallest environment and the changes, and compares the
// error line by line.
func wantProblems(t *testing.T, changes map[string]string, want ...string) {
	t.Helper()
	setEnvironment(t, with(changes))
	cfg, err := loadConfig()
	if _, ok := errors.AsType[*configError](err); !ok {
		t.Fatalf("loadConfig with %v: got %v, want a *configError", changes, err)
	}
	if got, want := err.Error(), strings.Join(want, "\n"); got != want {
		t.Errorf("loadConfig with %v:\n got %s\nwant %s", changes, got, want)
	}
	if !reflect.DeepEqual(cfg, config{}) {
		t.Errorf("loadConfig with %v: in error and yet not empty: %+v", changes, cfg)
	}
}

func TestConfigDefaults(t *testing.T) {
	want := config{
		Dialect:           "conversations",
		APIURL:            "https://api.mypurecloud.com",
		LoginURL:          "https://login.mypurecloud.com",
		ClientID:          "the-client",
		ClientSecret:      newSecret("the-secret"),
		Queues:            []string{"q-1"},
		PageSize:          100,
		RequestsPerMinute: 300,
		ReadAhead:         8,
		Timeout:           time.Minute,
		MaxResponseBytes:  256 << 20,
		WindowFrom:        start{Text: "24h", before: 24 * time.Hour},
		WindowLength:      time.Hour,
		WindowSettle:      5 * time.Minute,
		WindowRevisit:     []time.Duration{2 * time.Hour, 24 * time.Hour, 96 * time.Hour},

		WindowRevisitShare: 0.5,

		Brokers: []string{"kafka:9092"},
		topics: topics{
			Topic:           "genesys.conversations",
			DeadLetterTopic: "genesys.conversations.dead-letter",
			WindowsTopic:    "genesys.conversations.windows",
		},
		Partitions:        12,
		ReplicationFactor: 3,
		Delivery:          "at-least-once",
		Compression:       "snappy",
		MaxMessageBytes:   1_000_000,
		CheckpointName:    "default",
		CheckpointStore:   "file",
		CheckpointDir:     "checkpoints",
		HTTPAddr:          ":8080",
		LogLevel:          slog.LevelInfo,
		LogFormat:         "json",
		ShutdownGrace:     20 * time.Second,
	}
	if got := mustLoad(t, nil); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

// A variable that is not required is refused when it is set to nothing, unless that
// has a meaning, and a required one is missing.
func TestConfigEmpty(t *testing.T) {
	for _, v := range variables() {
		empty := map[string]string{v.name: " "}
		switch {
		case v.name == "WINDOW_REVISIT": // empty has another meaning than the default
			if got := mustLoad(t, empty).WindowRevisit; got != nil || v.emptied != "never" {
				t.Errorf("%s empty: %v, want never", v.name, got)
			}
		case v.name == "HTTP_ADDR":
			if got := mustLoad(t, empty).HTTPAddr; got != "" || v.emptied != "no listener" {
				t.Errorf("%s empty: %q, want no listener", v.name, got)
			}
		case v.shown == "empty", v.name == "GENESYS_CLIENT_SECRET_FILE": // empty has a meaning
			if got, want := mustLoad(t, empty), mustLoad(t, nil); !reflect.DeepEqual(got, want) {
				t.Errorf("%s empty:\n got %+v\nwant %+v", v.name, got, want)
			}
		case v.name == "GENESYS_CLIENT_SECRET":
			wantProblems(t, empty, "GENESYS_CLIENT_SECRET: missing; set it to the secret of that client, or GENESYS_CLIENT_SECRET_FILE to a file that holds it")
		case v.required():
			wantProblems(t, empty, v.name+": missing; set it to "+v.meaning)
		default:
			wantProblems(t, empty, v.name+": is empty; unset it for the default")
		}
	}
}

func TestConfigNothingSet(t *testing.T) {
	setEnvironment(t, nil)
	_, err := loadConfig()
	want := `GENESYS_CLIENT_ID: missing; set it to the id of the client-credentials client
GENESYS_CLIENT_SECRET: missing; set it to the secret of that client, or GENESYS_CLIENT_SECRET_FILE to a file that holds it
GENESYS_QUEUES: missing; set it to the ids of the routing queues, comma-separated, or @file with one a line
KAFKA_BROKERS: missing; set it to the brokers to begin with, comma-separated host:port`
	if err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}

// An environment with all of it wrong has a line for every variable, in the
// order of the table, then the unknown.
func TestConfigAllAtOnce(t *testing.T) {
	const secret = "kX9-not-to-be-printed"
	wrong := map[string]string{
		"GENESYS_UNKNOWN": secret,
		"KAFKA_BROKER":    secret,
	}
	var want []string
	for _, v := range variables() {
		wrong[v.name] = "-1 / @" + secret
		want = append(want, v.name)
	}
	want = append(want, "GENESYS_UNKNOWN", "KAFKA_BROKER")

	wrong["GENESYS_CLIENT_ID"] = "" // any other text is an id
	wrong["CHECKPOINT_DIR"] = ""    // any other text is a directory
	for _, s := range secrets() {
		wrong[s.name] = ""             // or the twins are one problem
		wrong[s.name+"_FILE"] = "/..." // its path is shown
		want = remove(want, s.name)
	}
	for _, name := range []string{"KAFKA_SASL_USERNAME", "KAFKA_SASL_CLIENT_ID", "KAFKA_SASL_SCOPES"} {
		want = remove(want, name) // any text is one
	}

	setEnvironment(t, wrong)
	_, err := loadConfig()
	if err == nil {
		t.Fatal("no error")
	}
	var got []string
	for line := range strings.Lines(err.Error()) {
		name, text, _ := strings.Cut(line, ": ")
		got = append(got, name)
		if !strings.ContainsAny(text, ";?") {
			t.Errorf("%s: no fix: %s", name, text)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("names\n got %v\nwant %v", got, want)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("prints a secret:\n%v", err)
	}
}

func remove(names []string, name string) (rest []string) {
	for _, n := range names {
		if n != name {
			rest = append(rest, n)
		}
	}
	return rest
}

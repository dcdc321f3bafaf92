package main

import (
	"os"
	"slices"
	"testing"

	"genesys-producer/genesys/genesystest"
)

// Commands stand in lines of their own, and nothing else is taken for one.
func TestCheckAdvice(t *testing.T) {
	for _, row := range []struct {
		text string
		want []string
	}{
		{"have the certificate of kafka-1:9092 renewed before that", []string{"have the certificate of kafka-1:9092 renewed before that"}},
		{"grant them to its principal (kafka-acls.sh --add)", []string{"grant them to its principal (kafka-acls.sh --add)"}},
		{"lower KAFKA_MAX_MESSAGE_BYTES, or: kafka-configs.sh --alter --bootstrap-server kafka-1:9092", []string{"lower KAFKA_MAX_MESSAGE_BYTES, or:", "kafka-configs.sh --alter --bootstrap-server kafka-1:9092"}},
		{"kafka-acls.sh --add; see to kafka-2", []string{"kafka-acls.sh --add", "see to kafka-2"}},
		{"set it, or create it: kafka-topics.sh --create", []string{"set it, or create it:", "kafka-topics.sh --create"}},
		{"", []string{""}},
	} {
		if got := advice(row.text, 200); !slices.Equal(got, row.want) {
			t.Errorf("%q: %q, want %q", row.text, got, row.want)
		}
	}
}

// Who does not get to read what was found is not told that all is well.
func TestCheckCannotBeTold(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no /dev/full")
	}
	t.Parallel()
	w := newChecked(t, deliveries[0], genesystest.Config{})
	w.within = []string{"/bin/sh", "-c", `exec "$0" "$@" >/dev/full`}
	table, machine := w.command([]string{"check"}), w.command([]string{"check", "--json"})
	table.mustEnd(failed, "check: write", "no space left on device")
	machine.mustEnd(failed, "check: write", "no space left on device")
	w.command([]string{"check", "--json"}, "WINDOW_LENGTH=7m").mustEnd(misuse, "WINDOW_LENGTH", "check: write", "no space left on device")
}

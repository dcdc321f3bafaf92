package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// TestMain lets this program be one of the processes beside the service, as the command
// itself is.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == partArgument {
		exit(runPart(context.Background(), os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

// With next to nothing to do. What it checks by itself is that each row
// has brought as many messages to the topic as there are conversations.
func TestScenarios(t *testing.T) {
	for scenario, rows := range map[string][]string{
		"speed": {fetching, producing, "service, 8 queues", producingOne, "service, 1 queue", "plain loop", "of both halves together"},
		"pace":  {"1 queue, latency 1 s", "8 queues, latency 200 ms", "%"},
		"delivery": {"latency 200 ms, 1 queue", "latency 200 ms, 8 queues", "no latency, 1 queue", "no latency, 8 queues",
			"exactly-once, against at-least-once, files", "exactly-once, against at-least-once, Kafka store"},
	} {
		t.Run(scenario, func(t *testing.T) {
			var out bytes.Buffer
			args := []string{"-rounds", "1", "-conversations", "1600", "-codecs", "snappy", "-minutes", "0.06", scenario}
			if err := bench(t.Context(), args, &out); err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				if !strings.Contains(out.String(), row) {
					t.Errorf("the table has no %q:\n%s", row, out.String())
				}
			}
		})
	}
}

// It reads every position, and compares it with the one that was stored last.
func TestPositions(t *testing.T) {
	var out bytes.Buffer
	few := scenario{func(s *stage) error { return positionsOf(s, 5) }, true}
	if err := few.on(t.Context(), options{rounds: 1}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "positions of 5 queues") || !strings.Contains(out.String(), "all are read after") {
		t.Errorf("it says:\n%s", out.String())
	}
}

func TestUnknownScenario(t *testing.T) {
	err := bench(t.Context(), []string{"spead"}, new(bytes.Buffer))
	if err == nil || !strings.Contains(err.Error(), `"spead"`) {
		t.Errorf("it says %v", err)
	}
}

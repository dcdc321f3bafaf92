package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"genesys-producer/genesys/genesystest"
)

// serve keeps the simulator and the broker up until ctx ends. The environment for
// running the service by hand goes to stdout and nothing else does, so that it can
// be pasted, or redirected to a file and sourced.
func serve(ctx context.Context, o options, stdout, stderr io.Writer) error {
	now := time.Now().UTC()
	world, err := newWorld(ctx, o, genesystest.Config{ // with the API's own allowance
		Seed: o.seed, From: now.Add(-24 * time.Hour), To: now.Add(24 * time.Hour), Conversations: 16_000,
		Latency: func(genesystest.Request) time.Duration { return 150 * time.Millisecond },
	})
	if err != nil {
		return err
	}
	defer world.end(newScreen(stderr), o.keep)
	// In a file: three ids make a line that a terminal breaks, and its copy too.
	queues := filepath.Join(world.folder, "queues")
	if err := os.WriteFile(queues, []byte(strings.Join(world.simulator.Queues(), "\n")+"\n"), 0o600); err != nil {
		return err
	}

	fmt.Fprintf(stderr, `A simulated Genesys Cloud is up, with new conversations all the time. Kafka is
%s. Paste this where you run the service:

`, world.kafka())
	for _, setting := range append([]string{
		"GENESYS_API_URL=" + world.api,
		"GENESYS_LOGIN_URL=" + world.api,
		"GENESYS_CLIENT_ID=" + genesystest.DefaultClientID,
		"GENESYS_CLIENT_SECRET=" + genesystest.DefaultClientSecret,
		"GENESYS_QUEUES=@" + queues,
		"WINDOW_FROM=6h",
		"KAFKA_BROKERS=" + strings.Join(world.brokers, ","),
		"KAFKA_TOPIC=" + world.topic,
		"LOG_FORMAT=text",
	}, world.delivery()...) {
		name, value, _ := strings.Cut(setting, "=")
		fmt.Fprintf(stdout, "export %s=%s\n", name, quoted(value))
	}
	fmt.Fprint(stderr, `
and then, in the folder of this module:

go build ./cmd/genesys-producer
./genesys-producer check
./genesys-producer

Its status page is at http://localhost:8080. Stop the service and start it again
as you like. Ctrl-C here ends simulator and broker, and removes what they hold.
`)
	<-ctx.Done()
	return nil
}

// quoted is a value as a shell takes it.
func quoted(value string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:/@"
	if value != "" && strings.Trim(value, plain) == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

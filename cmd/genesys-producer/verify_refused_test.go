package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/transact"
)

// What does not answer, or refuses, is a failure and no finding.
func TestVerifyFails(t *testing.T) {
	beside(t)
	w := newWorld(t, genesystest.Config{Conversations: 3})
	w.command([]string{"verify", "--from", "2025-03-03T10:00:00Z", "--to", "2025-03-03T11:00:00Z"}, "KAFKA_TOPIC="+w.topic+".none",
		"KAFKA_DEAD_LETTER_TOPIC="+w.deadLetters()).mustEnd(failed, w.topic+".none")
	w.command([]string{"verify", "--from", "2025-03-03T10:00:00Z", "--to", "2025-03-03T11:00:00Z"}, "GENESYS_CLIENT_SECRET=wrong").mustEnd(failed, "verify: login: ")
	w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
		if r.Token {
			return nil
		}
		return genesystest.Forbidden()
	})
	c := w.verify()
	c.mustEnd(failed, "verify: queue "+w.sim.Queues()[0]+": window 2025-03-03T10:00Z/11:00Z: page 1: ")
	if c.stdout.String() != "" {
		t.Errorf("stdout is %q", c.stdout.String())
	}
}

func TestVerifyIsNotUsedSo(t *testing.T) {
	const usage = "usage: genesys-producer verify --from TIME --to TIME [--queue ID]\n"
	setEnvironment(t, with(nil))
	now := time.Now().UTC()
	for args, want := range map[string]string{
		"":                            "--from is missing\n" + usage,
		"--from 2026-03-01T00:00:00Z": "--to is missing\n" + usage,
		"--to 2026-03-01T00:00:00Z":   "--from is missing\n" + usage,
		"--from yesterday":            "not an RFC 3339 time",
		"--yes":                       "flag provided but not defined: -yes\n" + usage,
		"--from 2026-03-01T00:00:00Z --to 2026-03-01T01:00:00+01:00":                     "--to 2026-03-01T00:00:00Z is not after --from 2026-03-01T00:00:00Z; write a later one\n",
		"--from 2026-03-01T00:00:00Z --to 2026-03-02T00:00:00Z --queue q-2":              `--queue "q-2" is none of GENESYS_QUEUES; write one of them, or add it there` + "\n",
		"--from 2026-03-01T00:00:00Z --to " + now.Add(-time.Minute).Format(time.RFC3339): "has not settled: what the API shows until then may not be published yet; write ",
	} {
		var stderr transcript
		code := command(t.Context(), append([]string{"verify"}, strings.Fields(args)...), nil, io.Discard, &stderr)
		if text := stderr.String(); code != misuse || !strings.HasPrefix(text, "verify: ") || !strings.Contains(text, want) {
			t.Errorf("%q: exit code %d, and it says:\n%s", args, code, text)
		}
	}
}

// Brokers that fall silent are waited for a while.
func TestVerifyGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &verification{patience: time.Minute, tell: io.Discard,
			read: func(ctx context.Context, _ string, _ time.Time, see func(transact.Read)) ([]transact.Range, error) {
				for range 10 {
					time.Sleep(59 * time.Second)
					see(transact.Read{})
				}
				<-ctx.Done()
				return nil, ctx.Err()
			}}
		began := time.Now()
		err := v.readInto(t.Context(), newContent(nil), "conversations", time.Time{})
		if err == nil || !strings.Contains(err.Error(), "topic conversations: nothing has come for 1m0s") || time.Since(began) != 590*time.Second+time.Minute {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

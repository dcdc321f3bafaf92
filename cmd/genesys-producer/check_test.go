package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// Where all is well every row says so, and the exit code does.
func TestCheckFindsNothing(t *testing.T) {
	for _, d := range append(deliveries, inKafka) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			w := newChecked(t, d, genesystest.Config{})
			c := w.check()
			c.mustOnly(done)
			c.must(fine, "login", "", "gave a token within", "")
			c.must(fine, "clock", "", "agree", "")
			c.must(fine, "query", "", "conversations of 127.0.0.1", "")
			c.must(fine, "queue", "queue-of-sales", "conversations in the last 24 h", "")
			c.must(fine, "rate", "", "allows 300 requests a minute", "")
			c.must(fine, "budget", "", "less than 1 % of the 291 that are sent at most (97 % of GENESYS_REQUESTS_PER_MINUTE=300)", "")
			c.must(fine, "brokers", "", "1 broker answers", "")
			c.must(fine, "tls", "", "not used", "")
			c.must(fine, "sasl", "", "not used", "")
			c.must(fine, "topic", w.topic, "3 partitions, 1 replica, cleanup.policy=compact, max.message.bytes=1048588", "")
			c.must(fine, "rights", w.deadLetters(), "WRITE allowed", "")
			c.must(fine, "positions", "", "0 positions of CHECKPOINT_NAME default: each queue begins at WINDOW_FROM=2h", "")
			if d.store == "kafka" {
				c.must(fine, "rights", w.ledgers(), "READ, WRITE allowed", "")
				c.must(fine, "transactional-ids", "", "may be used", "")
				c.must(fine, "checkpoint-store", "", "topic "+w.checkpoints()+" can be read", "")
			} else {
				c.must(fine, "checkpoint-store", "", "default does not exist, and will be created", "")
			}
		})
	}
}

// In dialect entities the same is asked, in its words.
func TestCheckEntities(t *testing.T) {
	t.Parallel()
	w := newChecked(t, deliveries[0], genesystest.Config{Dialect: genesystest.Entities})
	w.environment["GENESYS_DIALECT"] = "entities"
	c := w.check()
	c.must(fine, "query", "", "entities of", "")
	c.must(fine, "queue", "queue-of-sales", "conversations in the last 24 h", "")
}

// A service that runs is left alone: it goes on, whatever the store, and the check says
// that it is there.
func TestCheckBesideTheService(t *testing.T) {
	for _, d := range append(deliveries, inKafka) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			w := newChecked(t, d, genesystest.Config{})
			service := w.start("GENESYS_REQUESTS_PER_MINUTE=6000", "WINDOW_LENGTH=15m")
			service.await(`"window closed"`, 4)
			limit := time.Now().Add(patience)
			for before := ""; before != w.state(); { // until it waits for the next window
				if before = w.state(); time.Now().After(limit) {
					t.Fatal("the service does not come to rest")
				}
				time.Sleep(time.Second)
			}
			c := w.check()
			c.mustOnly(done)
			if d.store != "kafka" {
				c.must(fine, "checkpoint-store", "", fmt.Sprintf("in use by a running service (pid %d ", service.command.Process.Pid), "")
			}
			c.must(fine, "positions", "", "4 positions of CHECKPOINT_NAME default", "")
			select {
			case <-service.ended:
				t.Error("the service has ended")
			default:
			}
			service.signal(syscall.SIGTERM)
			service.mustEnd(done)
			if strings.Contains(service.stderr.String(), "taken it over") {
				t.Error("the check has taken a queue from the service")
			}
		})
	}
}

// A service that walks is not disturbed by a check: it loses no queue, and fails at nothing.
func TestCheckBesideAWalk(t *testing.T) {
	for _, d := range append(deliveries, inKafka) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			w := newChecked(t, d, genesystest.Config{RequestsPerMinute: -1,
				Latency: func(genesystest.Request) time.Duration { return 200 * time.Millisecond }})
			service := w.start("WINDOW_FROM=23h", "WINDOW_TO=now", "WINDOW_REVISIT=", "GENESYS_REQUESTS_PER_MINUTE=6000")
			service.await(`"page completed"`, 1)
			checks := 0
			for alive := true; alive; {
				if code := w.command([]string{"check"}).wait(); code != done {
					t.Errorf("check: exit code %d", code)
				}
				select {
				case <-service.ended:
					alive = false
				default:
					checks++
				}
			}
			service.mustEnd(done)
			if checks == 0 {
				t.Error("no check has ended before the walk")
			}
			for _, l := range service.log() {
				if l.Level != "DEBUG" && l.Level != "INFO" {
					t.Errorf("%s %s: %s", l.Level, l.Msg, l.Error)
				}
			}
		})
	}
}

// What the configuration says wrong is told as at start, all at once, and to machines too.
func TestCheckMisconfigured(t *testing.T) {
	t.Parallel()
	w := newChecked(t, deliveries[0], genesystest.Config{})
	c := w.check("WINDOW_LENGTH=7m", "KAFKA_SASL_MECHANISM=plain", "GENESYS_QUEUE=x")
	c.mustOnly(misuse, "fail configuration", "fail configuration", "fail configuration", "fail configuration")
	c.must(fails, "configuration", "WINDOW_LENGTH", `"7m" does not divide 24h`, "write a length such as 15m")
	c.must(fails, "configuration", "KAFKA_SASL_PASSWORD", "missing", "set it to the password of that user")
	c.must(fails, "configuration", "GENESYS_QUEUE", "", "")
	told := w.command([]string{"check"}, "WINDOW_LENGTH=7m")
	told.mustEnd(misuse, `WINDOW_LENGTH: "7m" does not divide 24h; write`)
	if told.stdout.String() != "" {
		t.Errorf("a table of what was not checked:\n%s", told.stdout.String())
	}
	w.command([]string{"check", "--jsn"}).mustEnd(misuse, "usage: genesys-producer check [--json]")
	w.command([]string{"check"}, "KAFKA_TLS=true", "KAFKA_TLS_CA_FILE=/dev/null").mustEnd(misuse, "KAFKA_TLS_CA_FILE")
}

// What is allowed, and may not be meant.
func TestCheckUnusual(t *testing.T) {
	t.Parallel()
	w := newChecked(t, deliveries[0], genesystest.Config{})
	c := w.check("WINDOW_REVISIT=", "WINDOW_SETTLE=10s")
	c.mustOnly(done, "warn configuration", "warn configuration")
	c.must(warns, "configuration", "WINDOW_REVISIT", "is never read again", "unset it")
	c.must(warns, "configuration", "WINDOW_SETTLE", "is 10s", "write 5m")
}

// The windows alone are held against what is sent at most. A run that ends at a time that
// has passed has nothing to keep up with.
func TestCheckBudget(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		name   string
		queues int
		to     end
		want   verdict // empty: no row
	}{
		{"less than half", 145, end{}, fine},
		{"more than half", 146, end{}, warns},
		{"almost all that is sent", 290, end{}, warns},
		{"more than is sent, and less than the allowance", 295, end{}, fails},
		{"up to a time that has passed", 400, end{Text: "x", at: now.Add(-time.Hour)}, ""},
		{"up to now", 400, end{Text: "now"}, ""},
		{"up to a time ahead", 4000, end{Text: "x", at: now.Add(time.Hour)}, fails},
	} {
		cfg := config{RequestsPerMinute: 300, WindowLength: time.Minute, WindowSettle: 5 * time.Minute, WindowTo: row.to, Queues: manyQueues(row.queues)}
		var got verdict
		for _, found := range checkSettings(cfg, now) {
			if found.Check == "budget" {
				if got = found.Verdict; strings.Contains(found.Finding, "e+") {
					t.Errorf("%s: %s", row.name, found.Finding)
				}
			}
		}
		if got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

// --json has the names that are promised, and no others.
func TestCheckNames(t *testing.T) {
	t.Parallel()
	w := newChecked(t, deliveries[0], genesystest.Config{HiddenQueues: []string{"queue-of-sales"}})
	var said map[string]json.RawMessage
	if err := json.Unmarshal([]byte(w.check().told), &said); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	if err := json.Unmarshal(said["checks"], &rows); err != nil {
		t.Fatal(err)
	}
	delete(said, "ok")
	delete(said, "program")
	delete(said, "checks")
	for _, row := range rows {
		for _, name := range []string{"check", "verdict", "finding"} {
			if row[name] == "" {
				t.Errorf("a row has no %s: %v", name, row)
			}
			delete(row, name)
		}
		if row["subject"] == "queue-of-sales" && row["fix"] == "" {
			t.Errorf("what failed has no fix: %v", row)
		}
		delete(row, "subject")
		delete(row, "fix")
		if len(row) > 0 {
			t.Errorf("besides there is %v", row)
		}
	}
	if len(said) > 0 {
		t.Errorf("besides there is %v", said)
	}
}

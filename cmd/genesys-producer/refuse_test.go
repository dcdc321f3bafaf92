package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"genesys-producer/genesys/genesystest"
)

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		args           string
		code           int
		stdout, stderr string // parts
	}{
		{"version", done, "genesys-producer dev (commit unknown, go1.", ""},
		{"help", done, "Exit codes: 0 done, 1 failed, 2 usage or configuration.", ""},
		{"--help", done, "GENESYS_CLIENT_SECRET_FILE", ""},
		{"--version", done, "genesys-producer ", ""},
		{"verify --help", done, "usage: genesys-producer verify --from TIME --to TIME [--queue ID]", ""},
		{"checkpoint rewind -h", done, "usage: genesys-producer checkpoint rewind --to TIME", ""},
		{"checkpoint -h", done, "usage: genesys-producer checkpoint list [--json]", ""},
		{"checkpoint", misuse, "", "usage: genesys-producer checkpoint export"},
		{"dead-letter", misuse, "", "usage: genesys-producer dead-letter list"},
		{"walk --help", misuse, "", `there is no command "walk"`},
		{"walk", misuse, "", `there is no command "walk": genesys-producer help lists them`},
		{"run now", misuse, "", `run takes no arguments, but got "now"`},
		{"checkpoint foo bar", misuse, "", `there is no command "checkpoint foo"`},
		{"checkpoint foo", misuse, "", `there is no command "checkpoint foo"`},
		{"walk now", misuse, "", `there is no command "walk"`},
		{"checkpoint export now", misuse, "", `checkpoint export takes no arguments, but got "now"`},
		{"checkpoint import a b", misuse, "", `checkpoint import: it takes one argument beside its options, but got "b", too`},
		{"checkpoint import --yes", misuse, "", "checkpoint import: FILE is missing"},
		{"checkpoint list all", misuse, "", `checkpoint list: it takes options alone, but got "all"`},
		{"checkpoint list --yes", misuse, "", "usage: genesys-producer checkpoint list [--json]"},
		{"checkpoint show", misuse, "", "checkpoint show: QUEUE is missing\nusage: genesys-producer checkpoint show QUEUE [--json]"},
		{"checkpoint show a --json b", misuse, "", `but got "b", too`},
		{"checkpoint show a --yes", misuse, "", "flag provided but not defined: -yes"},
		{"plan now", misuse, "", "usage: genesys-producer plan [--json]"},
		{"plan --to 2026-03-01T00:00:00Z", misuse, "", "flag provided but not defined: -to"},
		{"healthcheck now", misuse, "", `healthcheck takes no arguments, but got "now"`},
		{"checkpoint import", misuse, "", "usage: genesys-producer checkpoint import FILE [--yes]"},
		{"version -v", misuse, "", `version takes no arguments, but got "-v"`},
	} {
		t.Run(c.args, func(t *testing.T) {
			child := launch(t, nil, strings.Fields(c.args)...)
			child.mustEnd(c.code, c.stderr)
			if !strings.Contains(child.stdout.String(), c.stdout) {
				t.Errorf("stdout is %q, want %q in it", child.stdout.String(), c.stdout)
			}
			if (child.stdout.String() == "") != (c.stdout == "") || (child.stderr.String() == "") != (c.stderr == "") {
				t.Errorf("stdout has %d bytes, stderr %d: one of them is for the other",
					len(child.stdout.String()), len(child.stderr.String()))
			}
		})
	}
}

func TestBadConfigurationIsListed(t *testing.T) {
	const secret = "s3cr3t-0f-the-client"
	c := launch(t, []string{
		"GENESYS_CLIENT_SECRET=" + secret, "GENESYS_CLIENT_SECRET_FILE=/nowhere", "GENESYS_QUEUES=a,a",
		"GENESYS_PAGE_SIZE=101", "GENESYS_QUEUE=a", "WINDOW_LENGTH=7h", "WINDOW_TO=tomorrow",
		"KAFKA_BROKERS=user:" + secret + "@kafka", "KAFKA_SASL_PASSWORD=" + secret, "HTTP_ADDR=8080", "LOG_LEVEL=loud",
	})
	c.mustEnd(misuse, "GENESYS_CLIENT_ID: missing", "GENESYS_CLIENT_SECRET: set together", "GENESYS_QUEUES: ",
		"GENESYS_PAGE_SIZE: ", "GENESYS_QUEUE: unknown; did you mean GENESYS_QUEUES?", "WINDOW_LENGTH: ", "WINDOW_TO: ",
		"KAFKA_BROKERS: ", "KAFKA_SASL_PASSWORD: has no effect", "HTTP_ADDR: ", "LOG_LEVEL: ")
	c.mustNotTell(secret)
	if lines := strings.Count(c.stderr.String(), "\n"); lines != 11 {
		t.Errorf("%d lines, want one for each of 11 problems", lines)
	}
}

// A file that the configuration names and that is of no use is a fault of the
// configuration, whatever the command.
func TestUnusablePEMIsMisuse(t *testing.T) {
	for _, args := range []string{"", "run", "checkpoint export", "checkpoint import " + writeExport(t, 0, "a") + " --yes", "dead-letter list"} {
		t.Run(args, func(t *testing.T) {
			c := launch(t, []string{"GENESYS_CLIENT_ID=c", "GENESYS_CLIENT_SECRET=s", "GENESYS_QUEUES=q", "KAFKA_BROKERS=127.0.0.1:1",
				"KAFKA_TLS=true", "KAFKA_TLS_CA_FILE=" + writeFile(t, "of no use")}, strings.Fields(args)...)
			c.mustEnd(misuse, "KAFKA_TLS_CA_FILE: ", "has no certificate in PEM")
			if lines := strings.Count(c.stderr.String(), "\n"); lines != 1 {
				t.Errorf("%d lines, want that one", lines)
			}
		})
	}
}

func TestTornCheckpointIsNotStartedOver(t *testing.T) {
	w := newDays(t, genesystest.Config{})
	w.stopAt(25).mustEnd(failed)
	w.gate.open()
	files, err := filepath.Glob(filepath.Join(w.environment["CHECKPOINT_DIR"], "default", "*.live*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no positions (%v)", err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	before := len(w.cluster.Read(t, w.topic))
	change := func(old, new string) []byte { return bytes.Replace(whole, []byte(old), []byte(new), 1) }
	for what, text := range map[string][]byte{
		"empty": nil, "one byte": whole[:1], "half": whole[:len(whole)/2], "all but the end": whole[:len(whole)-2],
		"zero bytes": make([]byte, len(whole)), "half zero bytes": append(bytes.Clone(whole[:len(whole)/2]), make([]byte, len(whole)/2)...),
		"another page": change(`"page": `, `"page": 1`), "another topic": change(w.topic, w.topic+"x"), "another version": change(`"version": 2`, `"version": 3`),
	} {
		if err := os.WriteFile(files[0], text, 0o600); err != nil {
			t.Fatal(err)
		}
		w.start().mustEnd(failed, files[0], "to recover, ", "restore the file from a copy")
		if left, err := os.ReadFile(files[0]); err != nil || !bytes.Equal(left, text) {
			t.Errorf("%s: the file was changed (%v)", what, err)
		}
	}
	// It is restored from a copy. What a crash left of the next one does no harm.
	for name, text := range map[string][]byte{files[0]: whole, files[0] + ".tmp": whole[:len(whole)/3]} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if now := len(w.cluster.Read(t, w.topic)); now != before {
		t.Errorf("%d messages were published meanwhile", now-before)
	}
	w.mustFinish()
	w.checkNoRepeats()
}

func TestForbiddenNamesThePermission(t *testing.T) {
	w := newDays(t, genesystest.Config{})
	w.sim.Script(func(r genesystest.Request) *genesystest.Fault {
		if r.Token {
			return nil
		}
		return genesystest.Forbidden()
	})
	w.start().mustEnd(failed, "403", "grant a role with the permission analytics:conversationDetail:view")
	w.sim.Script(nil)
	w.mustFinish()
	w.checkNoRepeats()
}

func TestWrongSecret(t *testing.T) {
	const secret = "s3cr3t-0f-another"
	w := newDays(t, genesystest.Config{})
	c := w.start("GENESYS_CLIENT_SECRET=" + secret)
	c.mustEnd(failed, "login", "invalid_client", "check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and the region")
	c.mustNotTell(secret)
}

func TestMissingTopicIsNamed(t *testing.T) {
	w := newDays(t, genesystest.Config{})
	w.start("KAFKA_TOPIC="+w.topic+".none").mustEnd(failed, "topic "+w.topic+".none does not exist", "kafka-topics.sh --create")
	w.start("KAFKA_BROKERS=127.0.0.1:1", "LOG_FORMAT=text").stopWaiting()
}

// stopWaiting waits until the program waits for the brokers, and tells it to stop.
func (c *child) stopWaiting() {
	c.Helper()
	c.await("kafka: waiting until publishing is possible", 1)
	c.signal(syscall.SIGTERM)
	c.mustEnd(failed, "started again, it goes on there")
}

// Windows are walked up to now minus a settle of nothing; then up to an hour ago
// there is nothing left.
func TestUpToNowIsOverAtOnce(t *testing.T) {
	w := newDays(t, genesystest.Config{})
	w.environment["WINDOW_FROM"], w.environment["WINDOW_TO"] = "3h", "now"
	w.start("WINDOW_SETTLE=0s").mustEnd(done)
	queries := len(w.queries())
	w.start("WINDOW_SETTLE=1h").mustEnd(done)
	if now := len(w.queries()); queries == 0 || now != queries {
		t.Errorf("%d queries at first and %d afterwards, want some and none", queries, now-queries)
	}
}

// queries are the simulator's requests for pages.
func (w *world) queries() (queries []genesystest.Request) {
	for _, r := range w.sim.Requests() {
		if r.Path == genesystest.QueryPath {
			queries = append(queries, r)
		}
	}
	return queries
}

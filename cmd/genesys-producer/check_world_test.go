package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer/kafkatest"
)

// newChecked makes a world in which all is well: the last day's conversations of two
// queues, and topics as README wants them.
func newChecked(t *testing.T, d delivery, organisation genesystest.Config, brokers ...kfake.Opt) *world {
	t.Helper()
	return newCheckedOn(t, kafkatest.Start(t, brokers...), d, organisation)
}

func newCheckedOn(t *testing.T, cluster *kafkatest.Cluster, d delivery, organisation genesystest.Config) *world {
	t.Helper()
	now := time.Now().UTC()
	w := &world{T: t, cluster: cluster, from: now.Add(-day), to: now, length: time.Hour, settle: 5 * time.Minute}
	organisation.Seed, organisation.MeanSize = 1, 2500
	if organisation.Conversations == 0 {
		organisation.Conversations = 300
	}
	if len(organisation.Queues) == 0 {
		organisation.Queues = []string{"queue-of-sales", "queue-of-support"}
	}
	w.sim = genesystest.New(organisation)
	w.surround(w.sim, "cleanup.policy=compact")
	w.configure(w.deadLetters(), "retention.ms=-1")
	w.configure(w.attestations(), "cleanup.policy=compact")
	for name, value := range map[string]string{"GENESYS_REQUESTS_PER_MINUTE": "300", "WINDOW_FROM": "2h"} {
		w.environment[name] = value
	}
	delete(w.environment, "WINDOW_TO")
	return w.by(d)
}

// checkup is what the command has found, by either of its outputs.
type checkup struct {
	*world
	code int
	told string // all that it has printed
	rows []checked
}

// check runs the command twice: once for people and once for machines, and expects the
// same of both, no secret, and that it has changed nothing.
func (w *world) check(changes ...string) *checkup {
	w.Helper()
	before := w.state()
	table, machine := w.command([]string{"check"}, changes...), w.command([]string{"check", "--json"}, changes...)
	c := &checkup{world: w, code: machine.wait(), told: machine.stdout.String()}
	if code := table.wait(); code != c.code {
		w.Errorf("exit code %d with a table, %d with --json", code, c.code)
	}
	var said struct {
		OK     bool
		Checks []checked
	}
	if err := json.Unmarshal([]byte(c.told), &said); err != nil {
		w.Fatalf("--json: %v:\n%s", err, c.told)
	}
	if said.OK != (c.code == done) {
		w.Errorf("ok is %v, with exit code %d", said.OK, c.code)
	}
	c.rows = said.Checks
	if c.code != misuse {
		if got, want := verdictsOf(table.stdout.String()), verdictsIn(c.rows); !slices.Equal(got, want) {
			w.Errorf("the table's verdicts are %v, those of --json %v:\n%s", got, want, table.stdout.String())
		}
		if table.stderr.String()+machine.stderr.String() != "" {
			w.Errorf("it has said on stderr: %s%s", table.stderr.String(), machine.stderr.String())
		}
	}
	for _, child := range []*child{table, machine} {
		for _, secret := range []string{w.environment["GENESYS_CLIENT_SECRET"], kafkatest.Password, wrongWord} {
			if secret != genesystest.DefaultClientSecret { // a word that messages have
				child.mustNotTell(secret)
			}
		}
	}
	if after := w.state(); before != after {
		w.Errorf("it has changed something:\n%s\nto\n%s", before, after)
	}
	return c
}

// admin asks the brokers as who may do everything.
func (w *world) admin() *kadm.Client {
	w.Helper()
	options := []kgo.Opt{kgo.SeedBrokers(w.cluster.Brokers...)}
	if w.cluster.Dial != nil {
		options = append(options, kgo.Dialer(w.cluster.Dial))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(client.Close)
	return kadm.NewClient(client)
}

// configure changes settings of a topic, and waits until the brokers tell them: real ones
// hear of it a little later.
func (w *world) configure(topic string, settings ...string) {
	w.Helper()
	w.cluster.Configure(w, topic, settings...)
	admin, limit := w.admin(), time.Now().Add(patience)
	for {
		resources, err := admin.DescribeTopicConfigs(w.Context(), topic)
		told := map[string]bool{}
		for _, resource := range resources {
			for _, c := range resource.Configs {
				told[c.Key+"="+c.MaybeValue()] = true
			}
		}
		switch {
		case !slices.ContainsFunc(settings, func(s string) bool { return !told[s] }):
			return
		case time.Now().After(limit):
			w.Fatalf("the brokers do not tell of %v on %s: %v", settings, topic, err)
		}
	}
}

// state is what a check must leave alone: topics, what is in them, and files.
func (w *world) state() string {
	w.Helper()
	var b strings.Builder
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	admin := w.admin()
	names, err := admin.ListTopics(ctx)
	if err != nil {
		w.Fatal(err)
	}
	own := slices.DeleteFunc(names.Names(), func(name string) bool { return !strings.HasPrefix(name, w.topic) }) // real brokers have others'
	topics, err := admin.ListEndOffsets(ctx, own...)
	if err != nil {
		w.Fatal(err)
	}
	topics.Each(func(o kadm.ListedOffset) { fmt.Fprintf(&b, "%s %d %d\n", o.Topic, o.Partition, o.Offset) })
	if dir := w.environment["CHECKPOINT_DIR"]; dir != "" {
		_ = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				text, _ := os.ReadFile(path)
				fmt.Fprintf(&b, "%s %q\n", path, text)
			}
			return nil
		})
	}
	lines := strings.Split(b.String(), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// verdictsIn are those of rows, as the table has them.
func verdictsIn(rows []checked) (verdicts []string) {
	for _, row := range rows {
		verdicts = append(verdicts, shown(row.Verdict)+" "+row.Check)
	}
	return verdicts
}

// verdictsOf are those of a table: what begins a row.
func verdictsOf(table string) (verdicts []string) {
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		if len(words) > 1 && strings.HasPrefix(line, " ") && slices.Contains([]string{"ok", "warn", "FAIL", "unknown"}, words[0]) && line[1] == words[0][0] {
			verdicts = append(verdicts, words[0]+" "+words[1])
		}
	}
	return verdicts
}

// must expects a row, with parts of what it says and of what to do.
func (c *checkup) must(v verdict, check, subject, says, fix string) {
	c.Helper()
	for _, row := range c.rows {
		if row.Check == check && row.Subject == subject && row.Verdict == v && strings.Contains(row.Finding, says) && strings.Contains(row.Fix, fix) {
			return
		}
	}
	c.Errorf("no %s row of %s %s that says %q and to do %q:\n%s", v, check, subject, says, fix, c.told)
}

// mustOnly expects an exit code, and these as the only verdicts that are not ok, as
// "warn clock".
func (c *checkup) mustOnly(code int, wanted ...string) {
	c.Helper()
	var got []string
	for _, row := range c.rows {
		if row.Verdict != fine {
			got = append(got, string(row.Verdict)+" "+row.Check)
		}
	}
	slices.Sort(got)
	slices.Sort(wanted)
	if c.code != code || !slices.Equal(got, wanted) {
		c.Errorf("exit code %d and %q, want %d and %q:\n%s", c.code, got, code, wanted, c.told)
	}
}

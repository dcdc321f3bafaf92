package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/genesys/genesystest"
)

// exportToFile walks into the middle with positions in files, and exports them.
func (w *world) exportToFile() (path, text string) {
	w.Helper()
	files := inFiles(w)
	w.stopAt(40, files...).mustEnd(failed)
	w.gate.open()
	text = w.export(files...)
	path = filepath.Join(w.TempDir(), "positions.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
	return path, text
}

// Export and import refuse a topic that the service would refuse at its start, and say
// what to do: neither waits for one that nobody makes, nor stores where positions would
// disappear. Where the service creates it, import does; export only reads.
func TestPositionCommandsVerifyTheTopic(t *testing.T) {
	beside(t)
	w := newDays(t, genesystest.Config{})
	path, exported := w.exportToFile()
	for i, c := range []struct {
		name       string
		partitions int // 0: there is no such topic
		policy     string
		create     bool
		says       []string // none: it is created
	}{
		{name: "missing", says: []string{" does not exist: set KAFKA_CREATE_TOPICS=true, or create it: kafka-topics.sh --create --topic ", "--config cleanup.policy=compact"}},
		{name: "created", create: true},
		{name: "deletes", partitions: 1, policy: "delete", says: []string{"cleanup.policy=delete", "kafka-configs.sh --alter"}},
		{name: "deletes, create", partitions: 1, policy: "delete", create: true, says: []string{"cleanup.policy=delete", "kafka-configs.sh --alter"}},
		{name: "two partitions", partitions: 2, policy: "compact", says: []string{"has 2 partitions", "CHECKPOINT_TOPIC"}},
	} {
		for n, args := range [][]string{{"checkpoint", "export"}, {"checkpoint", "import", path, "--yes"}} {
			t.Run(c.name+"/"+args[1], func(t *testing.T) {
				topic := fmt.Sprintf("%s.%d.%d", w.topic, i, n)
				if c.partitions > 0 {
					w.create(topic, c.partitions, "cleanup.policy="+c.policy)
				}
				changes := []string{"CHECKPOINT_STORE=kafka", "CHECKPOINT_TOPIC=" + topic}
				if c.create {
					changes = append(changes, "KAFKA_CREATE_TOPICS=true", "KAFKA_REPLICATION_FACTOR=1")
				}
				command := w.command(args, changes...)
				command.T = t
				if len(c.says) > 0 {
					command.mustEnd(failed, append(c.says, "topic "+topic)...)
					if c.partitions > 0 && len(w.cluster.Read(t, topic)) > 0 {
						t.Error("something was stored all the same")
					}
					return
				}
				if args[1] == "export" {
					command.mustEnd(failed, "topic "+topic+" does not exist: correct CHECKPOINT_TOPIC, or start the service, which creates it")
					w.create(topic, 1) // it was not
					return
				}
				command.mustEnd(done, "kafka: topic created")
				if w.cluster.Fake == nil {
					w.Cleanup(func() { w.cluster.DeleteTopic(w, topic) })
				}
				if now := w.export(changes...); now != exported {
					t.Errorf("it holds:\n%s\nwant:\n%s", now, exported)
				}
			})
		}
	}
}

// Positions move into a topic that nobody has made, as README says it. A service that is
// started before the import has positions of its own, which stay: the export goes into
// another topic then, and nothing is lost.
func TestPositionsMoveIntoANewTopic(t *testing.T) {
	beside(t)
	w := newDays(t, genesystest.Config{})
	path, before := w.exportToFile()
	for name, value := range map[string]string{"KAFKA_DELIVERY": exactlyOnce, "CHECKPOINT_STORE": "kafka", "KAFKA_CREATE_TOPICS": "true", "KAFKA_REPLICATION_FACTOR": "1"} {
		w.environment[name] = value
	}
	if w.cluster.Fake == nil {
		w.Cleanup(func() { w.cluster.DeleteTopic(w, w.checkpoints()) })
		w.Cleanup(func() { w.cluster.DeleteTopic(w, w.checkpoints()+".2") })
		w.Cleanup(func() { w.cluster.DeleteTopic(w, w.ledgers()) })
		w.Cleanup(func() { w.cluster.DeleteTopic(w, w.checkpoints()+".2"+ledgers) })
	}
	w.stopAt(1).mustEnd(failed) // where the queues begin is stored before the first query
	w.gate.open()
	w.command([]string{"checkpoint", "import", path, "--yes"}).mustEnd(failed, "the store has another position", "nothing is replaced",
		"import it into an empty store: another CHECKPOINT_TOPIC or CHECKPOINT_DIR")
	w.environment["CHECKPOINT_TOPIC"] = w.checkpoints() + ".2"
	w.command([]string{"checkpoint", "import", path, "--yes"}).mustEnd(done, "3 positions stored")
	if now := w.export(); now != before {
		t.Errorf("imported:\n%s\nwant:\n%s", now, before)
	}
	w.mustFinishWithoutLedgers(before)
}

// Brokers that are away are waited for, which is told, and not for ever.
func TestPositionCommandsGiveUp(t *testing.T) {
	for _, args := range [][]string{{"checkpoint", "export"}, {"checkpoint", "import", writeExport(t, 0, "a"), "--yes"}} {
		t.Run(args[1], func(t *testing.T) {
			setEnvironment(t, with(map[string]string{"KAFKA_BROKERS": "127.0.0.1:1", "CHECKPOINT_STORE": "kafka",
				"WINDOW_FROM": "2026-03-01T00:00:00Z"})) // a bubble begins with the year 2000
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var stdout, stderr transcript
				if code := command(t.Context(), args, strings.NewReader(""), &stdout, &stderr); code != failed {
					t.Errorf("exit code %d", code)
				}
				if took := time.Since(began); took < brokersPatience || took > brokersPatience+10*time.Second {
					t.Errorf("it took %v", took)
				}
				for _, want := range []string{"kafka: waiting", "topic genesys.conversations.checkpoints: the brokers at 127.0.0.1:1 have not answered for it within 30s: ", "connection refused", "correct KAFKA_BROKERS, and run it again"} {
					if !strings.Contains(stderr.String(), want) {
						t.Errorf("stderr does not say %q:\n%s", want, stderr.String())
					}
				}
			})
		})
	}
}

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
)

// Positions move from files to Kafka and back, in the middle of the walk: it goes on
// there. Ledgers stay behind.
func TestPositionsMoveBetweenStores(t *testing.T) {
	beside(t)
	w := newDays(t, genesystest.Config{})
	files := inFiles(w)
	w.stopAt(40).mustEnd(failed)
	w.gate.open()
	before := w.export(files...)
	if strings.Count(before, `"format"`) != len(w.sim.Queues()) {
		t.Fatalf("exported:\n%s", before)
	}
	path := filepath.Join(t.TempDir(), "positions.json")
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}

	w.by(delivery{exactlyOnce, exactlyOnce, "kafka"})
	c := w.command([]string{"checkpoint", "import", path})
	c.mustEnd(failed, "Store 3 positions under CHECKPOINT_NAME default in the kafka store? [y/N]", "nothing was stored")
	if text := w.export(); text != "" {
		t.Errorf("stored though nobody said yes:\n%s", text)
	}
	w.command([]string{"checkpoint", "import", path, "--yes"}).mustEnd(done, "3 positions stored")
	w.command([]string{"checkpoint", "import", path, "--yes"}).mustEnd(done, "3 positions, of which nothing is to be stored")
	if now := w.export(); now != before {
		t.Errorf("imported:\n%s\nwant:\n%s", now, before)
	}
	w.mustFinishWithoutLedgers(before)
	w.command([]string{"checkpoint", "import", path, "--yes"}).mustEnd(failed, "the store has another position", "nothing is replaced")

	after := w.export()
	if err := os.WriteFile(path, []byte(after), 0o600); err != nil {
		t.Fatal(err)
	}
	back := append(files, "CHECKPOINT_DIR="+t.TempDir())
	w.command([]string{"checkpoint", "import", path, "--yes"}, back...).mustEnd(done, "3 positions stored")
	if now := w.export(back...); now != after {
		t.Errorf("moved back:\n%s\nwant:\n%s", now, after)
	}
}

// mustFinishWithoutLedgers runs the program to its end from positions that were imported.
// Of earlier versions nothing is known: the window in hand of each queue is walked again
// from its first page, and what its completed pages had comes twice; so does what a window
// has in common with the one before. Nothing is lost.
func (w *world) mustFinishWithoutLedgers(exported string) {
	w.Helper()
	c := w.start()
	c.mustEnd(done, "ledger is lost or damaged: what it had may be published again, and nothing is missing for it")
	w.several = true
	found := w.checkTopic()
	for decoder := json.NewDecoder(strings.NewReader(exported)); ; {
		var text json.RawMessage
		if err := decoder.Decode(&text); err != nil {
			return
		}
		_, key, p, err := checkpoint.Identify(text)
		if err != nil || found.repeated[key.Queue] > p.Page {
			w.Errorf("queue %s: %d pages repeated after position %v (%v)", key.Queue, found.repeated[key.Queue], p, err)
		}
	}
}

// inFiles is the environment of a program that keeps positions in the world's directory.
func inFiles(w *world) []string {
	return []string{"KAFKA_DELIVERY=at-least-once", "CHECKPOINT_STORE=file", "CHECKPOINT_DIR=" + w.environment["CHECKPOINT_DIR"]}
}

// export is what checkpoint export prints.
func (w *world) export(changes ...string) string {
	w.Helper()
	c := w.command([]string{"checkpoint", "export"}, changes...)
	c.mustEnd(done, "positions of CHECKPOINT_NAME default")
	return c.stdout.String()
}

// What is no export is refused as a whole, and nothing is stored.
func TestImportRefuses(t *testing.T) {
	beside(t)
	w := newDays(t, genesystest.Config{})
	w.stopAt(40).mustEnd(failed)
	w.gate.open()
	good := w.export()
	for name, c := range map[string]struct{ text, says string }{
		"cut short":     {good[:len(good)-20], "position 3: "},
		"changed":       {strings.Replace(good, `"page": `, `"page": 1`, 1), "position 1: it is torn or was changed"},
		"another name":  {good, "position 1 is of CHECKPOINT_NAME default, not of other"},
		"something":     {"{}", "position 1: "},
		"newer version": {strings.Replace(good, `"version": 2`, `"version": 3`, 1), "a newer version of this program wrote it"},
	} {
		path := filepath.Join(t.TempDir(), "positions.json")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		changes := []string{"CHECKPOINT_DIR=" + t.TempDir(), "CHECKPOINT_NAME=default"}
		if name == "another name" {
			changes[1] = "CHECKPOINT_NAME=other"
		}
		w.command([]string{"checkpoint", "import", path, "--yes"}, changes...).mustEnd(failed, c.says)
		if exported := w.command([]string{"checkpoint", "export"}, changes...); exported.wait() != done || exported.stdout.String() != "" {
			t.Errorf("%s: there are positions:\n%s", name, exported.stdout.String())
		}
	}
	w.command([]string{"checkpoint", "import", "/nowhere", "--yes"}).mustEnd(failed, "/nowhere")
}

// A person sees of each dead letter what it is, and nothing of what is in it.
func TestDeadLettersAreListed(t *testing.T) {
	beside(t)
	const private = "+49 30 1234567"
	w := newDays(t, genesystest.Config{})
	w.put("nobody", 0, `{"ani":"`+private+`"}`)
	w.putSized("large", 0, 2_000_000, false)
	w.command([]string{"dead-letter", "list"}).mustEnd(done, "0 records in "+w.topic+".dead-letter")
	w.mustFinish()
	c := w.command([]string{"dead-letter", "list"})
	c.mustEnd(done, "2 records in "+w.topic+".dead-letter")
	for _, want := range []string{
		"TIME ", w.sim.Queues()[0] + "  2025-03-03T00:00Z/2025-03-04T00:00Z", "conversationId is missing",
		"large ", "  2000000 ", "more than KAFKA_MAX_MESSAGE_BYTES (1000000)", " gzip ", " raw ",
	} {
		if !strings.Contains(c.stdout.String(), want) {
			t.Errorf("the list does not say %q:\n%s", want, c.stdout.String())
		}
	}
	c.mustNotTell(private)
	w.command([]string{"dead-letter", "list"}, "KAFKA_DEAD_LETTER_TOPIC="+w.topic+".none").mustEnd(failed, w.topic+".none")
}

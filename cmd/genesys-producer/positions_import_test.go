package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/checkpoint/checkpointtest"
)

// writeExport writes an export of these keys, with the n-th position of a walk.
func writeExport(t *testing.T, n int, queues ...string) string {
	t.Helper()
	var text bytes.Buffer
	for _, queue := range queues {
		key := checkpoint.Key{Queue: queue, Lane: checkpoint.Live}
		one, err := checkpoint.Encode("default", key, checkpointtest.Walk(key)[n])
		if err != nil {
			t.Fatal(err)
		}
		text.Write(one)
	}
	path := filepath.Join(t.TempDir(), "positions.json")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Two exports in one file would store some positions before the first that comes twice
// is refused, or the older one for good. Nothing is stored, of either order.
func TestImportRefusesAKeyTwice(t *testing.T) {
	older, newer := writeExport(t, 0, "a", "b"), writeExport(t, 1, "b", "c")
	for _, paths := range [][]string{{older, newer}, {newer, older}, {older, older}} {
		var text []byte
		for _, path := range paths {
			part, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, part...)
		}
		dir := t.TempDir()
		setEnvironment(t, with(map[string]string{"CHECKPOINT_DIR": dir}))
		var stderr transcript
		code := command(t.Context(), []string{"checkpoint", "import", writeFile(t, string(text)), "--yes"}, strings.NewReader(""), io.Discard, &stderr)
		if code != failed || !strings.Contains(stderr.String(), "are both of ") || !strings.Contains(stderr.String(), "remove the one that is not to be stored") {
			t.Errorf("exit code %d, and it says:\n%s", code, stderr.String())
		}
		if files, _ := filepath.Glob(filepath.Join(dir, "default", "*.json")); len(files) > 0 {
			t.Errorf("it stored %v", files)
		}
	}
}

// Asked whether to store, a person may stop the program as well as answer.
func TestImportIsStoppedAtTheQuestion(t *testing.T) {
	dir := t.TempDir()
	setEnvironment(t, with(map[string]string{"CHECKPOINT_DIR": dir}))
	stdin, typing := io.Pipe()
	defer typing.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var stderr transcript
	ended := make(chan int, 1)
	path := writeExport(t, 0, "a")
	go func() { ended <- command(ctx, []string{"checkpoint", "import", path}, stdin, io.Discard, &stderr) }()
	for text, more := stderr.look(); !strings.Contains(text, "[y/N]"); text, more = stderr.look() {
		select {
		case <-more:
		case code := <-ended:
			t.Fatalf("exit code %d, without a question:\n%s", code, stderr.String())
		}
	}
	stop()
	if code := <-ended; code != failed || !strings.Contains(stderr.String(), "nothing was stored") {
		t.Errorf("exit code %d, and it says:\n%s", code, stderr.String())
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "default", "*.json")); len(files) > 0 {
		t.Errorf("it stored %v", files)
	}
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys/genesystest"
)

// Where files cannot be written, and where positions cannot be resumed.
func TestCheckFilesOfPositions(t *testing.T) {
	t.Parallel()
	w := newChecked(t, deliveries[0], genesystest.Config{})
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := w.check("CHECKPOINT_DIR=" + filepath.Join(file, "below"))
	c.mustOnly(failed, "fail checkpoint-store", "fail positions")
	c.must(fails, "checkpoint-store", "", "positions cannot be written below", "or set CHECKPOINT_DIR")

	if os.Getuid() != 0 { // to whom everything is writable
		locked := t.TempDir()
		if err := os.Chmod(locked, 0o500); err != nil {
			t.Fatal(err)
		}
		c = w.check("CHECKPOINT_DIR=" + locked)
		c.mustOnly(failed, "fail checkpoint-store")
		c.must(fails, "checkpoint-store", "", "permission denied", fmt.Sprintf("uid %d", os.Getuid()))
	}
}

// Positions of another configuration are refused as the service refuses them.
func TestCheckPositions(t *testing.T) {
	for _, d := range append(deliveries[:1:1], inKafka) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			w := newChecked(t, d, genesystest.Config{})
			w.start("WINDOW_TO=now", "GENESYS_REQUESTS_PER_MINUTE=6000").mustEnd(done)
			c := w.check()
			c.mustOnly(done)
			c.must(fine, "positions", "", "2 positions of CHECKPOINT_NAME default", "")

			other := "http://localhost:" + w.url[strings.LastIndex(w.url, ":")+1:]
			c = w.check("GENESYS_API_URL=" + other)
			c.mustOnly(failed, "fail positions", "fail positions", "fail positions")
			key := checkpoint.Key{Queue: "queue-of-sales", Lane: checkpoint.Live}
			c.must(fails, "positions", key.String(), `is of API host "127.0.0.1`, "set GENESYS_DOMAIN or GENESYS_API_URL back")
			c.must(fails, "positions", "", "2 of which the service refuses", "another CHECKPOINT_NAME")

			if d.store == "kafka" { // a fault of the topic hides none of them
				w.configure(w.checkpoints(), "cleanup.policy=delete")
				c = w.check("GENESYS_API_URL=" + other)
				c.mustOnly(failed, "fail topic", "fail positions", "fail positions", "fail positions")
				w.configure(w.checkpoints(), "cleanup.policy=compact")
			}

			c = w.check("GENESYS_QUEUES=queue-of-support")
			c.mustOnly(done)
			c.must(fine, "positions", "", "1 of them of queues that are not configured", "")
		})
	}
	t.Run("unreadable", func(t *testing.T) {
		t.Parallel()
		w := newChecked(t, deliveries[0], genesystest.Config{})
		dir := filepath.Join(w.environment["CHECKPOINT_DIR"], "default")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "queue-of-sales.live.json"), []byte("torn"), 0o600); err != nil {
			t.Fatal(err)
		}
		c := w.check()
		c.mustOnly(failed, "fail positions", "fail positions")
		c.must(fails, "positions", "queue queue-of-sales lane live", "queue-of-sales.live.json", "")
	})
}

package main

import (
	"strings"
	"testing"

	"genesys-producer/genesys/genesystest"
)

// Positions in Kafka are taken from a service that runs, knowingly: who is asked is told
// before, and the service stops and says why. The change is logged with what was.
func TestRewindFencesTheService(t *testing.T) {
	beside(t)
	for _, d := range []delivery{inKafka, deliveries[1]} {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			w := newDays(t, genesystest.Config{}).by(d)
			reached, goOn := w.pause(middle, 1)
			c := w.start()
			c.reach(reached)
			back := w.begin(0).Format("2006-01-02T15:04:05Z")
			asked := w.command([]string{"checkpoint", "rewind", "--to", back})
			asked.mustEnd(failed, `One that runs all the same is fenced: it stops with "another process has taken it over".`, "nothing was rewound")
			rewind := w.command([]string{"checkpoint", "rewind", "--to", back, "--yes"})
			rewind.mustEnd(done, `position rewound; the store keeps the former one checkpoints=default store="topic `+w.checkpoints()+`"`,
				"lane=live", `to="window 2025-03-03T00:00Z/01:00Z pass 0 page 0"`, "3 positions rewound")
			if n := strings.Count(rewind.stdout.String(), `"format"`); n != 3 {
				t.Errorf("%d former positions were printed, want 3", n)
			}
			goOn()
			c.mustEnd(failed, takenOver)
		})
	}
}

// Files are locked by the service that runs: nothing is changed, and who wanted it is told
// whose they are.
func TestChangesAreRefusedBesideTheService(t *testing.T) {
	beside(t)
	w := newDays(t, genesystest.Config{})
	reached, goOn := w.pause(middle, 1)
	c := w.start()
	c.reach(reached)
	for _, args := range [][]string{{"rewind", "--to", "2025-03-03T00:00:00Z", "--yes"}, {"import", writeExport(t, 0, "a"), "--yes"}} {
		w.command(append([]string{"checkpoint"}, args...)).mustEnd(failed, "another process uses it: pid ", "stop that process")
	}
	if text := w.export(); strings.Contains(text, `"queue": "a"`) {
		t.Errorf("something was changed:\n%s", text)
	}
	goOn()
	c.mustEnd(done)
	w.checkNoRepeats() // nothing went back, either
}

// A position that is imported is logged, too.
func TestImportIsLogged(t *testing.T) {
	for _, d := range []delivery{deliveries[0], inKafka} {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			w := newWorld(t, genesystest.Config{Conversations: 1}).by(d)
			c := w.command([]string{"checkpoint", "import", writeExport(t, 1, w.sim.Queues()[0]), "--yes"}, "LOG_LEVEL=error")
			c.mustEnd(done, "The service must be stopped.", `position imported checkpoints=default store=`, "queue="+w.sim.Queues()[0]+" lane=live from=none to=\"window 2026-03-01T00:00Z/01:00Z pass 0 page 1\"")
		})
	}
}

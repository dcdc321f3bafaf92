package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// What the program says while positions cannot be stored.
const (
	diskWaits  = "checkpoint: waiting until positions can be stored; nothing is published again meanwhile"
	diskGoesOn = "checkpoint: positions are stored again"
)

// newDiskWorld is a world whose checkpoints are on a disk that can be made to fail.
func newDiskWorld(t *testing.T) (*world, *disk) {
	t.Helper()
	w, d := newFakeWorld(t), newDisk(t) // which broker there is makes no difference
	w.within, w.environment["CHECKPOINT_DIR"] = d.enter, d.path
	return w, d
}

const pausedAt = 40 // the query at which a disk fails

// rest waits until all pages that the API has given before it paused are checkpointed.
// The program must not read ahead.
func (c *child) rest() {
	c.Helper()
	c.await(`"page completed"`, pausedAt-1)
}

// diskFault has the disk fail for a while.
func diskFault(name string, fail, mend func()) fault {
	return fault{
		name: "disk: " + name, changes: []string{"GENESYS_READ_AHEAD=0"}, pauses: pausedAt,
		amid: func(_ *world, c *child, goOn func()) {
			c.rest()
			fail()
			goOn()
			c.await(diskWaits, 1)
			<-time.After(3 * time.Second)
			mend()
		},
		begins: []string{diskWaits}, ends: []string{diskGoesOn},
	}
}

func TestDiskIsFull(t *testing.T) {
	beside(t)
	w, d := newDiskWorld(t)
	diskFault("full", d.fill, d.free).survive(t, w)
}

func TestDiskIsReadOnly(t *testing.T) {
	beside(t)
	w, d := newDiskWorld(t)
	diskFault("read-only", d.readOnly, d.writable).survive(t, w)
}

// On any system, and for root too: no file can be created where each temporary file is
// to be.
func TestDiskRefusesFiles(t *testing.T) {
	beside(t)
	w := newFakeWorld(t)
	var inTheWay []string
	for _, queue := range w.sim.Queues() {
		inTheWay = append(inTheWay, filepath.Join(w.environment["CHECKPOINT_DIR"], "default", queue+".live.json.tmp"))
	}
	diskFault("no file can be created", func() {
		for _, path := range inTheWay {
			if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o700); err != nil {
				t.Error(err)
			}
		}
	}, func() {
		for _, path := range inTheWay {
			if err := os.RemoveAll(path); err != nil {
				t.Error(err)
			}
		}
	}).survive(t, w)
}

// Told to stop while a page cannot be checkpointed, the program gives that its grace and
// exits with 1. The pages in hand are published again when it is started again.
func TestToldToStopWhileTheDiskIsFull(t *testing.T) {
	beside(t)
	w, d := newDiskWorld(t)
	reached, goOn := w.pause(pausedAt, 1)
	c := w.start("GENESYS_READ_AHEAD=0", "SHUTDOWN_GRACE=2s")
	c.reach(reached)
	c.rest()
	d.fill()
	goOn()
	c.await(diskWaits, 1)
	told := time.Now()
	c.signal(syscall.SIGTERM)
	c.mustEnd(failed, "the grace of the shutdown is over: the page in hand is not completed", "no space left on device")
	if took := time.Since(told); took < 2*time.Second || took > 20*time.Second {
		t.Errorf("it took %v to stop, want the grace of 2s", took)
	}
	d.free()
	queues := len(w.sim.Queues())
	fault{name: "disk: full, told to stop, started again", repeats: queues, more: 40 + queues}.survive(t, w)
}

// At the start there is nothing to lose yet: the program refuses, and names the place.
func TestDiskAtTheStart(t *testing.T) {
	beside(t)
	for _, begun := range []bool{false, true} {
		t.Run(fmt.Sprintf("begun=%v", begun), func(t *testing.T) {
			beside(t)
			w, d := newDiskWorld(t)
			if begun {
				w.stopAt(25).mustEnd(failed)
				w.gate.open()
			}
			before := len(w.cluster.Read(t, w.topic))
			for _, refused := range []struct {
				fail, mend func()
				says       string
			}{
				{d.fill, d.free, "no space left on device"},
				{d.readOnly, d.writable, "read-only file system"},
			} {
				refused.fail()
				w.start().mustEnd(failed, d.path+"/default/", refused.says, "to recover, see to free space, permissions and a volume that is mounted for writing")
				refused.mend()
			}
			if now := len(w.cluster.Read(t, w.topic)); now != before {
				t.Errorf("%d messages were published meanwhile", now-before)
			}
			w.mustFinish()
			w.checkNoRepeats()
		})
	}
}

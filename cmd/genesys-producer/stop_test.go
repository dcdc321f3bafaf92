package main

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// stopAt starts the program and has it sent a SIGTERM at a query, after which it
// gets no more answers.
func (w *world) stopAt(query int, changes ...string) *child {
	w.Helper()
	started := make(chan *child, 1)
	w.gate.at(query, true, func() { (<-started).signal(syscall.SIGTERM) })
	c := w.start(changes...)
	started <- c
	return c
}

func TestToldToStop(t *testing.T) {
	for _, mode := range []struct {
		name, windowTo string
		code           int
		says           string
	}{
		{"bounded", firstDay.Add(4 * day).Format(time.RFC3339), failed, producer.ErrInterrupted.Error()},
		{"continuous", "", done, "service stopped"},
	} {
		t.Run(mode.name, func(t *testing.T) {
			w := newDays(t, genesystest.Config{})
			for _, query := range []int{1, 7, 25} {
				w.stopAt(query, "WINDOW_TO="+mode.windowTo).mustEnd(mode.code, mode.says)
			}
			w.gate.open()
			w.mustFinish()
			found := w.checkTopic()
			if len(found.repeated) > 0 { // the page in hand was finished each time
				t.Errorf("pages repeated, by queue: %v", found.repeated)
			}
			found.mustHaveGoneOn(w)
		})
	}
}

func TestToldToStopTwice(t *testing.T) {
	w := newDays(t, genesystest.Config{})
	if w.cluster.Fake == nil {
		t.Skip("a real broker cannot be made to leave the page in hand without an answer")
	}
	produced := make(chan struct{})
	w.cluster.Fake.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		close(produced)
		return nil, nil, true
	})
	asked := make(chan struct{})
	left := w.gate.at(8, true, func() { close(asked) })
	c := w.start()
	<-produced
	<-asked // and gets no answer
	c.signal(syscall.SIGTERM)
	<-left // it has understood
	select {
	case <-c.ended:
		t.Fatal("it did not wait for the page in hand")
	default:
	}
	began := time.Now()
	c.signal(syscall.SIGTERM)
	c.mustEnd(failed)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the second SIGTERM took %v", took)
	}
	w.gate.open()
	w.mustFinish()
	w.checkTopic()
}

func TestSecondProcessIsRefused(t *testing.T) {
	w := newDays(t, genesystest.Config{})
	waiting := make(chan struct{})
	w.gate.at(3, true, func() { close(waiting) })
	first := w.start()
	<-waiting
	w.start().mustEnd(failed, "another process uses it", fmt.Sprintf("pid %d ", first.command.Process.Pid), "CHECKPOINT_NAME")
	first.signal(syscall.SIGKILL)
	first.wait()
	w.gate.open()
	w.mustFinish() // a killed process leaves no lock behind
	w.checkTopic()
}

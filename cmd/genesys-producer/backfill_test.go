package main

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
	"genesys-producer/producer"
)

// backfill starts a backfill of the world's time. What the environment has of an interval
// would be another run.
func (w *world) backfill(more ...string) *child {
	w.Helper()
	args := []string{"backfill", "--from", w.from.Format(time.RFC3339), "--to", w.to.Format(time.RFC3339)}
	return w.command(append(args, more...), "WINDOW_FROM=26h", "WINDOW_TO=")
}

// mark is what the log tells of a backfill at its end.
type mark struct {
	Msg                       string
	Percent, Pages, Published int
	Conversations             int
	Windows                   int `json:"windows_closed"`
}

// concluded is what a backfill has told at its end.
func (c *child) concluded() (last mark) {
	c.Helper()
	for line := range strings.Lines(c.stderr.String()) {
		var m mark
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			c.Errorf("not of the log: %s", line)
		}
		if strings.HasPrefix(m.Msg, "backfill is") || strings.HasPrefix(m.Msg, "backfill stopped") {
			last = m
		}
	}
	return last
}

// A run that was stopped in mid-walk keeps its positions, to the byte, while a backfill
// walks all of the same queues in the same store; and afterwards it goes on.
func TestBackfillLeavesOtherPositionsAlone(t *testing.T) {
	for _, d := range append(deliveries, inKafka) {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			w := newDays(t, genesystest.Config{}).by(d)
			w.several = true
			w.stopAt(40).mustEnd(failed)
			w.gate.open()
			before := w.export()
			c := w.backfill()
			c.mustEnd(done)
			if m := c.concluded(); m.Msg != "backfill is complete" || m.Percent != 100 || m.Windows != w.windows()*len(w.sim.Queues()) || m.Conversations < m.Published || m.Pages < 100 {
				t.Errorf("%+v", m)
			}
			if now := w.export(); now != before {
				t.Errorf("positions moved to:\n%s\nfrom:\n%s", now, before)
			}
			w.checkTopic()
			c = w.backfill() // there is nothing left
			c.mustEnd(done)
			if m := c.concluded(); m.Percent != 100 || m.Pages+m.Windows > 0 {
				t.Errorf("%+v", m)
			}
			w.mustFinish()
			w.checkTopic()
		})
	}
}

// A service that follows the clock runs meanwhile, over the same store.
func TestBackfillBesideALiveRun(t *testing.T) {
	beside(t)
	w := newDays(t, genesystest.Config{})
	w.several = true
	live := w.start("WINDOW_FROM=26h", "WINDOW_TO=")
	live.await(`"queue begins"`, len(w.sim.Queues()))
	w.backfill().mustEnd(done, `"backfill is complete"`)
	live.signal(syscall.SIGTERM)
	live.mustEnd(done)
	w.checkTopic()
	if positions := w.export(); strings.Count(positions, `"start": "26h"`) < len(w.sim.Queues()) || strings.Contains(positions, w.from.Format(time.RFC3339)) {
		t.Errorf("the live run has the positions:\n%s", positions)
	}
}

// Started again, the same command goes on where it was stopped, and repeats nothing. A
// run from elsewhere does not go on under its name.
func TestBackfillGoesOn(t *testing.T) {
	eachDelivery(t, func(t *testing.T, d delivery) {
		w := newDays(t, genesystest.Config{}).by(d)
		published, before := 0, 0
		for _, query := range []int{1, 30, 40} {
			started := make(chan *child, 1)
			w.gate.at(query, true, func() { (<-started).signal(syscall.SIGTERM) })
			c := w.backfill("--name", "days")
			started <- c
			c.mustEnd(failed, producer.ErrInterrupted.Error())
			w.gate.open()
			m := c.concluded()
			if m.Msg != "backfill stopped; the same command goes on there" || m.Percent < before || m.Percent >= 100 || m.Pages == 0 && query > 1 {
				t.Errorf("stopped at query %d: %+v", query, m)
			}
			published, before = published+m.Published, m.Percent
		}
		asked := len(w.queries())
		w.backfill("--name", "days", "--from", w.from.Add(-time.Hour).Format(time.RFC3339)).mustEnd(misuse,
			"the name days is that of a run from 2025-03-03T00:00:00Z, not from 2025-03-02T23:00:00Z: what that has not walked would be left out; write --from 2025-03-03T00:00:00Z to go on there, or another --name")
		if more := len(w.queries()) - asked; more > 0 {
			t.Errorf("it asked for %d pages all the same", more)
		}
		c := w.backfill("--name", "days")
		c.mustEnd(done, `"queue resumes"`)
		m := c.concluded()
		if m.Percent != 100 {
			t.Errorf("%+v", m)
		}
		if n := len(w.read(w.topic)); n != published+m.Published {
			t.Errorf("%d messages, and %d were told of", n, published+m.Published)
		}
		w.checkNoRepeats()
	})
}

// A mistaken start under the name of another run stores nothing, not even of a queue that is
// new to the name: the run goes on from where it began, with that queue too.
func TestBackfillFromElsewhereLeavesNothing(t *testing.T) {
	for _, d := range append(deliveries, inKafka) {
		t.Run(d.name, func(t *testing.T) {
			beside(t)
			w := newDays(t, genesystest.Config{Conversations: 200}).by(d)
			all, some := w.environment["GENESYS_QUEUES"], strings.Join(w.sim.Queues()[:2], ",")
			elsewhere := []string{"--name", "days", "--from", w.from.Add(day).Format(time.RFC3339)}
			refusal := "the name days is that of a run from 2025-03-03T00:00:00Z, not from 2025-03-04T00:00:00Z"
			export := func() string {
				c := w.command([]string{"checkpoint", "export"}, "CHECKPOINT_NAME=days")
				c.mustEnd(done, "2 positions of CHECKPOINT_NAME days")
				return c.stdout.String()
			}
			w.environment["GENESYS_QUEUES"] = some
			w.backfill("--name", "days").mustEnd(done)
			before := export()
			for _, queues := range []string{all, w.sim.Queues()[2]} {
				w.environment["GENESYS_QUEUES"] = queues
				w.backfill(elsewhere...).mustEnd(misuse, refusal)
				if now := export(); now != before {
					t.Errorf("positions became:\n%s\nfrom:\n%s", now, before)
				}
			}
			w.environment["GENESYS_QUEUES"] = all
			w.backfill("--name", "days").mustEnd(done)
			w.checkTopic()
		})
	}
}

// A queue that cannot go on fails the run, and the others end all the same.
func TestBackfillOfAParkedQueue(t *testing.T) {
	beside(t)
	w := newDays(t, genesystest.Config{Conversations: 200})
	bad := w.sim.Queues()[0]
	w.script(func(r genesystest.Request) *genesystest.Fault {
		if r.Queue != bad || r.Page < 2 {
			return nil
		}
		return genesystest.Status(400, "bad.request", "no")
	})
	c := w.backfill()
	c.mustEnd(failed, "1 of 3 queues are parked")
	if m := c.concluded(); m.Percent < 66 || m.Percent >= 100 || !strings.HasPrefix(m.Msg, "backfill stopped") {
		t.Errorf("%+v", m)
	}
}

// It really asks half as often as it might.
func TestBackfillAsksHalfAsOften(t *testing.T) {
	beside(t)
	w := newWorld(t, genesystest.Config{Conversations: 250})
	w.environment["GENESYS_REQUESTS_PER_MINUTE"] = "1200" // 20 a second
	w.backfill().mustEnd(done, `"requests_per_minute":600`)
	requests := w.sim.Requests()
	took := requests[len(requests)-1].Time.Sub(requests[0].Time)
	if rate := float64(len(requests)-1) / took.Seconds(); len(requests) < 25 || rate > 10.2 {
		t.Errorf("%d requests, %.1f a second: of 20 it may take 10", len(requests), rate)
	}
}

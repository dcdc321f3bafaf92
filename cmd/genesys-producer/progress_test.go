package main

import (
	"encoding/json"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"genesys-producer/producer"
)

// hour is one of the tests' interval, of which two queues walk ten.
func hour(n float64) time.Time { return from.Add(time.Duration(n * float64(time.Hour))) }

func tenHours() *progress { return newProgress(hour(0), hour(10), 2) }

// page is a page of 100 conversations in the window of an hour.
func pageIn(queue string, begins float64, read, total int) producer.Progress {
	return producer.Progress{Queue: queue, From: hour(begins), To: hour(begins + 1), Page: (read + 99) / 100, Read: read, Total: total, Records: 100, Outcome: producer.Outcome{Published: 90}}
}

func wantShare(t *testing.T, p *progress, now time.Time, want float64) {
	t.Helper()
	if got := p.figures(now).share; math.Abs(got-want) > 1e-9 {
		t.Errorf("share %v, want %v", got, want)
	}
}

func TestProgressShare(t *testing.T) {
	p, now := tenHours(), hour(1000)
	wantShare(t, p, now, 0)
	p.add(producer.Progress{Queue: "a", From: hour(0), To: hour(1), Resumed: true}, now) // no total yet
	p.add(producer.Progress{Queue: "b", From: hour(4), To: hour(5), Read: 50, Total: 200, Resumed: true}, now)
	wantShare(t, p, now, 4.25/20)
	if f := p.figures(now.Add(time.Minute)); f.leftKnown || f.pages+f.windows > 0 {
		t.Errorf("%+v: nothing was walked in this run", f)
	}
	p.add(pageIn("a", 0, 100, 400), now)
	wantShare(t, p, now, 4.5/20)
	p.add(pageIn("a", 0, 300, -1), now) // no total: nobody knows
	p.add(pageIn("a", 0, 100, 400), now)
	wantShare(t, p, now, 4.5/20)
	p.add(pageIn("a", 0, 500, 400), now) // more than the total
	wantShare(t, p, now, 5.25/20)
	p.add(pageIn("a", 0, 100, 400), now) // again from the first page: the bar does not go back
	wantShare(t, p, now, 5.25/20)
	for _, queue := range []string{"a", "b"} {
		p.add(producer.Progress{Queue: queue, From: hour(9), To: hour(12), Closed: true}, now)
	}
	wantShare(t, p, now, 1)
	if f := p.figures(now); f.percent() != 100 || f.windows != 2 || f.pages != 5 || f.conversations != 500 || f.published != 450 {
		t.Errorf("%+v", f)
	}
	if f := (figures{share: 0.9999}); f.percent() != 99 {
		t.Errorf("%d %% of what is not done", f.percent())
	}
}

// The rate is that of the last minute, the time left that of the whole run.
func TestProgressRate(t *testing.T) {
	p, now := tenHours(), hour(1000)
	p.add(producer.Progress{Queue: "a", From: hour(0), To: hour(1), Resumed: true}, now)
	p.add(producer.Progress{Queue: "b", From: hour(8), To: hour(9), Resumed: true}, now)
	p.add(pageIn("a", 0, 100, 100), now.Add(time.Second))
	if f := p.figures(now.Add(2 * time.Second)); f.rateKnown || f.leftKnown {
		t.Errorf("after two seconds: %+v", f)
	}
	// An hour of the 12 that were left took 10 s.
	if f := p.figures(now.Add(10 * time.Second)); !f.rateKnown || f.rate != 10 || f.left.Round(time.Second) != 110*time.Second {
		t.Errorf("after ten seconds: %+v", f)
	}
	for second := range 120 {
		p.add(pageIn("a", 1, 100, 100), now.Add(time.Duration(second)*time.Second))
	}
	if f := p.figures(now.Add(119 * time.Second)); math.Abs(f.rate-100) > 2 {
		t.Errorf("after two minutes: %+v", f)
	}
	if f := p.figures(now.Add(10 * time.Minute)); f.rate != 0 || len(p.recent) > 0 || f.left.Round(time.Second) != 50*time.Minute {
		t.Errorf("after a pause: %+v", f)
	}
}

// Where there is no terminal, the log tells the same twice a minute.
func TestProgressLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out transcript
		p := tenHours()
		p.add(producer.Progress{Queue: "a", From: hour(0), To: hour(1), Resumed: true}, time.Now())
		stop := logProgress(newLog(config{LogFormat: "json"}, &out), p)
		time.Sleep(linesEvery - time.Second)
		p.add(pageIn("a", 0, 100, 200), time.Now())
		if out.String() != "" {
			t.Errorf("too early: %s", out.String())
		}
		time.Sleep(2*linesEvery + 2*time.Second)
		stop()
		time.Sleep(time.Hour)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 3 {
			t.Fatalf("%d lines:\n%s", len(lines), out.String())
		}
		var said struct {
			Msg                           string
			Percent, Pages, Conversations int
			Published                     int
			Windows                       int     `json:"windows_closed"`
			Rate                          float64 `json:"conversations_per_second"`
			Left, Took                    string
		}
		if err := json.Unmarshal([]byte(lines[0]), &said); err != nil || said.Msg != "backfill progress" || said.Percent != 2 || said.Pages != 1 ||
			said.Conversations != 100 || said.Published != 90 || said.Windows != 0 || said.Rate != 3.3 || said.Left != "19m30s" || said.Took != "30s" {
			t.Errorf("%+v (%v) of %s", said, err, lines[0])
		}
	})
}

// What is not known is not told as a number.
func TestProgressAttributes(t *testing.T) {
	var out transcript
	newLog(config{LogFormat: "text", LogLevel: slog.LevelInfo}, &out).Info("x", figures{}.attributes()...)
	if says := out.String(); strings.Contains(says, "left") || strings.Contains(says, "second") {
		t.Errorf("it says %s", says)
	}
}

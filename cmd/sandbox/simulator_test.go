package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"genesys-producer/genesys/genesystest"
)

// However long it runs, there are conversations up to now and some way beyond, and those
// of the last days alone are kept.
func TestCalendarTurnsForMonths(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	days := newCalendar(1, func() time.Time { return now })
	startOn := func(n int) (count int) { // days from today
		from := now.Truncate(day).AddDate(0, 0, n)
		return len(days.api.IDs("", from, from.Add(day)))
	}
	for range 24 {
		now = now.Add(70 * time.Hour)
		days.turn()
		for n := -daysKept - 2; n < 0; n++ {
			want := perDay
			if n < -daysKept {
				want = 0
			}
			if got := startOn(n); got != want {
				t.Fatalf("at %s, day %d has %d conversations, want %d", now, n, got, want)
			}
		}
	}
	now = now.Truncate(day).Add(36 * time.Hour) // nobody has turned to this day yet
	if got := startOn(0); got < perDay*2/5 || got > perDay*3/5 {
		t.Errorf("at noon of the next day there are %d conversations of it, want half of %d", got, perDay)
	}
	again := newCalendar(1, func() time.Time { return now })
	if from := now.Add(-time.Hour); !slices.Equal(again.api.Queues(), days.api.Queues()) ||
		!slices.Equal(again.api.IDs("", from, now), days.api.IDs("", from, now)) {
		t.Error("other queues or conversations after a start anew")
	}
}

// The simulator answers at its address, says so in one line, and ends without an error.
func TestSimulatorServesAlone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	ended := make(chan int, 1)
	var stderr strings.Builder
	go func() { ended <- run(ctx, []string{"--simulator", "127.0.0.1:0"}, write, &stderr) }()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`at (127\.0\.0\.1:\d+), with the queues [0-9a-f-]{36},[0-9a-f-]{36},[0-9a-f-]{36}\n$`).FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("it says %q", line)
	}
	answer, err := http.Post("http://"+found[1]+genesystest.TokenPath, "application/x-www-form-urlencoded", strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode/100 != 4 { // without credentials
		t.Errorf("status %d", answer.StatusCode)
	}
	cancel()
	if code := <-ended; code != done || stderr.Len() > 0 {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}

func TestSimulatorWhoseAddressIsTaken(t *testing.T) {
	if err := simulate(t.Context(), options{simulator: "127.0.0.1:no"}, io.Discard); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

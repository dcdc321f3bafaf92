package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// checkPatience bounds a whole check, and answerPatience each answer that the rest depends
// on. The service waits for ever, and a person wants to know.
const (
	checkPatience  = 55 * time.Second
	answerPatience = 12 * time.Second
)

// check tells what would keep the service from running under this configuration, and what
// to do about it. It publishes nothing, creates no topic of the service's, stores no position
// and takes no queue from a service that runs, with which it shares the request allowance.
func check(ctx context.Context, asJSON bool, stdout, stderr io.Writer) int {
	takeStrays(slog.New(slog.DiscardHandler))
	cfg, err := loadConfig()
	if err != nil {
		return tellMisuse(misconfigured(err), err, asJSON, stdout, stderr)
	}
	brokers, err := reachBrokers(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return tellMisuse(misconfigured(err), err, asJSON, stdout, stderr)
	}
	found := checkSettings(cfg, time.Now())
	bounded, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	// The API and the brokers do not wait for each other.
	var ofAPI, ofKafka []checked
	var both sync.WaitGroup
	both.Go(func() { ofAPI = checkAPI(bounded, cfg) })
	both.Go(func() { ofKafka = checkKafka(bounded, cfg, brokers) })
	both.Wait()
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "check: stopped before it was done")
		return failed
	}
	found = slices.Concat(found, ofAPI, ofKafka)
	tell := tellTable
	if asJSON {
		tell = tellJSON
	}
	if err := tell(stdout, found); err != nil {
		fmt.Fprintln(stderr, "check:", err)
		return failed
	}
	if isGood(found) {
		return done
	}
	return failed
}

// tellMisuse shows a configuration that is wrong, as it is shown at start; with --json also
// to machines.
func tellMisuse(found []checked, err error, asJSON bool, stdout, stderr io.Writer) int {
	fmt.Fprintln(stderr, err)
	if asJSON {
		if err := tellJSON(stdout, found); err != nil {
			fmt.Fprintln(stderr, "check:", err)
		}
	}
	return misuse
}

// misconfigured has a finding for each problem of a configuration.
func misconfigured(err error) (found []checked) {
	wrong, ok := errors.AsType[*configError](err)
	if !ok {
		return []checked{{"configuration", "", fails, err.Error(), "correct it, and check again"}}
	}
	for line := range strings.Lines(wrong.Error()) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
		text, fix, _ := strings.Cut(text, "; ")
		found = append(found, checked{"configuration", name, fails, text, fix})
	}
	return found
}

// verdict is what came of a check. Its text is a promise to programs that read --json.
type verdict string

const (
	fine   verdict = "ok"
	warns  verdict = "warn"    // the service runs, and something deserves a look
	fails  verdict = "fail"    // the service does not run, or not for long
	unsure verdict = "unknown" // nobody could tell
)

// checked is a row. Its names are a promise, as the verdicts are.
type checked struct {
	Check   string  `json:"check"`             // what is checked: a word
	Subject string  `json:"subject,omitempty"` // of several: which
	Verdict verdict `json:"verdict"`
	Finding string  `json:"finding"`
	Fix     string  `json:"fix,omitempty"` // what to do
}

// isGood reports whether nothing failed.
func isGood(found []checked) bool {
	return !slices.ContainsFunc(found, func(f checked) bool { return f.Verdict == fails })
}

// unknowns are checks that cannot be made because an earlier one failed.
func unknowns(why string, checks ...string) (found []checked) {
	for _, name := range checks {
		found = append(found, checked{name, "", unsure, "not checked: " + why, ""})
	}
	return found
}

func tellJSON(w io.Writer, found []checked) error {
	return writeJSON(w, struct {
		OK      bool      `json:"ok"`
		Program string    `json:"program"`
		Checks  []checked `json:"checks"`
	}{isGood(found), programName(), found})
}

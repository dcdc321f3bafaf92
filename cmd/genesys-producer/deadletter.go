package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/transact"
)

// lettersPatience is for how long nothing may come of the dead-letter topic.
const lettersPatience = time.Minute

// listDeadLetters prints a line for each message of the dead-letter topic. It takes as
// long as the topic is large, but for brokers that fall silent.
func listDeadLetters(ctx context.Context, stdout, stderr io.Writer, patience time.Duration) int {
	cfg, brokers, ok := prepare(stderr, func(config) *slog.Logger { return slog.New(slog.DiscardHandler) })
	if !ok {
		return misuse
	}
	ctx, heard, stop := whileHeard(ctx, patience)
	defer stop()
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tQUEUE\tWINDOW\tPAGE\tCONVERSATION\tBYTES\tFORM\tAT\tREASON")
	count := 0
	err := transact.ReadDeadLetters(ctx, brokers, cfg.DeadLetterTopic, func(d transact.DeadLetter) {
		heard()
		count++
		h := d.Headers
		id := d.Key
		if id == h["content-hash"] {
			id = "" // there is none
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d/%d\t%s\n", d.Time.UTC().Format(time.RFC3339), cell(h["queue-id"]), cell(brief(h["window"])),
			cell(h["page"]), cell(id), cell(h["content-bytes"]), cell(h["dead-letter-form"]), d.Partition, d.Offset, cell(h["dead-letter-reason"]))
	})
	if silence, ok := errors.AsType[silentError](context.Cause(ctx)); ok && err != nil {
		err = fmt.Errorf("topic %s: after %d records %w (%w): see to the brokers, or correct KAFKA_BROKERS, and run it again", cfg.DeadLetterTopic, count, silence, err)
	}
	if err := cmp.Or(err, table.Flush()); err != nil {
		fmt.Fprintln(stderr, "dead-letter list:", err)
		return failed
	}
	fmt.Fprintf(stderr, "%d records in %s; AT is partition/offset\n", count, cfg.DeadLetterTopic)
	return done
}

// cell is a text of a message as a terminal can show it in a table. Anybody may have
// written it: a tab would shift the columns, and a terminal obeys what begins with ESC.
func cell(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) || !utf8.ValidString(text) {
		return strconv.Quote(text)
	}
	return cmp.Or(text, "-")
}

// silentError says for how long nothing has come.
type silentError time.Duration

func (e silentError) Error() string {
	return fmt.Sprintf("nothing has come for %v", time.Duration(e))
}

// whileHeard is a context that ends with a silentError once heard was not called for so
// long.
func whileHeard(parent context.Context, patience time.Duration) (ctx context.Context, heard, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	timer := time.AfterFunc(patience, func() { cancel(silentError(patience)) })
	return ctx, func() { timer.Reset(patience) }, func() { timer.Stop(); cancel(nil) }
}

// brief is a window as logs have it.
func brief(window string) string {
	from, to, ok := parseWindow(window)
	if !ok {
		return window
	}
	return checkpoint.Query{From: from, To: to}.Window()
}

// parseWindow takes a window as messages have it. Anybody may have written it.
func parseWindow(text string) (from, to time.Time, ok bool) {
	first, last, _ := strings.Cut(text, "/")
	from, err := time.Parse(time.RFC3339, first)
	to, err2 := time.Parse(time.RFC3339, last)
	return from, to, err == nil && err2 == nil
}

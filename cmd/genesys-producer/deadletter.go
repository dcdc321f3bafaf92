package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/transact"
)

// listDeadLetters prints a line for each message of the dead-letter topic.
func listDeadLetters(ctx context.Context, stdout, stderr io.Writer) int {
	cfg, err := loadConfig()
	if err != nil {
		fmt.Fprintln(stderr, err)
		return misuse
	}
	brokers, err := reachBrokers(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Fprintln(stderr, err)
		return misuse
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tQUEUE\tWINDOW\tPAGE\tCONVERSATION\tBYTES\tFORM\tAT\tREASON")
	count := 0
	err = transact.ReadDeadLetters(ctx, brokers, cfg.DeadLetterTopic, func(d transact.DeadLetter) {
		count++
		h := d.Headers
		id := d.Key
		if id == h["content-hash"] {
			id = "" // there is none
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d/%d\t%s\n", d.Time.UTC().Format(time.RFC3339), h["queue-id"], brief(h["window"]), h["page"],
			cmp.Or(id, "-"), h["content-bytes"], h["dead-letter-form"], d.Partition, d.Offset, h["dead-letter-reason"])
	})
	if err := cmp.Or(err, table.Flush()); err != nil {
		fmt.Fprintln(stderr, "dead-letter list:", err)
		return failed
	}
	fmt.Fprintf(stderr, "%d records in %s; AT is partition/offset\n", count, cfg.DeadLetterTopic)
	return done
}

// brief is a window as logs have it.
func brief(window string) string {
	first, last, _ := strings.Cut(window, "/")
	from, err := time.Parse(time.RFC3339, first)
	to, err2 := time.Parse(time.RFC3339, last)
	if err != nil || err2 != nil {
		return window
	}
	return checkpoint.Query{From: from, To: to}.Window()
}

package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"genesys-producer/producer"
	"genesys-producer/producer/transact"
)

// verdicts are what a verification has found. They have ids, and nothing of what is behind them.
type verdicts struct {
	findings []finding
	since    time.Time // from when on the topics were read
	topics   []readTopic
	requests int64
}

// readTopic is a topic, and how far it was read.
type readTopic struct {
	name   string
	ranges []transact.Range
}

// counts are those of a window, or of all.
type counts struct{ shown, missing, stale, extra, letters int }

func (f finding) counts() counts {
	return counts{len(f.ids), len(f.missing), len(f.stale), len(f.extra), len(f.letters)}
}

func (r *verdicts) total() (sum counts) {
	for _, f := range r.findings {
		c := f.counts()
		sum = counts{sum.shown + c.shown, sum.missing + c.missing, sum.stale + c.stale, sum.extra + c.extra, sum.letters + c.letters}
	}
	return sum
}

// err is what the exit code tells of: that something is missing, or may be.
func (r *verdicts) err() error {
	missing, unsure := r.total().missing > 0, slices.ContainsFunc(r.findings, func(f finding) bool { return f.unsure() })
	switch {
	case missing && unsure:
		return fmt.Errorf("%w; besides, %w", errMissing, errUnsure)
	case missing:
		return errMissing
	case unsure:
		return errUnsure
	}
	return nil
}

// write writes the table, with the ids under each window, and what is behind it.
func (r *verdicts) write(w io.Writer) error {
	out := bufio.NewWriter(w)
	queue, window := len("QUEUE"), len("WINDOW")
	for _, f := range r.findings {
		queue, window = max(queue, len(f.queue)), max(window, len(f.window()))
	}
	fmt.Fprintf(out, "%-*s  %-*s  %9s  %9s  %9s  %9s  %13s\n", queue, "QUEUE", window, "WINDOW", "SHOWN", "MISSING", "STALE", "EXTRA", "DEAD-LETTERED")
	for _, f := range r.findings {
		c := f.counts()
		fmt.Fprintf(out, "%-*s  %-*s  %9d  %9d  %9d  %9d  %13d\n", queue, f.queue, window, f.window(), c.shown, c.missing, c.stale, c.extra, c.letters)
		list(out, "missing", f.missing)
		list(out, "stale", f.stale)
		list(out, "extra", f.extra)
		list(out, "dead-lettered", f.letters)
		for _, why := range slices.Concat(f.moving, f.beyond) {
			fmt.Fprintln(out, "unsure", why)
		}
	}
	r.sum(out)
	r.advise(out)
	return out.Flush()
}

// list writes a line for each id. Anybody may have written it.
func list(w io.Writer, what string, ids []string) {
	for _, id := range ids {
		fmt.Fprintln(w, what, cell(id))
	}
}

// sum writes the summary.
func (r *verdicts) sum(w io.Writer) {
	c := r.total()
	fmt.Fprintf(w, "\n%d windows show %d conversations: %d missing, %d stale, %d extra, %d dead-lettered\n", len(r.findings), c.shown, c.missing, c.stale, c.extra, c.letters)
	fmt.Fprintf(w, "the API was sent %d requests\n", r.requests)
	for _, t := range r.topics {
		messages := 0
		for _, p := range t.ranges {
			messages += p.Messages
		}
		fmt.Fprintf(w, "topic %s was read to its end, from what was published at %s on: %d messages\n", t.name, instant(r.since), messages)
		for _, p := range t.ranges {
			fmt.Fprintf(w, "  partition %d, from offset %d up to %d: %d messages%s\n", p.Partition, p.First, p.End, p.Messages, remarks(p))
		}
	}
}

// remarks are when the messages of a partition were published, and which of them cannot be told
// of.
func remarks(p transact.Range) (text string) {
	if p.Messages > 0 {
		text = fmt.Sprintf(", published from %s to %s", instant(p.Earliest), instant(p.Latest))
	}
	if p.Open > 0 {
		text += fmt.Sprintf("; %d transactions have not ended, and what is in them is left out", p.Open)
	}
	return text
}

// advise says what the words mean that occur, and what can be done.
func (r *verdicts) advise(w io.Writer) {
	c := r.total()
	if c.stale > 0 {
		fmt.Fprint(w, "stale: the API has another version now than the newest on the topic. A conversation that goes on, or has changed lately, is stale\n"+
			"  until the next window in which it is active, or the next revisit of its day (WINDOW_REVISIT), publishes it again.\n")
	}
	if c.extra > 0 {
		fmt.Fprint(w, "extra: it was published for this window, in which the API does not show it any more.\n")
	}
	if c.letters > 0 {
		fmt.Fprint(w, "dead-lettered: it could not be published; genesys-producer dead-letter list tells why.\n")
	}
	r.adviseUnsure(w)
	if c.missing == 0 {
		return
	}
	fmt.Fprint(w, "missing: the topic has no message of it. Where the service has not walked the window yet, wait for it. Else stop it, and have it walked\n"+
		"  and published again:\n")
	seen := map[string]bool{}
	for _, f := range r.findings { // a queue's windows are in their order: the first is the earliest
		if len(f.missing) > 0 && !seen[f.queue] {
			seen[f.queue] = true
			fmt.Fprintf(w, "  genesys-producer checkpoint rewind --queue %s --to %s\n", f.queue, instant(f.from))
		}
	}
}

// adviseUnsure says what can be done about windows that cannot be judged for sure: a row
// that slid past is shown the next time; what the API does not page to is never.
func (r *verdicts) adviseUnsure(w io.Writer) {
	moving, beyond := map[string][]finding{}, false
	for _, f := range r.findings {
		beyond = beyond || len(f.beyond) > 0
		if len(f.moving) > 0 {
			moving[f.queue] = append(moving[f.queue], f)
		}
	}
	if len(moving) > 0 {
		fmt.Fprintf(w, "unsure, with other conversations in the last pass: rows moved each time that the pages were read, %d times, and one may have been passed\n"+
			"  over that the topic lacks. Verify it again when fewer conversations come and change:\n", producer.MostPasses)
	}
	for _, queue := range slices.Sorted(maps.Keys(moving)) {
		its := moving[queue] // in their order
		fmt.Fprintf(w, "  genesys-producer verify --queue %s --from %s --to %s\n", queue, instant(its[0].from), instant(its[len(its)-1].to))
	}
	if beyond {
		fmt.Fprint(w, "unsure, where the API pages no further: what it showed is judged, and no query shows the rest. Have the interval read by an asynchronous\n"+
			"  job of the API (POST /api/v2/analytics/conversations/details/jobs), and compare its conversation ids with the topic's.\n")
	}
}

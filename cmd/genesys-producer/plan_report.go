package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"genesys-producer/producer/status/words"
)

// write writes the forecast for people.
func (f forecast) write(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "CHECKPOINT_NAME %s in %s, at %s\n\n", f.Checkpoint, f.Store, instant(f.At))
	rows := [][]string{{"QUEUE", "STANDS AT", "UP TO", "BEHIND NOW", "WINDOWS", "CONVERSATIONS", "REVISITS DUE", "PAGES", "MINUTES"}}
	unknown := false
	for _, q := range f.Queues {
		stands := minute(q.From)
		switch {
		case q.Begins:
			stands = "begins at " + stands
		case q.Page > 0:
			stands += fmt.Sprintf(", page %d", q.Page)
		}
		upTo, conversations := minute(q.To), words.Count(q.Conversations)
		if q.Windows == 0 {
			upTo = "nothing has settled"
		}
		if q.Unknown {
			unknown, conversations = true, "?"
		}
		rows = append(rows, []string{q.Queue, stands, upTo, span(max(0, f.At.Sub(q.From))), words.Count(q.Windows), conversations, words.Count(q.Visits), words.Count(q.Pages), minutes(q.Minutes)})
	}
	rows = append(rows, []string{fmt.Sprintf("all %d", len(f.Queues)), "", "", "", words.Count(f.Sum.Windows), words.Count(f.Sum.Conversations), words.Count(f.Sum.Visits), words.Count(f.Sum.Pages), minutes(f.Sum.Minutes)})
	writeTable(&text, rows, 4, 5, 6, 7, 8)
	f.writeSteady(&text)
	f.writeDoubts(&text, unknown)
	_, err := io.WriteString(w, text.String())
	return err
}

// writeSteady tells what is needed for ever.
func (f forecast) writeSteady(w io.Writer) {
	about := "about"
	if f.Steady.Unknown > 0 {
		about = "at least"
	}
	if f.To.IsZero() {
		share := "an unknown share"
		if f.Steady.Share != nil {
			share = percent(*f.Steady.Share)
		}
		fmt.Fprintf(w, "\nOnce caught up, windows of %s need %s %.1f requests a minute, and revisits %.1f: %s of the %.0f that are\nsent at most (97 %% of GENESYS_REQUESTS_PER_MINUTE).\n",
			f.Length, about, f.Steady.Windows, f.Steady.Visits, share, f.PerMinute)
	} else {
		fmt.Fprintf(w, "\nThe run ends at %s, WINDOW_TO, and revisits nothing. ", instant(f.To))
		if f.To.After(f.At) {
			fmt.Fprintf(w, "What has not settled yet is not counted; it is walked in its\ntime, by %s %.1f requests a minute. ", about, f.Steady.Windows)
		}
		fmt.Fprintf(w, "At most %.0f requests a minute are sent\n(97 %% of GENESYS_REQUESTS_PER_MINUTE).\n", f.PerMinute)
	}
	if f.Steady.least(f.PerMinute) > 0.5 {
		fmt.Fprintln(w, "That is more than half: a day of standstill takes long to make up for. A longer WINDOW_LENGTH or fewer\nWINDOW_REVISIT need less; or ask the vendor for a larger allowance.")
	}
	if f.Steady.Unknown > 0 {
		fmt.Fprintf(w, "These figures count %s as idle of which nobody knows how many conversations they have in a day:\n%s\n", words.Several(f.Steady.Unknown, "queue", "queues"), f.Steady.Why)
	}
}

// writeDoubts tells what the figures do not have.
func (f forecast) writeDoubts(w io.Writer, unknown bool) {
	fmt.Fprint(w, "\nWindows are exact: days that have ended are walked whole. Pages and minutes are estimates: the API counts\n",
		"approximately, and not what lies in two windows of a day and is read with both; windows are taken to be equally\nfull, the last page of each half full; and minutes are those at the whole allowance.",
		" Not counted are second looks\n(a window whose rows move is walked up to three times), conversations that come meanwhile, and waiting for Kafka.\n")
	if f.Sum.Visits > 0 {
		fmt.Fprint(w, "A revisit is taken to have as many pages as a day has, and one where nobody knows how many that are.\n")
	}
	if f.lasts() {
		fmt.Fprint(w, "A day of a queue is taken from what lies ahead of it, and from its last 24 hours where that is less than a day.\n")
	}
	if unknown {
		fmt.Fprint(w, "The API has told no totals of the queues with a question mark: they have one page a window at least.\n")
	}
	fmt.Fprintf(w, "The API was asked by %s, out of the same allowance. Nothing was published or stored.\n", words.Several(f.Requests, "request", "requests"))
}

// minute is a time for a table: as short as it can be told.
func minute(t time.Time) string {
	if t.Truncate(time.Minute).Equal(t) {
		return t.UTC().Format("2006-01-02T15:04Z")
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// minutes rounds an estimate no finer than it is.
func minutes(m float64) string {
	switch {
	case m == 0:
		return "0"
	case m < 0.1:
		return "< 0.1"
	case m < 10:
		return fmt.Sprintf("%.1f", m)
	}
	return words.Count(int(m + 0.5))
}

// percent writes a share.
func percent(share float64) string {
	if share > 0 && share < 0.01 {
		return "less than 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

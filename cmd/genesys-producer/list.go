package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/status/words"
)

// listing is what checkpoint list tells.
type listing struct {
	Checkpoint string    `json:"checkpoint"` // CHECKPOINT_NAME
	Store      string    `json:"store"`
	At         time.Time `json:"at"`
	Lanes      []lane    `json:"lanes"`
	Unbegun    []string  `json:"queuesWithoutPosition"` // of those configured
	Others     []string  `json:"otherCheckpoints"`
}

// listPositions prints all positions of the checkpoint name, beside a service that may
// run. Those that cannot be read are told as such, with exit code 1.
func listPositions(ctx context.Context, o options, now time.Time, stdout, stderr io.Writer) int {
	cfg, brokers, ok := prepare(stderr, textLog(stderr))
	if !ok {
		return misuse
	}
	stored, err := takeInventory(ctx, cfg, brokers)
	if err != nil {
		fmt.Fprintln(stderr, "checkpoint list:", err)
		return failed
	}
	l := newListing(cfg, stored, now.UTC().Truncate(time.Second))
	if o.json {
		err = writeJSON(stdout, l)
	} else {
		err = l.write(stdout)
	}
	for _, e := range append(stored.unreadable(), err) {
		if e != nil {
			fmt.Fprintln(stderr, "checkpoint list:", e)
			ok = false
		}
	}
	if !ok {
		return failed
	}
	return done
}

func newListing(cfg config, stored inventory, now time.Time) listing {
	l := listing{Checkpoint: cfg.CheckpointName, Store: stored.place, At: now, Lanes: []lane{}, Unbegun: []string{}, Others: []string{}}
	l.Others = append(l.Others, stored.others...)
	for _, f := range stored.positions {
		one := newLane(f, now)
		one.Configured = slices.Contains(cfg.Queues, f.Queue)
		if f.Lane == checkpoint.Revisit && f.err == nil {
			if visits, err := (producer.Revisits{Ages: cfg.WindowRevisit}).Agenda(stored.of(f.Queue, checkpoint.Live).Position, f.Position); err == nil {
				days := len(visits)
				one.Days, one.NextVisit = &days, firstDue(visits)
			}
		}
		l.Lanes = append(l.Lanes, one)
	}
	for _, queue := range cfg.Queues {
		if !stored.has(queue) {
			l.Unbegun = append(l.Unbegun, queue)
		}
	}
	return l
}

// firstDue is when the first of the visits is due; zero: there is none.
func firstDue(visits []producer.Visit) (at time.Time) {
	for _, v := range visits {
		if at.IsZero() || v.Due.Before(at) {
			at = v.Due
		}
	}
	return at
}

// write writes the listing for people.
func (l listing) write(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "CHECKPOINT_NAME %s in %s, at %s\n\n", l.Checkpoint, l.Store, instant(l.At))
	rows := [][]string{{"QUEUE", "LANE", "WINDOW", "PASS", "PAGE", "STATE", "CLOSED UP TO", "BEHIND NOW", "VERDICT", "DAYS TO REVISIT"}}
	for _, one := range l.Lanes {
		queue := one.Queue
		if !one.Configured {
			queue += " *"
		}
		if one.Error != "" {
			rows = append(rows, []string{queue, string(one.Lane), "-", "-", "-", one.State, "-", "-", "-", "-"})
			continue
		}
		closed, behind, days := "-", "-", "-"
		if one.Behind != nil {
			closed, behind = minute(one.ClosedTo), span(max(0, l.At.Sub(one.ClosedTo)))
		}
		if one.Days != nil {
			days = fmt.Sprint(*one.Days)
		}
		if !one.NextVisit.IsZero() {
			days += ", next " + dueIn(one.NextVisit, l.At)
		}
		window, pass, page := one.window, fmt.Sprint(one.Pass), fmt.Sprint(one.Page)
		if one.Lane == checkpoint.Revisit && one.Turn == 0 {
			window, pass, page = "none yet", "-", "-"
			one.State = "-"
		}
		rows = append(rows, []string{queue, string(one.Lane), window, pass, page, one.State, closed, behind, dash(one.Verdict), days})
	}
	if len(l.Lanes) > 0 {
		writeTable(&text, rows, 3, 4)
		fmt.Fprint(&text, "\nThe verdict is that of the window that was walked last, until the next one begins. ",
			"Of lane revisit, the window is the\nday that was revisited last, or is being revisited. genesys-producer checkpoint show QUEUE tells more.\n")
	} else {
		text.Reset()
		fmt.Fprintf(&text, "CHECKPOINT_NAME %s has no positions in %s: nothing was walked under it yet\n", l.Checkpoint, l.Store)
	}
	l.writeNotes(&text)
	_, err := io.WriteString(w, text.String())
	return err
}

func (l listing) writeNotes(w io.Writer) {
	for _, one := range l.Lanes {
		if !one.Configured {
			fmt.Fprintln(w, "* is none of GENESYS_QUEUES: nobody walks it.")
			break
		}
	}
	if len(l.Unbegun) > 0 {
		fmt.Fprintf(w, "%d of GENESYS_QUEUES have no position, and begin at WINDOW_FROM: %s\n", len(l.Unbegun), words.Some(l.Unbegun, mostNamed))
	}
	if len(l.Others) > 0 {
		fmt.Fprintf(w, "Other checkpoint names in %s: %s\n", l.Store, words.Some(l.Others, mostNamed))
	}
}

// writeJSON prints a value for machines.
func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/status/words"
)

// sight is what checkpoint show tells of a queue.
type sight struct {
	Checkpoint string      `json:"checkpoint"` // CHECKPOINT_NAME
	Store      string      `json:"store"`
	At         time.Time   `json:"at"`
	Queue      string      `json:"queue"`
	Configured bool        `json:"configured"` // the queue is one of GENESYS_QUEUES
	Lanes      []detail    `json:"lanes"`
	Agenda     []agendaDay `json:"agenda"`
	AgendaErr  string      `json:"agendaError,omitempty"`
}

// detail is all of a lane.
type detail struct {
	lane
	Fingerprint string               `json:"fingerprint,omitempty"` // of the query
	Position    *checkpoint.Position `json:"position,omitempty"`    // as it is stored; with an error: none
}

// agendaDay is a day that is to be revisited.
type agendaDay struct {
	Day  checkpoint.Day `json:"day"`
	Due  time.Time      `json:"due"`
	Read time.Time      `json:"lastWalked,omitzero"`
	Open int            `json:"open"`     // its conversations that had no end then
	Done []string       `json:"agesDone"` // of WINDOW_REVISIT
}

// showQueue prints all that is stored of a queue, beside a service that may run.
func showQueue(ctx context.Context, o options, now time.Time, stdout, stderr io.Writer) int {
	cfg, brokers, ok := prepare(stderr, textLog(stderr))
	if !ok {
		return misuse
	}
	stored, err := takeInventory(ctx, cfg, brokers)
	if err != nil {
		fmt.Fprintln(stderr, "checkpoint show:", err)
		return failed
	}
	if !stored.has(o.queue) && !slices.Contains(cfg.Queues, o.queue) {
		fmt.Fprintf(stderr, "checkpoint show: CHECKPOINT_NAME %s has no queue %s, and it is none of GENESYS_QUEUES; %s\n", cfg.CheckpointName, quote(o.queue), knownQueues(stored.queues(), cfg.Queues))
		return misuse
	}
	s := newSight(cfg, stored, o.queue, now.UTC().Truncate(time.Second))
	if o.json {
		err = writeJSON(stdout, s)
	} else {
		_, err = io.WriteString(stdout, s.text(cfg))
	}
	for _, one := range s.Lanes {
		if one.Error != "" {
			err = errors.Join(err, errors.New(one.Error))
		}
	}
	if s.AgendaErr != "" {
		err = errors.Join(err, errors.New(s.AgendaErr))
	}
	if err != nil {
		fmt.Fprintln(stderr, "checkpoint show:", err)
		return failed
	}
	return done
}

// knownQueues says what one could have meant.
func knownQueues(stored, configured []string) string {
	if len(stored) > 0 {
		return "it has " + words.Some(stored, mostNamed)
	}
	return "configured are " + words.Some(configured, mostNamed)
}

func newSight(cfg config, stored inventory, queue string, now time.Time) sight {
	s := sight{Checkpoint: cfg.CheckpointName, Store: stored.place, At: now, Queue: queue, Configured: slices.Contains(cfg.Queues, queue),
		Lanes: []detail{}, Agenda: []agendaDay{}}
	for _, f := range stored.positions {
		if f.Queue != queue {
			continue
		}
		one := detail{lane: newLane(f, now)}
		one.Configured = s.Configured
		if f.err == nil {
			one.Fingerprint, one.Position = f.Query.Fingerprint(), &f.Position
		}
		s.Lanes = append(s.Lanes, one)
	}
	live, revisit := stored.of(queue, checkpoint.Live), stored.of(queue, checkpoint.Revisit)
	if live.err != nil || revisit.err != nil {
		return s // what both lanes make of it cannot be told
	}
	visits, err := producer.Revisits{Ages: cfg.WindowRevisit}.Agenda(live.Position, revisit.Position)
	if err != nil {
		s.AgendaErr = err.Error()
	}
	for _, v := range visits {
		d := agendaDay{Day: v.Day, Due: v.Due, Read: v.Read, Open: v.Open, Done: []string{}}
		for _, age := range cfg.WindowRevisit {
			if !v.Day.Next().Begin().Add(age).After(v.Read) {
				d.Done = append(d.Done, shortened(age))
			}
		}
		s.Agenda = append(s.Agenda, d)
	}
	return s
}

// text is the sight for people.
func (s sight) text(cfg config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "queue %s, CHECKPOINT_NAME %s in %s, at %s\n", s.Queue, s.Checkpoint, s.Store, instant(s.At))
	if !s.Configured {
		b.WriteString("It is none of GENESYS_QUEUES: nobody walks it.\n")
	}
	if len(s.Lanes) == 0 {
		b.WriteString("It has no position: it begins at WINDOW_FROM once the service walks it.\n")
		return b.String()
	}
	for _, one := range s.Lanes {
		fmt.Fprintf(&b, "\n%s\n", laneTitle(one.Lane))
		if one.Error != "" {
			fmt.Fprintf(&b, "  cannot be read; see the error\n")
			continue
		}
		for _, row := range one.rows(s.At) {
			fmt.Fprintf(&b, "  %-18s %s\n", row[0], row[1])
		}
	}
	s.writeAgenda(&b, cfg)
	return b.String()
}

func laneTitle(l checkpoint.Lane) string {
	switch l {
	case checkpoint.Live:
		return "Live windows"
	case checkpoint.Revisit:
		return "Revisits of days"
	}
	return "Lane " + string(l)
}

// writeAgenda tells the days to revisit.
func (s sight) writeAgenda(w io.Writer, cfg config) {
	if s.AgendaErr != "" || len(s.Agenda) == 0 && len(cfg.WindowRevisit) == 0 {
		return
	}
	fmt.Fprintf(w, "\nDays to revisit\n")
	if len(s.Agenda) == 0 {
		fmt.Fprintf(w, "  none yet\n")
	}
	for _, d := range s.Agenda {
		text := fmt.Sprintf("next %s (%s)", instant(d.Due), dueIn(d.Due, s.At))
		if len(d.Done) > 0 {
			text += "; of WINDOW_REVISIT done: " + strings.Join(d.Done, ", ")
		}
		if !d.Read.IsZero() {
			text += fmt.Sprintf("; walked last at %s, when %s of its conversations had no end", instant(d.Read.Truncate(time.Second)), words.Count(d.Open))
		} else {
			text += "; not revisited yet"
		}
		fmt.Fprintf(w, "  %-18s %s\n", d.Day, text)
	}
}

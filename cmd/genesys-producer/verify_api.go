package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/genesys"
	"genesys-producer/producer"
)

// shortHash is the part of the SHA-256 of a conversation's bytes that its messages tell.
type shortHash [8]byte

// hashed is what is kept of a conversation as somebody has it.
type hashed struct {
	hash shortHash
	read int64 // when the request was sent that read it, in Unix milliseconds
}

// look is what the API shows of a window now.
type look struct {
	queue    string
	since    time.Time // begin of what is asked for
	from, to time.Time
	ids      []string          // in the API's order; of a record without an id, its content-hash
	versions map[string]hashed // by id
	moving   []string          // why rows may have slid past, each with its interval; empty: none has
	beyond   []string          // intervals of which the API pages through a part only
}

// unsure reports whether the API may have more of the window than it has shown.
func (l *look) unsure() bool { return len(l.moving)+len(l.beyond) > 0 }

// window is the window for people.
func (l *look) window() string { return checkpoint.Query{From: l.from, To: l.to}.Window() }

func placeOf(queue, id string) string { return queue + " " + id }

// lookAll asks for every window of the interval, queue by queue.
func (v *verification) lookAll(ctx context.Context, queues []string, o options) (looks []*look, err error) {
	if err := v.api.Login(ctx); err != nil {
		return nil, fmt.Errorf("login: %w", err)
	}
	windows := producer.Windows{To: o.to, Length: v.cfg.WindowLength, Settle: v.cfg.WindowSettle}
	for _, queue := range queues {
		its := cut(queue, o.from, windows)
		fmt.Fprintf(v.tell, "queue %s: asking the API for %d windows\n", queue, len(its))
		for _, l := range its {
			if err := v.look(ctx, l); err != nil {
				return nil, fmt.Errorf("queue %s: window %s: %w", queue, l.window(), err)
			}
		}
		looks = append(looks, its...)
	}
	return looks, nil
}

// cut is a look for each window of a queue from a time on, as the service cuts them while
// their day lasts.
func cut(queue string, from time.Time, windows producer.Windows) (looks []*look) {
	for from.Before(windows.To) {
		since, to := windows.OnGrid(from)
		looks = append(looks, &look{queue: queue, since: since, from: from, to: to, versions: map[string]hashed{}})
		from = to
	}
	return looks
}

// enter takes note of a record, and returns what it goes by. One that is read again, on
// another page, in another pass or another half, counts as it was read last.
func (l *look) enter(r genesys.Record, sent time.Time) (id string) {
	sum := sha256.Sum256(r.Raw)
	hash := shortHash(sum[:8])
	id = r.ID
	if r.Defect != "" {
		id = hex.EncodeToString(hash[:]) // the key of its dead letter
	}
	known, again := l.versions[id]
	if !again {
		l.ids = append(l.ids, id)
	}
	if read := sent.UnixMilli(); !again || read >= known.read {
		l.versions[id] = hashed{hash, read}
	}
	return id
}

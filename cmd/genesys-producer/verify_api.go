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
	unsure   bool              // pages and totals did not agree: rows may have moved while they were read
}

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

// look reads all pages of a window, with what lies before it as the service asks for it.
func (v *verification) look(ctx context.Context, l *look) error {
	query := genesys.Query{
		Dialect: genesys.Dialect(v.cfg.Dialect), Host: v.api.Host(), Queue: genesys.QueueID(l.queue),
		From: l.since, To: l.to, PageSize: v.cfg.PageSize,
	}
	for page, err := range v.api.Pages(ctx, query, genesys.Cursor{}) {
		if err != nil {
			return err
		}
		l.unsure = l.unsure || page.Discrepancy != ""
		for _, r := range page.Records {
			l.enter(r, page.SentAt)
		}
	}
	return nil
}

// enter takes note of a record. One that has moved from page to page is there twice: the
// later one counts.
func (l *look) enter(r genesys.Record, sent time.Time) {
	sum := sha256.Sum256(r.Raw)
	hash := shortHash(sum[:8])
	id := r.ID
	if r.Defect != "" {
		id = hex.EncodeToString(hash[:]) // the key of its dead letter
	}
	if _, known := l.versions[id]; !known {
		l.ids = append(l.ids, id)
	}
	l.versions[id] = hashed{hash, sent.UnixMilli()}
}

package status

import (
	"math"
	"strings"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/producer"
	"genesys-producer/producer/status/words"
)

// row is a queue as the page shows it.
type row struct {
	Name, ID  string // Name is the id where there is no other
	Window    string
	Revisit   bool
	Percent   int // of the window's pages
	Pages     string
	Rate      string // conversations a minute
	Behind    string
	Closed    string // the instant, for programs; empty: no window is closed yet
	Verdict   string
	InDoubt   bool
	Published string
	Letters   string // empty: none
	Parked    string // what is parked; empty: nothing
	Notes     []string
	Error     string
	Class     string // of its look
}

// newRow says what there is to see of a queue.
func newRow(q Queue, now time.Time) row {
	r := row{
		Name: q.Name, ID: q.ID, Window: "none yet", Revisit: q.Lane == string(checkpoint.Revisit),
		Rate: words.Count(int(math.Round(q.PerMinute))), Behind: "not known yet", Published: words.Count(q.Published),
		Verdict: q.Verdict, InDoubt: inDoubt(producer.Verdict(q.Verdict)), Error: q.LastError,
	}
	if r.Name == "" {
		r.Name, r.ID = q.ID, ""
	}
	if !q.From.IsZero() {
		r.Window = interval(q.From, q.To, now)
		r.Percent, r.Pages = pages(q)
	}
	if !q.ClosedUntil.IsZero() {
		r.Behind, r.Closed = span(seconds(q.FreshnessSeconds)), q.ClosedUntil.UTC().Format(time.RFC3339)
	}
	if q.DeadLetters > 0 {
		r.Letters = words.Several(q.DeadLetters, "dead letter", "dead letters")
	}
	switch {
	case q.Visible == No: // which says why nothing is found
		r.Notes = append(r.Notes, "not seen by the client")
	case !q.Matched && !q.ClosedUntil.IsZero():
		r.Notes = append(r.Notes, "nothing found yet")
	}
	if len(r.Notes) > 0 {
		r.Class = "noted"
	}
	switch {
	case q.Parked:
		r.Parked, r.Class = "parked", "parked"
	case q.VisitsParked:
		r.Parked = "revisits parked"
	}
	if r.Error != "" && !q.LastErrorAt.IsZero() {
		r.Error += " (" + distance(q.LastErrorAt, now) + ")"
	}
	return r
}

// pages is how far the walk of the window is. Totals are approximate, so a number of pages
// is, too, until the window is closed; and the bar is full only then.
func pages(q Queue) (percent int, text string) {
	switch {
	case q.Closed:
		return 100, "closed, " + words.Several(q.Page, "page", "pages")
	case q.Page <= 0 && q.Pages <= 0:
		return 0, "not begun"
	case q.Pages <= 0:
		return 0, "page " + words.Count(q.Page)
	}
	all := max(q.Page, q.Pages)
	return min(99, max(0, 100*q.Page/all)), "page " + words.Count(q.Page) + " of ~" + words.Count(all)
}

// deserves reports whether a queue is to be shown before the others. What went wrong once
// stays with its queue, but news it is for a day.
func deserves(q Queue, now time.Time) bool {
	return q.Parked || q.VisitsParked || q.Visible == No || q.LastError != "" && now.Sub(q.LastErrorAt) < aDay
}

// Full reports whether the window is closed.
func (r row) Full() bool { return r.Percent == 100 }

// Label is what a screen reader says of the bar.
func (r row) Label() string { return strings.ReplaceAll(r.Pages, "~", "about ") }

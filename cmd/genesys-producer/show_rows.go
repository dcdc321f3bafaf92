package main

import (
	"fmt"
	"time"

	"genesys-producer/checkpoint"
	"genesys-producer/producer/status/words"
)

// rows tell a lane in plain words, as of now.
func (d detail) rows(now time.Time) (rows [][2]string) {
	p := *d.Position
	add := func(what, format string, args ...any) {
		rows = append(rows, [2]string{what, fmt.Sprintf(format, args...)})
	}
	if d.Lane == checkpoint.Revisit && p.Turn == 0 {
		add("day", "none was revisited yet")
		return rows
	}
	if d.Lane == checkpoint.Live {
		add("closed up to", "%s, %s behind now", instant(d.ClosedTo), span(max(0, now.Sub(d.ClosedTo))))
		add("window", "%s, pass %d", d.window, p.Pass)
		add("began with", "WINDOW_FROM %s", p.Start)
	} else {
		add("day", "%s, revisit %d of the queue, pass %d of the day", d.window, p.Turn, p.Pass)
	}
	add("state", "%s", stateInWords(p))
	add("query", "%s on %s, of %s to %s, %d records a page, order %s", p.Query.Dialect, p.Query.API, instant(p.Query.Since), instant(p.Query.To), p.Query.PageSize, p.Query.Order)
	if p.Query.Filters != "" {
		add("", "filter %s", p.Query.Filters)
	}
	add("", "fingerprint %s", d.Fingerprint)
	add("destination", "topic %s, cluster %s", p.Destination.Topic, dash(p.Destination.Cluster))
	if p.Account != (checkpoint.Account{}) {
		rows = append(rows, accountRows(p)...)
	}
	if f := p.Account.Final; f.Verdict != "" {
		add("verdict", "%s", f.Verdict)
		if f.Why != "" {
			add("", "%s", f.Why)
		}
		add("", "%s conversations found, of which %s were unchanged and %s have no end", words.Count(f.Found), words.Count(f.Unchanged), words.Count(f.Open))
	}
	for _, m := range p.Ledgers {
		if m.Day != "" {
			add("ledger "+string(m.Day), "%s bytes", words.Count(m.Length))
		}
	}
	return rows
}

// stateInWords is the state of a position.
func stateInWords(p checkpoint.Position) string {
	switch stateOf(p) {
	case stateClosed:
		return "closed: walked and attested; what comes next begins behind it"
	case stateEnded:
		return "ended: it has its verdict, and is yet to be attested"
	case stateBegins:
		return "begins: no page is completed"
	}
	if p.Page == 0 {
		return fmt.Sprintf("mid-walk: pass %d begins, no page of it is completed", p.Pass)
	}
	last := ""
	if p.Last {
		last = ", the last one"
	}
	return fmt.Sprintf("mid-walk: page %d is completed%s, %s records so far", p.Page, last, words.Count(p.Read))
}

// accountRows tell what the passes of a window have come to.
func accountRows(p checkpoint.Position) (rows [][2]string) {
	a := p.Account
	add := func(what, format string, args ...any) {
		rows = append(rows, [2]string{what, fmt.Sprintf(format, args...)})
	}
	switch t := a.Totals; {
	case p.Page == 0: // a pass begins without
		add("total", "not known: no page of this pass is completed")
	case t.Last < 0:
		add("total", "the API says none")
	case t.Moved:
		add("total", "%s by the API, %s at first", words.Count(t.Last), words.Count(t.First))
	default:
		add("total", "%s by the API", words.Count(t.Last))
	}
	add("this pass", "%s conversations, of which %s no earlier pass had; %s records came again on a later page, %s lay outside the window", words.Count(a.Distinct), words.Count(a.News), words.Count(a.Repeated), words.Count(a.Outside))
	add("all passes", "pages completed: %s; messages published: %s; superseded: %s; dead letters: %s", words.Count(a.Pages), words.Count(a.Published), words.Count(a.Superseded), words.Count(a.Letters))
	if a.Looks > 0 {
		add("", "%d earlier passes were walked to their end", a.Looks)
	}
	switch {
	case a.Truncated:
		add("", "it holds more than the API pages through, and is not cut any further")
	case a.Before > 0:
		add("", "it was cut in half, because the API counted %s records", words.Count(a.Before))
	case a.Before < 0:
		add("", "it is not to be cut: halves held as much as the whole")
	}
	if a.ReadAt > 0 {
		add("last read", "%s", instant(time.UnixMilli(int64(a.ReadAt)).Truncate(time.Second)))
	}
	return rows
}

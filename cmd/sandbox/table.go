package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// mark is a verdict at the right edge.
func (s *screen) mark(good bool) string {
	if good {
		return s.in(green, "  ok")
	}
	return s.in(red, "FAIL")
}

func (s *screen) rule() { s.line("  " + s.in(dim, strings.Repeat("─", width-3))) }

// resumption shows for each queue where it stopped and went on.
func (s *screen) resumption(all []resumption) {
	s.heading("Resumed where it stopped (from the simulator's journal)")
	s.rule()
	s.line(s.in(dim, fmt.Sprintf("  %-9s %-32s %s", "queue", "stopped after", "started again, asked for")))
	for _, r := range all {
		s.line(fmt.Sprintf("  %-9s %-32s %-29s %s", short(r.queue), r.stopped(), r.wentOn(), s.mark(r.right())))
	}
	s.rule()
	if !slices.ContainsFunc(all, resumption.midWindow) {
		s.warning("  FAIL: no queue was in the middle of a window, so this shows little.")
	}
}

func (r resumption) stopped() string {
	at := fmt.Sprintf("page %d of %s", r.position.Page, hours(r.position.Query.Window()))
	switch {
	case r.over():
		return at + ", its last"
	case r.position.Page == 0:
		return hours(r.position.Query.Window()) + ", no page yet"
	}
	return at
}

func (r resumption) wentOn() string {
	switch {
	case r.asked == nil:
		return "nothing"
	case r.midWindow() && r.then > 0:
		return fmt.Sprintf("page %d again, then %d", r.asked.Page, r.then)
	}
	from, to := r.asked.From.Add(settle), r.asked.To.Add(time.Millisecond) // an end at midnight is sent as a millisecond before it
	return fmt.Sprintf("page %d of %s", r.asked.Page, hours(from.Format("15:04")+"/"+to.Format("15:04")))
}

// row is a line of the table.
type row struct {
	name   string
	count  int
	note   string
	judged bool // else it is a mere figure
	good   bool
}

// rows are the lines of the table. Messages are the sum of the figures that are
// indented.
func (p proof) rows() []row {
	none := func(name string, count int, note string) row { return row{name, count, note, true, count == 0} }
	rows := []row{
		{name: "conversations in the API", count: p.conversations},
		{name: "messages in the topic", count: p.messages},
		{name: "  distinct keys", count: p.distinct},
		{name: "  repeated", count: p.repeatedSum(), note: p.repeatedNote(), judged: true, good: p.repeatedWithin()},
		{name: "  seen again", count: p.again, note: "in another queue, or changed *"},
		none("missing", len(p.missing), "of the API's conversations"),
		none("not in the API", len(p.unknown), "of the keys"),
		none("bytes differ", len(p.differ), "of "+figure(p.unchanged)+" not changed meanwhile"),
		none("headers absent or wrong", p.headers, ""),
		none("in another partition", p.strays, "than murmur2 of the key gives"),
		{name: "windows attested complete", count: p.windows.complete, note: p.windows.note(), judged: true, good: p.windows.hold()},
	}
	if p.uncommitted > 0 {
		rows = append(rows, row{name: "published, not committed", count: p.uncommitted, note: "and so not counted above"})
	}
	return rows
}

// repeatedNote says what each queue has repeated, and what it may.
func (p proof) repeatedNote() string {
	var each []string
	for _, queue := range p.queues {
		each = append(each, figure(p.repeated[queue]))
	}
	return fmt.Sprintf("%s; at most %d each", strings.Join(each, " + "), p.repeatedMost())
}

// proof shows the table.
func (s *screen) proof(p proof) {
	s.heading("What the topic itself says")
	s.rule()
	for _, r := range p.rows() {
		mark := ""
		if r.judged {
			mark = s.mark(r.good)
		}
		count := fmt.Sprintf("%9s", figure(r.count))
		s.line(fmt.Sprintf("  %-25s %s   %s %s", r.name, s.in(bold, count), s.in(dim, fmt.Sprintf("%-34s", r.note)), mark))
	}
	s.rule()
	s.line(s.in(dim, "  * Transferred: published for both queues. The newest by key counts."))
	s.some("missing", p.missing)
	s.some("not in the API", p.unknown)
	s.some("bytes differ", p.differ)
	s.some("not attested as it is", p.windows.wrong)
}

// some names the first of the conversations or windows that are not as they should be.
func (s *screen) some(what string, ids []string) {
	for _, id := range ids[:min(3, len(ids))] {
		s.warning("  %s: %s", what, id)
	}
}

func (s *screen) verdict(proven bool, took time.Duration) {
	s.line("")
	if proven {
		s.line(s.in(green, "  Nothing is missing.") + " Killed in mid-walk, it went on where it was. " + seconds(took) + ".")
	} else {
		s.line(s.in(red, "  NOT PROVEN.") + " See FAIL above. " + seconds(took) + ".")
	}
}

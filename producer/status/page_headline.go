package status

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"genesys-producer/producer/status/words"
)

// tone is how things stand in one word. It decides colour, sign and icon, and the
// headline says the same in words.
type tone string

const (
	well     tone = "well"     // it walks
	waits    tone = "waits"    // for an instant that is known
	cautious tone = "cautious" // it walks or waits, and something deserves a look
	trouble  tone = "trouble"  // something does not go on by itself, or nobody knows when
)

// headline is the sentence on top.
type headline struct {
	Tone tone
	Lead string // in two or three words
	Rest string // what that rests on
}

// headlineOf is the worst that there is to say.
func headlineOf(s Status) headline {
	var open, known []string // holds whose end nobody knows, and others
	for _, h := range s.Holds {
		if h.Until.IsZero() && h.By != ByStart && h.By != ByWindow {
			open = append(open, h.What+" (for "+span(s.Now.Sub(h.Since))+")")
		} else {
			known = append(known, h.What+until(h, s.Now))
		}
	}
	switch {
	case s.Phase == Stopping:
		return headline{waits, "Stopping", "the pages in hand are finished first"}
	case s.Phase == Starting && len(open) > 0:
		return headline{trouble, "Needs a look", "it cannot start yet: " + join(open)}
	case s.Phase == Starting:
		return headline{waits, "Starting", join(first(known, s.NotReady))}
	}
	problems := open
	if s.Stuck {
		problems = append(problems, s.Life)
	}
	if parked := number(s.Queues, func(q Queue) bool { return q.Parked }); parked > 0 {
		problems = append(problems, share(parked, len(s.Queues))+" parked")
	}
	if parked := number(s.Queues, func(q Queue) bool { return q.VisitsParked && !q.Parked }); parked > 0 {
		problems = append(problems, "the revisits of "+words.Several(parked, "queue are", "queues are")+" parked")
	}
	if len(problems) == 0 && !s.Ready {
		problems = first(s.NotReady, []string{"it is not ready"})
	}
	if len(problems) > 0 {
		return headline{trouble, "Needs a look", join(problems)}
	}
	h := headline{well, "All is well", extent(s)}
	behind := func(q Queue) bool { return s.CaughtUpSeconds > 0 && q.FreshnessSeconds > s.CaughtUpSeconds }
	if n := number(s.Queues, behind); n > 0 {
		h = headline{waits, "Catching up", extent(s)}
	} else if len(known) > 0 {
		h = headline{waits, "Waiting", join(known)}
	}
	if n := len(s.Warnings); n > 0 {
		h.Tone = cautious
		if h.Lead == "All is well" {
			h.Lead = "It runs"
		}
		h.Lead += ", with " + words.Several(n, "warning", "warnings")
	}
	return h
}

// until says when a hold ends, if that is known.
func until(h Hold, now time.Time) string {
	switch {
	case h.Until.IsZero():
		return ""
	case h.By == ByWindow:
		return fmt.Sprintf(" at %s (%s)", clock(h.Until, now), distance(h.Until, now))
	}
	return fmt.Sprintf(", until %s (%s)", clock(h.Until, now), distance(h.Until, now))
}

// extent is how many queues there are, and how far behind the last of them is.
func extent(s Status) string {
	text, most, fresh := words.Several(len(s.Queues), "queue", "queues"), 0.0, 0
	for _, q := range s.Queues {
		if !q.ClosedUntil.IsZero() {
			most, fresh = max(most, q.FreshnessSeconds), fresh+1
		}
	}
	switch {
	case fresh == 0:
		return text + ", of which none has closed a window yet"
	case len(s.Queues) == 1:
		return text + ", behind by " + span(seconds(most))
	}
	return text + ", the furthest behind by " + span(seconds(most))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// share is so many of all queues, as the subject of a sentence.
func share(n, all int) string {
	switch {
	case n == all && n == 1:
		return "the queue is"
	case n == all:
		return "all " + words.Count(n) + " queues are"
	case n == 1:
		return "1 of " + words.Count(all) + " queues is"
	}
	return words.Count(n) + " of " + words.Count(all) + " queues are"
}

func number(queues []Queue, which func(Queue) bool) (n int) {
	for _, q := range queues {
		if which(q) {
			n++
		}
	}
	return n
}

// first is the first list that has something in it.
func first(lists ...[]string) []string {
	for _, l := range lists {
		if len(l) > 0 {
			return l
		}
	}
	return nil
}

func join(texts []string) string { return strings.Join(texts, "; ") }

// Sign is the line that is drawn in the circle before the headline.
func (t tone) Sign() string {
	switch t {
	case well:
		return "M9 17l5 5 9-11"
	case waits:
		return "M16 8v8l5 4"
	}
	return "M16 8v10M16 23v.5"
}

// icon is what a browser shows in the tab, so that a page in the background tells, too.
func (t tone) icon() template.URL {
	colour := map[tone]string{well: "1d7a4c", waits: "2b6aa3", cautious: "b36b00", trouble: "b3261e"}[t]
	// Made of constants alone.
	return template.URL("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Ccircle cx='16' cy='16' r='16' fill='%23" +
		colour + "'/%3E%3Cpath d='" + t.Sign() + "' fill='none' stroke='white' stroke-width='3.5' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E")
}

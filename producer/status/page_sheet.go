package status

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"genesys-producer/producer/status/words"
)

// manyQueues is from how many queues on the table is a compact one.
const manyQueues = 13

// mostWarnings is how many are shown: a screen of them hides the queues.
const mostWarnings = 8

// sheet is a Status in the words of the page. The template only lays them out.
type sheet struct {
	Headline headline
	Icon     template.URL
	Style    template.CSS
	Still    bool // the page is not renewed by itself

	Program, Checkpoint string
	Now, NowISO         string
	Started, Clock      string
	Extent              string // beside a headline that does not say it
	Holds               []hold
	Warnings            []string
	Budget              allowance
	Figures             []figure
	Groups              []group
	Kafka               Kafka
}

type hold struct{ What, Until, Since, Error string }

// figure is a number, what it counts, and what else there is to say of it.
type figure struct {
	Number, Name, More string
	Bad                string // what deserves a look; empty: nothing
}

// group is a table of queues.
type group struct {
	Title   string
	Compact bool
	Rows    []row
}

// allowance is the request budget.
type allowance struct {
	Used, Of string // requests of the last minute, and those that are allowed
	Percent  int
	Notes    []string
}

func newSheet(s Status, still bool) sheet {
	h := headlineOf(s)
	v := sheet{
		Headline: h, Icon: h.Tone.icon(), Style: template.CSS(pageStyle), Still: still,
		Program: s.Program, Checkpoint: s.Checkpoint,
		Now: s.Now.UTC().Format("2 Jan 2006, 15:04:05 UTC"), NowISO: s.Now.UTC().Format(time.RFC3339),
		Started:  clock(s.Started, s.Now) + " (" + distance(s.Started, s.Now) + ")",
		Warnings: s.Warnings, Budget: newAllowance(s.Budget, s.Now), Figures: figures(s), Groups: groups(s), Kafka: s.Kafka,
		Clock: ahead(s),
	}
	if extent := extent(s); h.Rest != extent && s.Phase != Starting {
		v.Extent = extent
	}
	if s.Phase == Starting && len(s.NotReady) > 0 {
		v.Extent = join(s.NotReady)
	}
	if more := len(s.Warnings) - mostWarnings; more > 0 {
		v.Warnings = append(slices.Clone(s.Warnings[:mostWarnings]), "and "+words.Count(more)+" more, which /status.json has")
	}
	if len(s.Holds) == 1 && s.Holds[0].Error == "" && strings.Contains(h.Rest, s.Holds[0].What) {
		return v // the headline says all of it
	}
	for _, one := range s.Holds {
		h := hold{What: one.What, Until: until(one, s.Now), Error: one.Error}
		if !one.Since.IsZero() {
			h.Since = distance(one.Since, s.Now)
		}
		v.Holds = append(v.Holds, h)
	}
	return v
}

// figures are the totals that an operator asks for first.
func figures(s Status) []figure {
	perMinute := 0.0
	for _, q := range s.Queues {
		perMinute += q.PerMinute
	}
	t, doubt, letters := s.Totals, "", ""
	if t.InDoubt > 0 {
		doubt = words.Count(t.InDoubt) + " in doubt"
	}
	if t.DeadLetters > 0 {
		letters = "deserve a look"
	}
	return []figure{
		{Number: words.Count(int(math.Round(perMinute))), Name: "Read a minute", More: "conversations; " + words.Several(s.Walks, "walk", "walks") + " under way"},
		{Number: words.Count(t.Published), Name: "Published", More: "of " + words.Count(t.Records) + " read; " + words.Count(t.Unchanged) + " unchanged, " + words.Count(t.Superseded) + " superseded"},
		{Number: words.Count(t.Windows), Name: "Windows closed", More: words.Several(t.Pages, "page", "pages"), Bad: doubt},
		{Number: words.Count(t.DeadLetters), Name: "Dead letters", More: "records that could not be published as they are", Bad: letters},
	}
}

// newAllowance says how much of the budget is used, and what is out of the ordinary.
func newAllowance(b Budget, now time.Time) allowance {
	a := allowance{Used: words.Count(b.LastMinute), Of: words.Count(b.Allowance)}
	if b.Allowance > 0 {
		a.Percent = min(100, max(0, 100*b.LastMinute/b.Allowance))
	}
	note := func(format string, args ...any) { a.Notes = append(a.Notes, fmt.Sprintf(format, args...)) }
	if b.ClosedUntil.After(now) {
		note("closed until %s (%s)", clock(b.ClosedUntil, now), distance(b.ClosedUntil, now))
	}
	if b.Waiting > 0 {
		note("%s in line", words.Several(b.Waiting, "request", "requests"))
	}
	// The service keeps some 3 % back by itself: less than that is because of others.
	if b.PerMinute > 0 && b.PerMinute < 0.9*float64(b.Allowance) {
		note("paced at %s a minute, because others use the token, too", words.Count(int(b.PerMinute)))
	}
	if b.Counted > 0 {
		note("the API counts %s of the %s that it allows", words.Count(b.Counted), words.Count(b.Allowed))
	}
	if b.Retries > 0 {
		note("%s since the start", words.Several(b.Retries, "request repeated", "requests repeated"))
	}
	return a
}

// ahead is how the API's clock is, beside this machine's: answers carry it in whole
// seconds, so that one means nothing.
func ahead(s Status) string {
	by := s.Budget.ClockSeconds
	switch d := span(seconds(math.Abs(by))); {
	case by == 0 && s.Phase == Starting:
		return "not heard yet"
	case by >= 2:
		return d + " ahead of this machine's"
	case by <= -2:
		return d + " behind this machine's"
	}
	return "agrees with this machine's"
}

// groups puts the queues that deserve a look before all others. The order within is the
// Status's own.
func groups(s Status) []group {
	var look, rest []row
	for _, q := range s.Queues {
		if deserves(q, s.Now) {
			look = append(look, newRow(q, s.Now))
		} else {
			rest = append(rest, newRow(q, s.Now))
		}
	}
	if len(look) == 0 || len(rest) == 0 || len(s.Queues) < manyQueues {
		return []group{{"Queues", len(s.Queues) >= manyQueues, append(look, rest...)}}
	}
	return []group{
		{"Queues that deserve a look (" + strconv.Itoa(len(look)) + ")", len(look) >= manyQueues, look},
		{"Other queues (" + strconv.Itoa(len(rest)) + ")", len(rest) >= manyQueues, rest},
	}
}

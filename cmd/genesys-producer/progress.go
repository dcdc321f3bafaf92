package main

import (
	"fmt"
	"sync"
	"time"

	"genesys-producer/producer"
)

// rateOver is the time of which the rate is told: long enough that it does not jump with
// every page, short enough that it shows what is the matter now.
const rateOver = time.Minute

// knownAfter is how long it takes until a rate and a time left say something.
const knownAfter = 3 * time.Second

// progress sums up how far a bounded run is.
type progress struct {
	from, to time.Time
	queues   int

	mu      sync.Mutex
	began   time.Time                // when the service had its positions; zero: it has none yet
	reached map[string]time.Duration // of each queue: how much of its time is walked
	before  time.Duration            // how much all had walked as the run began
	sum     figures                  // counts alone
	recent  []pageRead               // of the time that the rate is told of
}

// pageRead is of a page: when it was completed, and how many conversations it had.
type pageRead struct {
	at            time.Time
	conversations int
}

func newProgress(from, to time.Time, queues int) *progress {
	return &progress{from: from, to: to, queues: queues, reached: map[string]time.Duration{}}
}

// add takes note of what the service tells.
func (t *progress) add(p producer.Progress, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.began.IsZero() {
		t.began = now
	}
	walked := t.walked(p)
	if was := t.reached[p.Queue]; walked > was { // a further pass begins anew, and the bar does not
		t.reached[p.Queue] = walked
		if p.Resumed {
			t.before += walked
		}
	}
	switch {
	case p.Resumed:
	case p.Closed:
		t.sum.windows++
	default:
		t.sum.pages++
		t.sum.conversations += p.Records
		t.sum.published += p.Published
		t.recent = append(t.recent, pageRead{now, p.Records})
	}
	t.forget(now)
}

// walked is how much of a queue's time lies before where it is. Where it is in a window,
// nobody knows but by what was read of its total.
func (t *progress) walked(p producer.Progress) time.Duration {
	length, part := p.To.Sub(p.From), 0.0
	switch {
	case p.Closed:
		part = 1
	case p.Total > 0:
		part = min(1, float64(p.Read)/float64(p.Total))
	}
	return min(max(0, p.From.Sub(t.from)+time.Duration(part*float64(length))), t.to.Sub(t.from))
}

// forget drops the pages that are too old for the rate.
func (t *progress) forget(now time.Time) {
	old := 0
	for old < len(t.recent) && now.Sub(t.recent[old].at) > rateOver {
		old++
	}
	t.recent = t.recent[old:]
}

// figures are how far it is at an instant.
func (t *progress) figures(now time.Time) figures {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.sum
	all := float64(t.queues) * t.to.Sub(t.from).Seconds()
	var walked time.Duration
	for _, d := range t.reached {
		walked += d
	}
	f.share = walked.Seconds() / all
	if t.began.IsZero() {
		return f
	}
	f.took = now.Sub(t.began)
	if f.took < knownAfter {
		return f
	}
	t.forget(now)
	read := 0
	for _, r := range t.recent {
		read += r.conversations
	}
	f.rate, f.rateKnown = float64(read)/min(f.took, rateOver).Seconds(), true
	// By the whole run and not by the last minute: days are busy and nights are not.
	if gained := (walked - t.before).Seconds(); gained > 0 {
		f.left = time.Duration((all - walked.Seconds()) / gained * float64(f.took))
		f.leftKnown = true
	}
	return f
}

// figures are how far a bounded run is. Counts are of this process alone; the share is of
// the whole interval, whoever has walked it.
type figures struct {
	share                                    float64 // of the time of all queues, 0 to 1
	pages, conversations, published, windows int
	rate                                     float64 // conversations a second
	left, took                               time.Duration
	rateKnown, leftKnown                     bool
}

// percent never says 100 before all of it is done.
func (f figures) percent() int { return int(f.share*100 + 1e-9) }

// summary tells the figures at the end.
func (f figures) summary() string {
	return fmt.Sprintf("%d %%, and in this run %d pages, %d conversations, %d published, %d windows closed in %s",
		f.percent(), f.pages, f.conversations, f.published, f.windows, span(f.took))
}

// attributes tells the figures in a log. What is not known is left out.
func (f figures) attributes() []any {
	all := []any{"percent", f.percent(), "pages", f.pages, "conversations", f.conversations, "published", f.published, "windows_closed", f.windows}
	if f.rateKnown {
		all = append(all, "conversations_per_second", float64(int(f.rate*10))/10)
	}
	if f.leftKnown {
		all = append(all, "left", f.left.Round(time.Second))
	}
	return append(all, "took", f.took.Round(time.Millisecond))
}

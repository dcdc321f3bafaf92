package main

import (
	"fmt"
	"strings"
	"time"
)

const (
	frame     = 100 * time.Millisecond // between two drawings on a terminal
	plainLine = 2 * time.Second        // between two lines elsewhere
	barWidth  = 22
)

// progress is how far the queues have come, as the service's log tells it.
type progress struct {
	began time.Time
	lanes []*lane
}

// lane is the progress of one queue.
type lane struct {
	queue    string
	expected int            // pages
	window   string         // in hand
	page     map[string]int // the last completed one, of each window
	read     map[string]int // records up to there
	open     bool           // some pages of the window are completed, and not all
}

func newProgress(t truth) *progress {
	p := &progress{began: time.Now()}
	for _, queue := range t.queues {
		p.lanes = append(p.lanes, &lane{
			queue: queue, expected: t.pagesOf(queue), page: map[string]int{}, read: map[string]int{},
		})
	}
	return p
}

// follow shows the progress of a child until the child has ended, and returns how.
// At halfway it is struck, once; nil: never.
func (p *progress) follow(c *child, out *screen, strike func(*child)) error {
	pause := plainLine
	if out.live {
		pause = frame
	}
	draw := time.NewTicker(pause)
	defer draw.Stop()
	p.draw(out)
	for {
		select {
		case e, open := <-c.events:
			if !open {
				p.draw(out)
				out.leave()
				return c.err
			}
			p.note(e)
			if strike != nil && p.halfway() {
				strike(c)
				strike = nil
			}
		case <-draw.C:
			p.draw(out)
		}
	}
}

func (p *progress) note(e event) {
	for _, l := range p.lanes {
		if l.queue != e.Queue {
			continue
		}
		l.window, l.open = e.Window, !e.windowClosed
		if !e.windowClosed {
			l.page[e.Window], l.read[e.Window] = max(e.Page, l.page[e.Window]), max(e.Read, l.read[e.Window]) // of any pass
		}
	}
}

// goOn takes the checkpoints for what has been completed: the killed service may
// have been silent about its last pages.
func (p *progress) goOn(stops []stop) {
	for _, s := range stops {
		at := s.position
		p.note(event{Queue: s.queue, Window: at.Query.Window(), Page: at.Page, Read: at.Read})
	}
}

// halfway reports whether it is time to kill the service: from 40 % on if all
// queues are in the middle of a window, one of them some pages into it; from half
// on without that; later if any queue is in the middle of one.
func (p *progress) halfway() bool {
	all, deepest, expected := true, 0, 0
	for _, l := range p.lanes {
		expected += l.expected
		if all = all && l.open; l.open {
			deepest = max(deepest, l.page[l.window])
		}
	}
	share := float64(p.pages()) / float64(expected)
	return share >= 0.4 && all && deepest >= 3 || share >= 0.5 && all || share >= 0.6 && deepest > 0
}

func (p *progress) pages() (sum int) {
	for _, l := range p.lanes {
		sum += total(l.page)
	}
	return sum
}

func total(counts map[string]int) (sum int) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// draw draws a bar for each queue in place, or writes one line for all.
func (p *progress) draw(out *screen) {
	if out.live {
		var lines []string
		for _, l := range p.lanes {
			lines = append(lines, l.bar(out))
		}
		out.redraw(lines)
		return
	}
	line := fmt.Sprintf("  %6s", seconds(time.Since(p.began)))
	for _, l := range p.lanes {
		line += fmt.Sprintf("  %s %3d/%d pages", short(l.queue), total(l.page), l.expected)
	}
	out.line(line)
}

// bar is 2+8+2+22+2+11+2+13+2+14 columns wide.
func (l *lane) bar(out *screen) string {
	pages := total(l.page)
	full := min(barWidth*pages/max(l.expected, 1), barWidth)
	return fmt.Sprintf("  %s  %s%s  %-11s  %7s pages  %6s records",
		short(l.queue), out.in(cyan, strings.Repeat("━", full)), out.in(dim, strings.Repeat("─", barWidth-full)),
		hours(l.window), fmt.Sprintf("%d/%d", pages, l.expected), figure(total(l.read)))
}

// short is as much of an id as tells queues apart.
func short(queue string) string { return queue[:min(8, len(queue))] }

// hours is a window, such as 2026-03-01T23:00Z/2026-03-02T00:00Z, without its days.
func hours(window string) string {
	from, to, _ := strings.Cut(window, "/")
	for _, side := range []*string{&from, &to} {
		if _, clock, ok := strings.Cut(*side, "T"); ok {
			*side = clock
		}
		*side = strings.TrimSuffix(*side, "Z")
	}
	return strings.Trim(from+"/"+to, "/")
}

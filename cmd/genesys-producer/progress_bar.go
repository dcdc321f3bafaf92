package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// redrawEvery is the least time between two drawings of the bar.
const redrawEvery = 200 * time.Millisecond

// screen is a terminal at whose bottom a bar is drawn. What is written to it meanwhile
// goes above the bar.
type screen struct {
	stderr  io.Writer
	options []mpb.ContainerOption // more of them, for a terminal that does not say that it is one
	bars    *mpb.Progress         // nil: nothing was drawn yet
}

// isTerminal reports whether a person sees what is written.
func isTerminal(w io.Writer) bool {
	if s, ok := w.(*screen); ok {
		w = s.stderr
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// draw draws how far it is, again and again until it is stopped, and then once more. Only
// what is written after draw is called, and by whoever knows of it, goes above the bar.
func (s *screen) draw(t *progress) (stop func()) {
	s.bars = mpb.New(append(s.options, mpb.WithOutput(s.stderr), mpb.WithRefreshRate(redrawEvery))...)
	row := mpb.BarFillerFunc(func(w io.Writer, at decor.Statistics) error {
		return drawRow(w, t.figures(time.Now()), at.AvailableWidth)
	})
	bar, err := s.bars.Add(0, row, mpb.BarFillerTrim())
	if err != nil { // it has been waited for: not so soon
		return func() {}
	}
	return func() {
		bar.Abort(false)
		s.bars.Wait()
	}
}

// Write writes lines above the bar, or as they come while there is none.
func (s *screen) Write(lines []byte) (int, error) {
	if s.bars != nil {
		if n, err := s.bars.Write(lines); err == nil {
			return n, nil
		}
	}
	return s.stderr.Write(lines)
}

// The least that a bar is long, and how wide a terminal is that does not tell.
const leastBar, usualWidth = 12, 80

// drawRow draws figures in one row of a terminal, at most so wide. What there is no room
// for is left out, what matters least first.
func drawRow(w io.Writer, f figures, width int) error {
	if width <= 0 {
		width = usualWidth
	}
	percent := fmt.Sprintf("%3d %% ", f.percent())
	rate, left := "?/s", "? left"
	if f.rateKnown {
		rate = fmt.Sprintf("%.0f/s", f.rate)
	}
	switch {
	case f.share >= 1:
		left = "done in " + span(f.took)
	case f.leftKnown:
		left = span(f.left) + " left"
	}
	texts := []string{fmt.Sprintf("%d pages", f.pages), fmt.Sprintf("%d conversations", f.conversations), rate, left}
	text := strings.Join(texts, "  ")
	for len(texts) > 0 && len(percent)+leastBar+1+len(text) > width {
		texts = texts[1:]
		text = strings.Join(texts, "  ")
	}
	room := width - len(percent) - 1 - len(text)
	if _, err := io.WriteString(w, percent[:min(len(percent), width)]); err != nil || room < leastBar && len(texts) == 0 {
		return err
	}
	if err := mpb.BarStyle().Padding(" ").Build().Fill(w, decor.Statistics{
		AvailableWidth: room, Total: 10_000, Current: int64(f.share * 10_000), Completed: f.share >= 1,
	}); err != nil {
		return err
	}
	_, err := io.WriteString(w, strings.TrimRight(" "+text, " "))
	return err
}

// span is a time as people tell it: its two largest units.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	days, hours, minutes, seconds := d/(24*time.Hour), d/time.Hour%24, d/time.Minute%60, d/time.Second%60
	switch {
	case days > 0:
		return fmt.Sprintf("%dd%02dh", days, hours)
	case hours > 0:
		return fmt.Sprintf("%dh%02dm", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%dm%02ds", minutes, seconds)
	}
	return fmt.Sprintf("%ds", seconds)
}

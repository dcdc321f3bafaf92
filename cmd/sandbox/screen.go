package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// width is how many columns are used.
const width = 80

// screen is where the story is told. On a terminal lines can be drawn again.
type screen struct {
	w      io.Writer
	live   bool // a terminal
	colour bool
	drawn  int // lines that redraw has drawn, and goes up again
}

func newScreen(w io.Writer) *screen {
	s := &screen{w: w}
	if file, ok := w.(*os.File); ok && os.Getenv("TERM") != "dumb" {
		info, err := file.Stat()
		s.live = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	s.colour = s.live && os.Getenv("NO_COLOR") == ""
	return s
}

// ink is the code of a colour or weight.
type ink string

const (
	bold   ink = "1"
	dim    ink = "2"
	red    ink = "1;31"
	green  ink = "1;32"
	yellow ink = "33"
	cyan   ink = "36"
)

// in returns the text in a colour, where there are colours.
func (s *screen) in(c ink, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

func (s *screen) line(text string) { fmt.Fprintln(s.w, strings.TrimRight(text, " ")) }

func (s *screen) title(text string) {
	s.line(s.in(bold, text))
	s.line("")
}

func (s *screen) heading(format string, args ...any) {
	s.line("")
	s.line(s.in(bold, fmt.Sprintf(format, args...)))
}

func (s *screen) warning(format string, args ...any) {
	s.line(s.in(yellow, fmt.Sprintf(format, args...)))
}

// fact is a line with a name in front.
func (s *screen) fact(name, format string, args ...any) {
	s.line(fmt.Sprintf("  %s %s", s.in(dim, fmt.Sprintf("%-11s", name)), fmt.Sprintf(format, args...)))
}

// meanwhile shows a fact of the moment. On a terminal the function that it returns
// wipes it away, to make room for what came of it.
func (s *screen) meanwhile(name, format string, args ...any) (wipe func()) {
	s.fact(name, format, args...)
	return func() {
		if s.live {
			io.WriteString(s.w, "\x1b[1A\r\x1b[K")
		}
	}
}

// redraw draws lines in the place of those that it has drawn before. Lines that are
// too long for the terminal are cut, not wrapped: else the count would be wrong.
func (s *screen) redraw(lines []string) {
	var b strings.Builder
	b.WriteString("\x1b[?7l")
	if s.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", s.drawn)
	}
	for _, line := range lines {
		b.WriteString("\r\x1b[K" + line + "\n")
	}
	b.WriteString("\x1b[?7h")
	s.drawn = len(lines)
	io.WriteString(s.w, b.String())
}

// leave leaves what was drawn as it is: the next lines are drawn below it.
func (s *screen) leave() { s.drawn = 0 }

// figure writes a number with commas between the thousands.
func figure(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

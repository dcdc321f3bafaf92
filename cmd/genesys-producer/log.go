package main

import (
	"io"
	"log"
	"log/slog"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/lmittmann/tint" // LOG_FORMAT=text: the standard library's text is for machines too. MIT, and depends on nothing.
)

// newLog makes the log that is configured. Its times are UTC, in either format.
func newLog(cfg config, w io.Writer) *slog.Logger {
	if cfg.LogFormat != "text" {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: cfg.LogLevel, ReplaceAttr: legible}))
	}
	return slog.New(textLines(cfg.LogLevel, w, isTerminal(w)))
}

// textLines is the log for people. It has colours and short times where a person sees it as it
// comes. Where it is kept it has neither: a line must say of which day it is.
func textLines(least slog.Level, w io.Writer, seen bool) slog.Handler {
	o := &tint.Options{Level: least, ReplaceAttr: forPeople, NoColor: true, TimeFormat: "2006-01-02T15:04:05.000Z"}
	if seen {
		o.TimeFormat, o.NoColor = "15:04:05Z", colourless()
	}
	return tint.NewTextHandler(w, o)
}

// textLog is the log of a person's command, whatever LOG_FORMAT says.
func textLog(w io.Writer) func(config) *slog.Logger {
	return func(cfg config) *slog.Logger {
		cfg.LogFormat = "text"
		return newLog(cfg, w)
	}
}

// colourless reports whether a terminal is to have no colours. Its own variables say so:
// they configure no program in particular, and so not this one.
func colourless() bool { return os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" }

// legible writes durations as 1.5s: as JSON they would be nanoseconds. Times are UTC.
func legible(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindDuration:
		a.Value = slog.StringValue(a.Value.Duration().String())
	case slog.KindTime:
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}

// red is the colour of errors, in the numbers of terminals.
const red = 9

// forPeople is legible, has errors in red, and leaves out what says nothing.
func forPeople(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.LevelKey && len(groups) == 0 {
		return a
	}
	if silent(a) {
		return slog.Attr{}
	}
	a = legible(groups, a)
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(printable(a.Value.String()))
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			return tint.Attr(red, slog.String(a.Key, printable(err.Error())))
		}
	}
	return a
}

// silent reports whether an attribute says no more than that nothing special was the
// matter.
func silent(a slog.Attr) bool {
	switch a.Key {
	case "pass", "unchanged", "superseded", "dead_letters", "outside_window", "open", "left_open":
		return a.Value.Kind() == slog.KindInt64 && a.Value.Int64() == 0
	case "why":
		return a.Value.Kind() == slog.KindString && a.Value.String() == ""
	}
	return false
}

// printable takes the commands to a terminal out of a text that may come from a server:
// tint lets them through where there are colours. What is no text it would end at.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\x1b' || r == '\u009b' || r == utf8.RuneError {
			return '?'
		}
		return r
	}, text)
}

// takeStrays has the log take what the standard library tells nobody but its own: net/http
// does so of answers that nobody has asked for. As it comes it would be no line of the log.
func takeStrays(to *slog.Logger) {
	log.SetFlags(0)
	log.SetOutput(strays{to})
}

// strays are lines of the standard library's log.
type strays struct{ to *slog.Logger }

// Write logs a line up to what it quotes, which came over the wire: it can be of a
// conversation.
func (s strays) Write(line []byte) (int, error) {
	text, _, _ := strings.Cut(strings.TrimSpace(string(line)), `"`)
	s.to.Debug("the standard library says", "text", strings.TrimSpace(text))
	return len(line), nil
}

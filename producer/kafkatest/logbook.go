package kafkatest

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// Logbook is a handler of logs that keeps what was logged, a line each: level, message and
// attributes. Its zero value is ready. It is safe for concurrent use.
type Logbook struct {
	mu    sync.Mutex
	lines []string
}

// Enabled implements [slog.Handler]: all levels are kept.
func (l *Logbook) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs implements [slog.Handler]. What a logger has in common is not kept.
func (l *Logbook) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements [slog.Handler].
func (l *Logbook) WithGroup(string) slog.Handler { return l }

// Handle implements [slog.Handler].
func (l *Logbook) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	return nil
}

// Lines are all lines so far.
func (l *Logbook) Lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// Count is how many lines contain all of the texts.
func (l *Logbook) Count(texts ...string) (n int) {
	for _, line := range l.Lines() {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			n++
		}
	}
	return n
}

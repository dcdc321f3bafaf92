package checkpoint

import (
	"fmt"
	"time"
)

// Day is a UTC day, such as "2026-03-01".
type Day string

// DayOf returns the day on which t lies.
func DayOf(t time.Time) Day { return Day(t.UTC().Format(time.DateOnly)) }

// Begin returns the first instant of the day; the zero time where d is none.
func (d Day) Begin() time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Next returns the day after d.
func (d Day) Next() Day { return DayOf(d.Begin().AddDate(0, 0, 1)) }

// Validate returns nil if d is spelled as [DayOf] spells a day after the first one
// of the year 1. Otherwise it returns an error that wraps [ErrInvalid].
func (d Day) Validate() error {
	if DayOf(d.Begin()) != d || d.Begin().IsZero() {
		return fmt.Errorf("day %q: %w: want one such as 2026-03-01", string(d), ErrInvalid)
	}
	return nil
}

// Chunk is a piece of a ledger's text. Stored, it has the place that begins at
// Offset, and nothing is behind it: a ledger grows by chunks at its end, is cut back
// by one before that, and is replaced as a whole by one at 0.
type Chunk struct {
	Day    Day
	Offset int
	Text   []byte
}

// Validate returns nil if c can be stored. Otherwise it returns an error that wraps
// [ErrInvalid].
func (c Chunk) Validate() error {
	if err := c.Day.Validate(); err != nil {
		return fmt.Errorf("chunk: %w", err)
	}
	if c.Offset < 0 {
		return fmt.Errorf("chunk: offset %d: %w: want 0 or more", c.Offset, ErrInvalid)
	}
	return nil
}

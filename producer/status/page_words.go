package status

import (
	"fmt"
	"strings"
	"time"
)

// span is a time as people tell it: its two largest units, or one below an hour.
func span(d time.Duration) string {
	if d = d.Round(time.Second); d < time.Minute {
		return fmt.Sprintf("%d s", max(0, d)/time.Second)
	}
	d = d.Round(time.Minute)
	days, hours, minutes := d/(24*time.Hour), d/time.Hour%24, d/time.Minute%60
	switch {
	case days > 0 && hours > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case days > 0:
		return fmt.Sprintf("%d d", days)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d min", minutes)
}

// distance is how far an instant lies ahead or back.
func distance(t, now time.Time) string {
	if t.After(now) {
		return "in " + span(t.Sub(now))
	}
	return span(now.Sub(t)) + " ago"
}

// clock is an instant to the second, with its day where that is not today.
func clock(t, now time.Time) string {
	t = t.UTC()
	return date(t, now, " ") + t.Format("15:04:05") + " UTC"
}

// date is the day of t, with the year where it is another one, and then end; today: nothing.
func date(t, now time.Time, end string) string {
	switch t, now = t.UTC(), now.UTC(); {
	case t.Year() != now.Year():
		return t.Format("2 Jan 2006") + end
	case t.YearDay() != now.YearDay():
		return t.Format("2 Jan") + end
	}
	return ""
}

// interval is a window, in UTC and without saying so. Midnight at its end is 24:00.
func interval(from, to, now time.Time) string {
	from, to = from.UTC(), to.UTC()
	layout := "15:04"
	if from.Second() != 0 || to.Second() != 0 {
		layout = time.TimeOnly
	}
	day := date(from, now, "")
	if day == "" {
		day = "today"
	}
	if to.Sub(from) == 24*time.Hour && from.Truncate(24*time.Hour).Equal(from) {
		return day + ", all day"
	}
	end := to.Format(layout)
	if to.Truncate(24 * time.Hour).Equal(to) {
		end = strings.Replace(end, "00", "24", 1)
	}
	return day + ", " + from.Format(layout) + "–" + end
}

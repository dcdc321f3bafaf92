// Package words writes numbers, lists and differences of clocks as people read them: on the
// status page, in tables and in logs.
package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Count is a number with its thousands set apart: 12,345.
func Count(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Several is a number with its noun: 1 page, 12,345 pages.
func Several(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Some names a few of many.
func Some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// AheadOrBehind says how far one clock is from another, to the second.
func AheadOrBehind(d time.Duration) string {
	if d = d.Round(time.Second); d < 0 {
		return (-d).String() + " behind"
	}
	return d.String() + " ahead"
}

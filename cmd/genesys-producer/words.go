package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dueIn says when something is due.
func dueIn(at, now time.Time) string {
	if !at.After(now) {
		return "due"
	}
	return "in " + span(at.Sub(now))
}

// grouped writes a number with its thousands apart.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var parts []string
	for len(digits) > 3 {
		parts = append(parts, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	parts = append(parts, digits)
	slices.Reverse(parts)
	return sign + strings.Join(parts, ",")
}

// some names a few of many.
func some(names []string) string {
	const most = 10
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// dash stands for what there is not.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
)

// lettersAndDigits are the characters that every kind of name may have.
const lettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// consistsOf is whether text has no character but those of set.
func consistsOf(text, set string) bool { return strings.Trim(text, set) == "" }

// quote is a value as an error shows it: in quotes, and not at any length. One
// with an @ is not shown, because a password may stand before it.
func quote(text string) string {
	const most = 60
	if strings.Contains(text, "@") {
		return "the value"
	}
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	return strconv.Quote(text)
}

// anyText takes the text as it is.
func anyText(text string) (string, error) { return text, nil }

// oneOf takes one of a few words, in any case of letters.
func oneOf(words ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		if i := slices.Index(words, strings.ToLower(text)); i >= 0 {
			return words[i], nil
		}
		last := len(words) - 1
		return "", fmt.Errorf("%s is not known; write %s or %s", quote(text), strings.Join(words[:last], ", "), words[last])
	}
}

// trueOrFalse takes one of the two words, in any case of letters.
func trueOrFalse(text string) (bool, error) {
	word, err := oneOf("true", "false")(text)
	return word == "true", err
}

// number takes a whole number from least to most.
func number[T int | int64](least, most T) func(string) (T, error) {
	return func(text string) (T, error) {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < int64(least) || n > int64(most) {
			return 0, fmt.Errorf("%s is not a whole number from %d to %d; write one", quote(text), least, most)
		}
		return T(n), nil
	}
}

// positive takes a duration above zero.
func positive(text string) (time.Duration, error) {
	d, err := parseDuration(text)
	if err == nil && d <= 0 {
		return 0, fmt.Errorf("%s is not above zero; write a duration such as 60s", quote(text))
	}
	return d, err
}

// zeroOrMore takes a duration that is not negative.
func zeroOrMore(text string) (time.Duration, error) {
	d, err := parseDuration(text)
	if err == nil && d < 0 {
		return 0, fmt.Errorf("%s is negative; write 0s or more", quote(text))
	}
	return d, err
}

// parseDuration takes what Go does, but no number without a unit: not even 0,
// so that nobody learns to leave it out.
func parseDuration(text string) (time.Duration, error) {
	if consistsOf(text, "0123456789") {
		return 0, fmt.Errorf("%s has no unit; write %ss for seconds, %[2]sm for minutes or %[2]sh for hours", quote(text), text)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%s is not a duration; write numbers with units, such as 60s, 5m or 168h (a week: h is the largest unit)", quote(text))
	}
	return d, nil
}

// parseLevel takes the name of a level.
func parseLevel(text string) (level slog.Level, err error) {
	name, err := oneOf("debug", "info", "warn", "error")(text)
	if err == nil {
		err = level.UnmarshalText([]byte(name))
	}
	return level, err
}

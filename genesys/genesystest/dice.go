package genesystest

import (
	"math"
	"time"
)

// dice is a small random source (splitmix64). It is a plain number, so that
// every part of a record can have its own and be composed without the others.
type dice uint64

// What a seed is used for is mixed into it, so that no two uses share a sequence.
const (
	rollQueues uint64 = iota + 1
	rollConversation
	rollPart
	rollToken
	rollCorrelation
	rollFault
	rollDrift
	rollPut
	rollPad
	rollFate
	rollTotal
	rollReorder
	rollNames
	rollExtend
)

func (d *dice) roll() uint64 {
	*d += 0x9e3779b97f4a7c15
	return scramble(uint64(*d))
}

// below returns a number in [0, n).
func (d *dice) below(n int64) int64 {
	if n <= 0 {
		return 0
	}
	return int64(d.roll() % uint64(n))
}

// between returns a number in [low, high].
func (d *dice) between(low, high int64) int64 { return low + d.below(high-low+1) }

// within returns a number of milliseconds in [low, high].
func (d *dice) within(low, high time.Duration) int64 {
	return d.between(low.Milliseconds(), high.Milliseconds())
}

// unit returns a number in [0, 1).
func (d *dice) unit() float64 { return float64(d.roll()>>11) / (1 << 53) }

// lognormal returns a number around the median; spread is that of its logarithm.
func (d *dice) lognormal(median, spread float64) float64 {
	radius := math.Sqrt(-2 * math.Log(1-d.unit()))
	return median * math.Exp(spread*radius*math.Cos(2*math.Pi*d.unit()))
}

func (d *dice) uuid() string { return string(d.appendUUID(make([]byte, 0, 36))) }

// appendUUID appends a random UUID of version 4.
func (d *dice) appendUUID(to []byte) []byte {
	const hex = "0123456789abcdef"
	high, low := d.roll()&^0xf000|0x4000, d.roll()&^(3<<62)|1<<63
	for shift := 60; shift >= 0; shift -= 4 {
		if shift == 28 || shift == 12 {
			to = append(to, '-')
		}
		to = append(to, hex[high>>shift&15])
	}
	for shift := 60; shift >= 0; shift -= 4 {
		if shift == 60 || shift == 44 {
			to = append(to, '-')
		}
		to = append(to, hex[low>>shift&15])
	}
	return to
}

// mix makes one seed of several numbers; their order matters.
func mix(words ...uint64) uint64 {
	sum := uint64(0x243f6a8885a308d3)
	for _, word := range words {
		sum = scramble(sum*0x9e3779b97f4a7c15 + word)
	}
	return sum
}

// mixText folds a text into a number for mix (FNV-1a).
func mixText(text string) uint64 {
	sum := uint64(14695981039346656037)
	for i := range len(text) {
		sum = (sum ^ uint64(text[i])) * 1099511628211
	}
	return sum
}

func scramble(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

package genesystest

import (
	"cmp"
	"math"
	"strings"
	"time"
)

// never is the end of a conversation that nobody has ended.
const never = math.MaxInt64

// medium is what a conversation is held over.
type medium uint8

const (
	voice medium = iota
	chat
	message
	email
	callback
)

// stop is the arrival of a conversation in a queue.
type stop struct {
	queue string
	at    int64
}

// sketch is what is kept of a conversation: enough to find it, and to compose
// its record whenever it is asked for. Times are Unix milliseconds. A sketch
// does not change; an edit puts another one in its place.
type sketch struct {
	id         string
	seed       uint64
	start, end int64
	span       int64 // its length; of a conversation that never ends, until it has settled down
	late       int64 // when it changes once more; never: it does not
	fate       fate
	edited     int64 // when a test or drift has made or changed it last; 0: never
	stops      []stop
	medium     medium
	size       int // aimed at, in bytes
	revision   int
	text       []byte // the record itself, when a test has given it
	padding    padding
}

// before is the order of the API: by start, then by id. (The vendor documents
// no order among equal starts; some order there must be.)
func before(a, b *sketch) int {
	return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.id, b.id))
}

// drawSketch makes up a conversation that starts at the given time.
func drawSketch(c *Config, seed uint64, start int64) *sketch {
	d := dice(seed)
	k := &sketch{id: d.uuid(), seed: seed, start: start, late: never, fate: drawFate(&c.Life, seed)}
	k.size = drawSize(&d, c.MeanSize)
	k.medium, k.span = drawLife(&d, k.size > 40_000)
	k.end = start + k.span
	first := int(d.below(int64(len(c.Queues))))
	queues := []string{c.Queues[first]}
	if d.unit() < c.TransferShare && len(c.Queues) > 1 {
		second := (first + 1 + int(d.below(int64(len(c.Queues)-1)))) % len(c.Queues)
		queues = append(queues, c.Queues[second])
	}
	k.stops = spread(k, queues)
	if d.unit() < c.LateShare {
		k.late = k.end + d.between(time.Hour.Milliseconds(), 72*time.Hour.Milliseconds())
	}
	return k
}

// spread places the stops: after the greeting of a call, at once elsewhere,
// and from then on at even distances over three quarters of the life.
func spread(k *sketch, queues []string) []stop {
	at := k.start
	if k.medium == voice {
		at += min(k.span/12, 45_000)
	}
	stops := make([]stop, len(queues))
	for i, queue := range queues {
		stops[i] = stop{queue, at + k.span*3/4*int64(i)/int64(len(queues))}
	}
	return stops
}

const (
	typicalMean = 11_500 // mean of drawSize at its natural scale
	largestSize = 290_000
)

// drawSize follows measured records: most of them 3 to 20 KB, and a few in a
// thousand that have grown for days.
func drawSize(d *dice, mean int) int {
	size := d.lognormal(8_700, 0.65)
	if d.unit() < 0.004 {
		size = 60_000 * math.Pow(5, d.unit())
	}
	return int(min(size*float64(mean)/typicalMean, largestSize))
}

// drawLife draws what a conversation is held over and how long it lasts. A
// long record is one of the media that live for days.
func drawLife(d *dice, long bool) (medium, int64) {
	kind := d.below(100)
	if long {
		kind = 78 + d.below(14)
	}
	life := func(median time.Duration, spread float64, most time.Duration) int64 {
		drawn := int64(d.lognormal(float64(median.Milliseconds()), spread))
		if long {
			drawn = max(drawn, 6*time.Hour.Milliseconds())
		}
		return min(max(drawn, 20_000), most.Milliseconds())
	}
	switch {
	case kind < 70:
		return voice, life(5*time.Minute, 0.8, 2*time.Hour)
	case kind < 78:
		return chat, life(9*time.Minute, 0.6, 2*time.Hour)
	case kind < 86:
		return message, life(40*time.Minute, 1.2, 48*time.Hour)
	case kind < 92:
		return email, life(3*time.Hour, 1, 72*time.Hour)
	default:
		return callback, life(40*time.Minute, 0.9, 8*time.Hour)
	}
}

// in reports whether the conversation has been in the queue by now, or in one
// of several, joined by commas.
func (k *sketch) in(queues string, now int64) bool {
	for queue := range strings.SplitSeq(queues, ",") {
		for _, s := range k.stops {
			if s.queue == queue && s.at <= now {
				return true
			}
		}
	}
	return false
}

// changes returns the next time after now at which a query may find something
// else of the conversation: when it is found at all, a stop, or when it ends,
// goes on and ends again.
func (k *sketch) changes(now int64) int64 {
	next := int64(never)
	for _, at := range [...]int64{k.findable(), k.end, k.reopened(), k.closed()} {
		if at > now {
			next = min(next, at)
		}
	}
	for _, s := range k.stops {
		if s.at > now {
			next = min(next, s.at)
		}
	}
	return next
}

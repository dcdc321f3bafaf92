package genesystest

import (
	"math"
	"slices"
	"strings"
	"sync"
)

// library holds every conversation, on a shelf for each queue and one, under
// the empty name, for all of them. It is safe for concurrent use.
type library struct {
	mu      sync.Mutex
	shelves map[string][]*sketch // each in the order of the API
	byID    map[string]*sketch
	found   map[interval][]*sketch
	until   map[interval]int64 // when what was found may be found no longer
}

// interval is what a query asks for, apart from paging. Times are Unix
// milliseconds, half-open.
type interval struct {
	queue     string // several: joined by commas; empty: any
	from, to  int64
	endedOnly bool
	liveOnly  bool
	wholeDays bool
}

func newLibrary(sketches []*sketch) *library {
	l := &library{shelves: make(map[string][]*sketch), byID: make(map[string]*sketch, len(sketches))}
	slices.SortFunc(sketches, before)
	for _, k := range sketches {
		l.byID[k.id] = k
		for _, name := range k.shelves() {
			l.shelves[name] = append(l.shelves[name], k)
		}
	}
	l.forget()
	return l
}

// shelves names those on which the conversation stands, each once.
func (k *sketch) shelves() []string {
	names := []string{""}
	for _, s := range k.stops {
		if !slices.Contains(names, s.queue) {
			names = append(names, s.queue)
		}
	}
	return names
}

func (l *library) forget() {
	l.found, l.until = make(map[interval][]*sketch), make(map[interval]int64)
}

// put adds a conversation, in the place of the one with its id if there is one.
func (l *library) put(k *sketch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(k.id)
	l.byID[k.id] = k
	for _, name := range k.shelves() {
		at, _ := slices.BinarySearchFunc(l.shelves[name], k, before)
		l.shelves[name] = slices.Insert(l.shelves[name], at, k)
	}
}

func (l *library) get(id string) *sketch {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byID[id]
}

func (l *library) remove(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.drop(id)
}

func (l *library) drop(id string) bool {
	l.forget()
	k := l.byID[id]
	if k == nil {
		return false
	}
	delete(l.byID, id)
	for _, name := range k.shelves() {
		if at, ok := slices.BinarySearchFunc(l.shelves[name], k, before); ok {
			l.shelves[name] = slices.Delete(l.shelves[name], at, at+1)
		}
	}
	return true
}

// find returns what a query for the interval finds at the given time. The
// result is shared and must not be changed. It is kept until it may differ, as
// a walk asks for the same interval page after page.
func (l *library) find(i interval, now int64) []*sketch {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until, ok := l.until[i]; ok && now < until {
		return l.found[i]
	}
	if len(l.until) >= 32 {
		l.forget()
	}
	l.found[i], l.until[i] = l.scan(i, now)
	return l.found[i]
}

func (l *library) scan(i interval, now int64) (rows []*sketch, until int64) {
	shelf := l.shelves[i.queue]
	if strings.Contains(i.queue, ",") {
		shelf = l.shelves[""]
	}
	first, past := midnight(i.from), i.to
	if i.wholeDays {
		past = midnightAfter(i.to)
	}
	start, _ := slices.BinarySearchFunc(shelf, first, func(k *sketch, t int64) int {
		if k.start < t {
			return -1
		}
		return 1
	})
	until = never
	for _, k := range shelf[start:] {
		if k.start >= past {
			break
		}
		until = min(until, k.changes(now))
		if i.matches(k, now) {
			rows = append(rows, k)
		}
	}
	if !i.wholeDays && i.from > now {
		until = min(until, i.from) // what is under way becomes active in it then
	}
	return rows, until
}

// matches reports whether a conversation that started on a day of the interval
// and before its end is found.
func (i interval) matches(k *sketch, now int64) bool {
	_, ended := k.endBy(now)
	switch {
	case k.findable() > now, i.endedOnly && !ended, i.liveOnly && ended:
		return false
	case !i.wholeDays && !k.activeIn(i, now):
		return false
	case i.queue == "":
		return true
	}
	return k.in(i.queue, now)
}

func midnight(t int64) int64 { return t - (t%dayMillis+dayMillis)%dayMillis }

func midnightAfter(t int64) int64 {
	if t > math.MaxInt64-dayMillis {
		return t
	}
	return midnight(t + dayMillis - 1)
}

package genesystest

import (
	"slices"
	"time"
)

// Extend adds conversations that start within the half-open interval, drawn as New
// draws them, but for Config.LiveShare and Life.MidnightShare. Equal seeds and equal
// arguments add equal conversations, whatever there is already: so a simulator that runs
// for months is given each day as it comes, and one that is started anew has the same
// days as before.
func (s *Simulator) Extend(from, to time.Time, conversations int) {
	first, length := from.UnixMilli(), max(to.UnixMilli()-from.UnixMilli(), 1)
	sketches := make([]*sketch, max(conversations, 0))
	for n := range sketches {
		seed := mix(s.config.Seed, rollExtend, uint64(first), uint64(n))
		d := dice(seed + 1)
		sketches[n] = drawSketch(&s.config, seed, first+d.below(length))
	}
	s.library.add(sketches)
}

// Forget removes the conversations that started before a time: queries find them no
// longer, and they take no memory.
func (s *Simulator) Forget(before time.Time) { s.library.dropBefore(before.UnixMilli()) }

// add puts conversations on their shelves whose ids are new.
func (l *library) add(sketches []*sketch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
	for _, k := range sketches {
		l.byID[k.id] = k
		for _, name := range k.shelves() {
			l.shelves[name] = append(l.shelves[name], k)
		}
	}
	for _, shelf := range l.shelves {
		slices.SortFunc(shelf, before)
	}
}

// dropBefore removes what started before a time: the beginning of each shelf.
func (l *library) dropBefore(start int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
	for name, shelf := range l.shelves {
		kept, _ := slices.BinarySearchFunc(shelf, start, func(k *sketch, t int64) int {
			if k.start < t {
				return -1
			}
			return 1
		})
		for _, k := range shelf[:kept] {
			delete(l.byID, k.id)
		}
		l.shelves[name] = slices.Delete(shelf, 0, kept)
	}
}

package genesystest

import "slices"

// hiding is what the move Hide keeps. Its lock is that of the drift.
type hiding struct {
	left map[string]int   // by id: queries that are still not to find it
	last map[string]int64 // by id: when it was hidden last, or found again
}

// hide takes one of the rows from the next queries that would find it.
func (d *drift) hide(rows []*sketch, roll *dice, now int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	first := int(roll.below(int64(len(rows))))
	count := int(roll.between(3, 8))
	for n := range rows {
		id := rows[(first+n)%len(rows)].id
		if _, already := d.hiding.left[id]; already {
			continue
		}
		if d.hiding.left == nil {
			d.hiding = hiding{make(map[string]int), make(map[string]int64)}
		}
		d.hiding.left[id], d.hiding.last[id] = count, now
		return
	}
}

// seen returns those of the rows that are not hidden from a query, which counts
// for each that is. The rows themselves are not changed.
func (d *drift) seen(rows []*sketch, now int64) []*sketch {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.hiding.left) == 0 {
		return rows
	}
	seen := make([]*sketch, 0, len(rows))
	for _, k := range rows {
		left, hidden := d.hiding.left[k.id]
		if hidden && left > 0 {
			d.hiding.left[k.id] = left - 1
			continue
		}
		if hidden {
			d.comeBack(k.id, now)
		}
		seen = append(seen, k)
	}
	return seen
}

func (d *drift) comeBack(id string, now int64) {
	delete(d.hiding.left, id)
	d.hiding.last[id] = now
}

// stirred is when a row was hidden last or found again; 0: never.
func (d *drift) stirred(id string) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.hiding.last[id]
}

// Hidden returns the ids of what the move Hide keeps from queries at this moment, in
// their alphabetical order. The truth counts them as found.
func (s *Simulator) Hidden() (ids []string) {
	s.drift.mu.Lock()
	defer s.drift.mu.Unlock()
	for id := range s.drift.hiding.left {
		if s.library.get(id) != nil { // it may have been removed since
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

package genesystest

// Random returns a script that gives each request one of the faults with
// probability p. What a request gets depends on the seed, on what it asks and
// on its Attempt, not on the order of arrival: a concurrent reader meets the
// same faults in every run. A request that is repeated is drawn for anew.
func Random(seed uint64, p float64, faults ...*Fault) func(Request) *Fault {
	return func(r Request) *Fault {
		d := dice(mix(seed, rollFault, mixText(r.Queue), uint64(r.From.UnixNano()), uint64(r.To.UnixNano()),
			uint64(r.Page), uint64(r.Attempt)))
		if d.unit() >= p {
			return nil
		}
		var apt []*Fault
		for _, f := range faults {
			if f.concerns(r) {
				apt = append(apt, f)
			}
		}
		if len(apt) == 0 {
			return nil
		}
		return apt[d.below(int64(len(apt)))]
	}
}

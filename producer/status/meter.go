package status

// meter knows how many there were in the last minute.
type meter struct {
	counts [60]int32 // by second
	newest int       // the second of what was counted last
}

// add counts n at a second.
func (m *meter) add(second, n int) {
	m.advance(second)
	m.counts[m.newest%len(m.counts)] += int32(n)
}

// lastMinute is how many there were in the minute that ends with a second.
func (m *meter) lastMinute(second int) (n int) {
	m.advance(second)
	for _, c := range m.counts {
		n += int(c)
	}
	return n
}

// advance forgets what is older than a minute.
func (m *meter) advance(second int) {
	for range min(len(m.counts), second-m.newest) {
		m.newest++
		m.counts[m.newest%len(m.counts)] = 0
	}
	m.newest = max(m.newest, second)
}

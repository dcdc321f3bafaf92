package genesystest

import "fmt"

func pageFault(name string, shape func(*page)) *Fault {
	return &Fault{name: name, place: queries, shape: shape}
}

// OtherDialect answers with the envelope and the records of the dialect that
// the simulator does not speak, as a gateway does that was set up for another
// client.
func OtherDialect() *Fault {
	return pageFault("other dialect", func(p *page) {
		if p.dialect == Conversations {
			p.dialect = Entities
		} else {
			p.dialect = Conversations
		}
	})
}

// MissingArray leaves the array of records out, whatever there is on the page.
// The published API does so at the end, and clients have crashed on it.
func MissingArray() *Fault { return withoutRows("missing array", arrayMissing) }

// EmptyArray answers an empty array, whatever there is on the page.
func EmptyArray() *Fault { return withoutRows("empty array", arrayEmpty) }

// NullArray answers null for the array, whatever there is on the page.
func NullArray() *Fault { return withoutRows("null array", arrayNull) }

func withoutRows(name string, form arrayForm) *Fault {
	return pageFault(name, func(p *page) { p.rows, p.array = nil, form })
}

// ShortBy leaves n records off the end of the page. Later pages do not make up
// for it.
func ShortBy(n int) *Fault {
	return pageFault(fmt.Sprintf("short by %d", n), func(p *page) {
		p.rows = p.rows[:max(0, len(p.rows)-n)]
	})
}

// TotalOffset adds delta to the total, which is "approximate" and "can be a
// constantly changing value" (the vendor's blog, 2022-04-21). It does not
// become negative.
func TotalOffset(delta int) *Fault {
	return pageFault(fmt.Sprintf("total %+d", delta), func(p *page) { p.total = max(0, p.total+delta) })
}

// WithoutTotal leaves the total out: every member of the model is optional.
func WithoutTotal() *Fault {
	return pageFault("without total", func(p *page) { p.withoutTotal = true })
}

// PageNumberEcho has the answer name another page than was asked for, as the
// tutorial reports of some clients. Only the dialect Entities has that member.
func PageNumberEcho(n int) *Fault {
	return pageFault(fmt.Sprintf("page number echo %d", n), func(p *page) { p.number = n })
}

package genesystest

import (
	"strconv"
	"sync"
)

// page is the answer to a query before it is written down.
type page struct {
	dialect      Dialect
	rows         []*sketch
	total        int
	number, size int
	array        arrayForm
	withoutTotal bool
	reorder      reorder
}

// arrayForm is how the array of records is written.
type arrayForm int

const (
	arrayHealthy arrayForm = iota
	arrayMissing
	arrayEmpty
	arrayNull
)

// append writes the envelope. In the published dialect an empty page has no
// array at all, which is how the end of the records is told.
func (p *page) append(to []byte, now int64, pool *layouts) []byte {
	array, total := "conversations", "totalHits"
	if p.dialect == Entities {
		array, total = "entities", "totalCount"
	}
	form := p.array
	if form == arrayHealthy && len(p.rows) == 0 && p.dialect == Conversations {
		form = arrayMissing
	}
	pen := &pen{buf: append(to, '{')}
	switch form {
	case arrayMissing:
	case arrayNull:
		pen.name(array)
		pen.buf = append(pen.buf, "null"...)
	default:
		pen.open(array, '[')
		for n, k := range p.rows {
			if n > 0 {
				pen.buf = append(pen.buf, ',')
			}
			from := len(pen.buf)
			pen.buf = appendRecord(pen.buf, k, p.dialect, now, pool)
			pen.buf = p.reorder.apply(pen.buf, from, k, now)
		}
		pen.close(']')
	}
	if p.dialect == Entities {
		pen.number("pageNumber", int64(p.number))
		pen.number("pageSize", int64(p.size))
	}
	if !p.withoutTotal {
		pen.number(total, int64(p.total))
	}
	pen.close('}')
	return pen.buf
}

// buffers keeps the memory of answers: a page is about a megabyte.
type buffers struct{ pool sync.Pool }

func (b *buffers) take() *[]byte {
	if buf, ok := b.pool.Get().(*[]byte); ok {
		return buf
	}
	return new([]byte)
}

func (b *buffers) give(buf *[]byte) {
	const most = 8 << 20 // a page of very large records would be kept for nothing
	if cap(*buf) > most {
		return
	}
	*buf = (*buf)[:0]
	b.pool.Put(buf)
}

// errorBody appends the model ErrorBody, its empty lists written out as in
// recorded answers.
func errorBody(to []byte, r *refusal, contextID string) []byte {
	to = append(to, `{"message":`...)
	to = appendText(to, r.message)
	to = append(to, `,"code":`...)
	to = appendText(to, r.code)
	to = append(to, `,"status":`...)
	to = strconv.AppendInt(to, int64(r.status), 10)
	to = append(to, `,"contextId":`...)
	to = appendText(to, contextID)
	return append(to, `,"details":[],"errors":[]}`...)
}

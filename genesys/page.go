package genesys

import "time"

// Cursor says how far a walk has come. The zero Cursor is its beginning.
type Cursor struct {
	Page int // last page that was read; 0: none yet
	Read int // records on the pages up to it
}

// Discrepancy is a sign that the pages of a walk and its totals do not agree.
// It is a fact to be logged and counted, not an error.
type Discrepancy string

const (
	// ShortPage is a page that is not full though more records should follow.
	// The walk goes on.
	ShortPage Discrepancy = "short page before the total was reached"
	// EmptyPage is a page without records before the total was reached. The
	// walk ends: there is nothing to go on with.
	EmptyPage Discrepancy = "empty page before the total was reached"
	// PastEnd is a page that no longer exists, because the total shrank while
	// the pages were read. The walk ends.
	PastEnd Discrepancy = "the total shrank below this page"
)

// Page is one answer of the API.
type Page struct {
	Number      int         // the number that was asked for; an answer's own is not trusted
	Records     []Record    // in the API's order
	Total       int         // records that match, as this answer has it: approximate; -1 where it does not say
	Read        int         // records of the walk up to and including this page
	Last        bool        // the walk ends here
	Discrepancy Discrepancy // "": none
	SentAt      time.Time   // when the request was sent that this is the answer to
	FetchedAt   time.Time   // the same for consumers: later for what was sent later, even if the machine's clock is set back
	Correlation string      // the API's id of the request, for the vendor's support; may be empty

	memory *reservation
}

// judge says whether the walk ends with this page, of which read records came
// before. The rules are those of the contract: a walk counts what it has read
// against the latest total, never pageNumber * pageSize.
func (p *Page) judge(q Query, read int) {
	p.Read = read + len(p.Records)
	reached := p.Total != noTotal && p.Read >= p.Total
	full := len(p.Records) >= q.PageSize
	switch {
	case len(p.Records) == 0:
		p.Last = true
		if p.Total != noTotal && !reached && p.Discrepancy == "" {
			p.Discrepancy = EmptyPage
		}
	case full:
		// The published total is approximate by the vendor's own word: there a
		// full page that reaches it is followed by one more request.
		p.Last = reached && q.Dialect.contract().endsAtTotal
	case reached:
		p.Last = true
	case p.Total != noTotal:
		p.Discrepancy = ShortPage
	}
}

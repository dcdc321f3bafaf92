package genesys

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// Pages walks the pages of a query, beginning after the cursor. Pages come in
// order, one at a time; after the last one, or an error, the sequence ends. A
// page and its records are valid until the loop asks for the next one.
//
// The first page is asked alone. From then on, up to [Config.ReadAhead] pages
// beyond the one in the loop's hands are asked ahead, as far as the latest total
// says that they exist and the memory of the process allows. Pages can then be
// answered in another order than theirs, and a record that arrives meanwhile, on an
// early page, would push another one from a page that is yet to be answered to one that
// has been: it would be on neither. So a page that was sent for before the one before
// it was answered is asked again where its total is the smaller one; and where it was
// refused, because it may have come to exist meanwhile.
//
// An error is the context's, or an [*Error] that waiting cannot mend.
func (c *Client) Pages(ctx context.Context, q Query, after Cursor) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		if q.Dialect != c.config.Dialect || q.Host != c.api.Host {
			yield(nil, fmt.Errorf("query of %s on %s: this client speaks %s with %s", q.Dialect, q.Host, c.config.Dialect, c.api.Host))
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		var ahead []*fetch // what was asked ahead, in order
		defer func() {
			cancel()
			for _, f := range ahead {
				f.drop()
			}
		}()

		read, total := after.Read, noTotal
		var answered time.Time         // of the page before
		before := Page{Total: noTotal} // that one, without its records
		for number := after.Page + 1; ; number++ {
			if len(ahead) == 0 {
				f, err := c.begin(ctx, q, number)
				if err != nil {
					yield(nil, err)
					return
				}
				ahead = append(ahead, f)
			}
			next := ahead[0]
			page, err := next.wait()
			ahead = ahead[1:]
			if next.began.Before(answered) && (isRefusal(err) || err == nil && page.Total < total && page.SentAt.Before(answered)) {
				next = c.start(ctx, q, number, next.room)
				page, err = next.wait()
			}
			answered = next.answered
			if err != nil && number > 1 {
				page, err = c.survivePastEnd(ctx, q, number, before, err)
			}
			if err != nil {
				yield(nil, fmt.Errorf("page %d: %w", number, err))
				return
			}
			page.judge(q, read)
			read, total = page.Read, page.Total
			before = Page{Total: total, SentAt: page.SentAt, FetchedAt: page.FetchedAt}

			for !page.Last && len(ahead) < c.config.ReadAhead && number+len(ahead) < q.lastPage(total) {
				f, ok := c.beginAhead(ctx, q, number+len(ahead)+1)
				if !ok {
					break
				}
				ahead = append(ahead, f)
			}
			more := yield(page, nil)
			if !more {
				page.memory.keep()
			}
			page.memory.release()
			if !more || page.Last {
				return
			}
		}
	}
}

// survivePastEnd decides what a refusal of a page means. Asking beyond the end
// may answer an error, by version; the end can move towards us when the total
// shrinks under the walk. So before the refusal is believed, the total is asked
// for anew, unless the last one already says that this page is beyond the end.
func (c *Client) survivePastEnd(ctx context.Context, q Query, number int, before Page, refusal error) (*Page, error) {
	if !isRefusal(refusal) {
		return nil, refusal
	}
	end := &before
	end.Number, end.memory = number, &reservation{memory: c.memory}
	if before.Total != noTotal && number > q.lastPage(before.Total) {
		return end, nil
	}
	// Nothing is reserved: the pages that were asked ahead may hold all there is.
	first, err := c.page(ctx, q, 1, &reservation{memory: c.memory})
	if err != nil {
		return nil, err
	}
	first.memory.release()
	if first.Total == noTotal || number <= q.lastPage(first.Total) {
		return nil, refusal
	}
	end.Total, end.SentAt, end.FetchedAt, end.Discrepancy = first.Total, first.SentAt, first.FetchedAt, PastEnd
	return end, nil
}

// isRefusal reports whether an answer may mean that a page does not exist.
func isRefusal(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == Rejected && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound)
}

// fetch is a page that was asked for.
type fetch struct {
	done     chan struct{}
	page     *Page
	err      error
	room     *reservation
	began    time.Time
	answered time.Time
}

// begin asks for a page, waiting for memory where there is none.
func (c *Client) begin(ctx context.Context, q Query, number int) (*fetch, error) {
	if err := giveWay(ctx); err != nil {
		return nil, err
	}
	room, err := c.memory.reserve(ctx)
	if err != nil {
		return nil, err
	}
	return c.start(ctx, q, number, room), nil
}

// beginAhead asks for a page if there is memory for it now: reading ahead is no
// reason to wait, nor to take from who wants the budget more.
func (c *Client) beginAhead(ctx context.Context, q Query, number int) (*fetch, bool) {
	if givesWay(ctx) {
		return nil, false
	}
	room, ok := c.memory.tryReserve()
	if !ok {
		return nil, false
	}
	return c.start(ctx, q, number, room), true
}

func (c *Client) start(ctx context.Context, q Query, number int, room *reservation) *fetch {
	f := &fetch{done: make(chan struct{}), room: room, began: time.Now()}
	go func() {
		defer close(f.done)
		if f.page, f.err = c.page(ctx, q, number, room); f.err != nil {
			room.release()
		}
		f.answered = time.Now()
	}()
	return f
}

// wait returns the page once it is there. Its memory is then the caller's to release.
func (f *fetch) wait() (*Page, error) {
	<-f.done
	return f.page, f.err
}

// drop gives up a page that nobody will read. Its context must have ended.
func (f *fetch) drop() {
	if page, err := f.wait(); err == nil {
		page.memory.release()
	}
}
